"""A client in the style of AWX's own test kit, on nothing but the standard library.

Usage: awx_client.py PORT. Subscribes to the jobs, then to the events of the first job that becomes
pending, prints every message, and ends after the answer to its unsubscription.
"""

import base64
import json
import os
import socket
import struct
import sys

COOKIE = 'awx_sessionid="s1";csrftoken=TOK'


class Client:
    """One WebSocket connection; frames of up to 64 KiB."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.reader = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            "GET /websocket/ HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Cookie: {COOKIE}",
        ]
        self.socket.sendall("\r\n".join([*head, "", ""]).encode())
        status = self.reader.readline()
        assert b" 101 " in status, status
        while self.reader.readline() != b"\r\n":
            pass

    def subscribe(self, **groups):
        text = json.dumps({"groups": groups, "xrftoken": "TOK"}).encode()
        size = bytes([0x80 | len(text)]) if len(text) < 126 else struct.pack("!BH", 0xFE, len(text))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
        self.socket.sendall(b"\x81" + size + mask + masked)

    def receive(self):
        kind, size = self.reader.read(2)
        assert kind == 0x81, kind
        if size == 126:
            (size,) = struct.unpack("!H", self.reader.read(2))
        text = self.reader.read(size).decode()
        print(text, flush=True)
        return json.loads(text)


def main():
    client = Client(int(sys.argv[1]))
    client.subscribe(jobs=["status_changed"])
    is_done = False
    while True:
        message = client.receive()
        if message.get("group_name") == "jobs" and message.get("status") == "pending":
            client.subscribe(jobs=["status_changed"], job_events=[message["unified_job_id"]])
        if message.get("group_name") == "job_events":
            client.subscribe()
            is_done = True
        if is_done and "groups_current" in message:
            return


if __name__ == "__main__":
    main()
