"""Runs commands as AWX runs jobs, and tells what they print while they print it.

Needs the redis package (4.3 or later). REDIS_URL says where Redis is.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from datetime import datetime, timezone

import redis

from commonroom_tower import emit_channel_notification

# AWX tells at most 30 events a second of a job. Here the command waits; there, events are left out.
LINE_PERIOD_S = 1 / 30
PAUSE_S = 4
# Time enough for a page to ask for the events of a job that has come up.
QUEUE_S = 1.5


class Job:
    """One run of a template's command."""

    def __init__(self, job_id, template):
        self.id = job_id
        self.template = template
        self.counter = 0
        self.uuid = str(uuid.uuid4())

    def run(self, stop):
        """Runs to the command's end, or until it is told to stop."""
        self.tell_status("pending")
        stop.wait(QUEUE_S)
        self.tell_status("waiting")
        process = subprocess.Popen(
            self.template["command"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.tell_status("running", instance_group_name="default")
        with process:
            for line in process.stdout:
                self.tell_line(line.rstrip("\n"))
                if stop.wait(LINE_PERIOD_S):
                    process.kill()
        finished = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        summary = {"group_name": "jobs", "unified_job_id": self.id, "final_counter": self.counter}
        emit_channel_notification("jobs-summary", summary)
        self.tell_status(self.outcome(process.returncode, stop), finished=finished)

    def outcome(self, exit_code, stop):
        """The status that a job ends with."""
        if stop.is_set():
            return "canceled"
        return "successful" if exit_code == 0 else "failed"

    def tell_status(self, status, **more):
        """Tells everyone who follows the jobs of a status, with the keys in AWX's order."""
        payload = {"unified_job_id": self.id, "status": status, **more}
        payload |= {"type": "job", "group_name": "jobs"}
        payload["unified_job_template_id"] = self.template["id"]
        emit_channel_notification("jobs-status_changed", payload)

    def tell_line(self, text):
        """Tells those who follow this job of a line that it printed."""
        self.counter += 1
        now = datetime.now(timezone.utc).isoformat()
        event_id = self.id * 1_000_000 + self.counter
        payload = {
            "id": event_id,
            "job": self.id,
            "created": now,
            "modified": now,
            "group_name": "job_events",
            "url": f"/api/v2/job_events/{event_id}",
            "stdout": text,
            "counter": self.counter,
            "uuid": str(uuid.uuid4()),
            "parent_uuid": self.uuid,
            "start_line": self.counter - 1,
            "end_line": self.counter,
            "event": "verbose",
            "event_data": {},
            "failed": False,
            "changed": False,
            "event_level": 0,
            "play": "",
            "role": "",
            "task": "",
        }
        emit_channel_notification(f"job_events-{self.id}", payload)


def main():
    """Runs one job after another, taking the templates in turn."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    templates = json.loads(os.environ["JOB_TEMPLATES"])
    for job_id, template in zip(itertools.count(1), itertools.cycle(templates)):
        try:
            Job(job_id, template).run(stop)
        except redis.RedisError as error:
            print(f"runner: job {job_id}: Redis is not reachable ({error})", file=sys.stderr)
        if stop.wait(PAUSE_S):
            return


if __name__ == "__main__":
    main()
