"""Publishes this machine's CPU load, memory and uptime, four times a second.

Needs Linux and the redis package (4.3 or later). REDIS_URL says where Redis is.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import timedelta

import redis

CHANNEL = "to:system:update-node"
PERIOD_S = 0.25


class CpuLoad:
    """Share of the time since the last reading in which the processors were busy, in percent."""

    def __init__(self):
        self._last = read_cpu_times()

    def read(self):
        now = read_cpu_times()
        busy, total = (new - old for new, old in zip(now, self._last))
        self._last = now
        return 100 * busy / total if total > 0 else 0.0


def read_cpu_times():
    """Busy and total time of all processors since the start, in ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, idle, iowait, *interrupts = map(int, file.readline().split()[1:8])
    busy = user + nice + system + sum(interrupts)
    return busy, busy + idle + iowait


def ram_usage():
    """Memory that is not available to new programs, in percent."""
    with open("/proc/meminfo", encoding="ascii") as file:
        sizes = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in file)}
    return 100 * (1 - sizes["MemAvailable"] / sizes["MemTotal"])


def uptime():
    """How long the machine has been up: 0:00:05, or 1 day, 2:03:04."""
    with open("/proc/uptime", encoding="ascii") as file:
        return str(timedelta(seconds=int(float(file.read().split()[0]))))


def publish(client, cpu_percent):
    """Publishes the four figures in one go."""
    pipeline = client.pipeline(transaction=False)
    for name, value in (
        ("uptime", uptime()),
        ("info_utc", int(time.time() * 1000)),
        ("cpu_load", f"{cpu_percent:.2f}%"),
        ("ram_usage", f"{ram_usage():.2f}%"),
    ):
        pipeline.publish(CHANNEL, json.dumps({"el": name, "value": value}))
    pipeline.execute()


def main():
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    cpu_load = CpuLoad()
    is_down = False
    while not stop.wait(PERIOD_S):
        try:
            publish(client, cpu_load.read())
        except redis.RedisError as error:
            # The client connects again by itself at the next attempt.
            if not is_down:
                print(f"backend: Redis is not reachable, trying again ({error})", file=sys.stderr)
            is_down = True
        else:
            if is_down:
                print("backend: Redis is back", file=sys.stderr)
            is_down = False


if __name__ == "__main__":
    main()
