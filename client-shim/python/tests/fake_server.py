"""A WebSocket server of a few lines, for what a real server does only on its bad days."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
from collections.abc import Awaitable
from typing import Any, Callable

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """One client's connection, as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.frames: list[Any] = []
        self.close_code: int | None = None
        self.is_closing = False

    def send(self, frame: Any) -> None:
        """Sends bytes as they are, text as it is, and everything else as JSON."""
        if isinstance(frame, bytes):
            self.write(2, frame)
        else:
            self.write(1, (frame if isinstance(frame, str) else json.dumps(frame)).encode())

    def close(self, code: int, reason: str = "") -> None:
        self.is_closing = True
        self.write(8, struct.pack("!H", code) + reason.encode())

    def drop(self) -> None:
        """Ends the connection as a cable that is pulled out does."""
        self.writer.transport.abort()

    def write(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([size])
        elif size < 65536:
            head += b"\x7e" + struct.pack("!H", size)
        else:
            head += b"\x7f" + struct.pack("!Q", size)
        self.writer.write(head + payload)

    async def receive(self) -> Any | bytes | None:
        """The next frame: JSON read, other text and bytes as they are; None at the end."""
        try:
            while True:
                first, second = await self.reader.readexactly(2)
                size = second & 0x7F
                if size == 126:
                    (size,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
                mask = await self.reader.readexactly(4)
                data = await self.reader.readexactly(size)
                payload = bytes(each ^ mask[index % 4] for index, each in enumerate(data))
                opcode = first & 0x0F
                if opcode == 8:
                    self.close_code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                    if not self.is_closing:
                        self.write(8, payload)
                    self.writer.close()
                    return None
                if opcode == 9:
                    self.write(10, payload)
                if opcode in (1, 2):
                    frame = _read(opcode, payload)
                    self.frames.append(frame)
                    return frame
        except (asyncio.IncompleteReadError, ConnectionError):
            return None


def _read(opcode: int, payload: bytes) -> Any:
    if opcode == 2:
        return payload
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode()


Serve = Callable[[Peer], Awaitable[None]]


async def agreeable(peer: Peer) -> None:
    """Says yes to every request, and says nothing else."""
    while True:
        frame = await peer.receive()
        if frame is None:
            return
        if isinstance(frame, dict) and "_id" in frame:
            peer.send({"_re": frame["_id"], "status": "ok", "response": {"id": "me"}})


class FakeServer:
    """Accepts clients, and serves each as told."""

    def __init__(self, serve: Serve = agreeable, http_status: str = "101 Switching Protocols"):
        self.serve = serve
        self.http_status = http_status
        self.requests = 0
        self.peers: list[Peer] = []
        self._server: Any = None
        self.port = 0

    async def __aenter__(self) -> FakeServer:
        await self.start()
        return self

    async def __aexit__(self, *_error: Any) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stops listening, and drops all clients."""
        self._server.close()
        for peer in self.peers:
            peer.drop()
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def frames(self) -> list[Any]:
        """All frames of all clients."""
        return [frame for peer in self.peers for frame in peer.frames]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        headers = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if line)
        key = next(value for name, value in headers.items() if name.lower() == "sec-websocket-key")
        accept = base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()
        peer = Peer(reader, writer)
        if not self.http_status.startswith("101"):
            writer.write(f"HTTP/1.1 {self.http_status}\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        writer.write(
            f"HTTP/1.1 {self.http_status}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self.peers.append(peer)
        await self.serve(peer)
        while peer.is_closing and await peer.receive() is not None:
            pass
