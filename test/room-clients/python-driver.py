"""Drives channels for a test: requests and answers are JSON, one a line in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Any

from commonroom import Channel, ChannelError


class Client:
    """One channel and all that its handlers were told."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self.channel = Channel(url, **options)
        self.heard: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.closes: list[int] = []
        self.listening: set[str] = set()
        self.channel.on_message(lambda message, meta: self.note("all", message, meta))
        self.channel.on_error(lambda error: self.errors.append(failure_of(error)))
        self.channel.on_close(lambda event: self.closes.append(event.code))

    def note(self, via: str, message: Any, meta: Any) -> None:
        self.heard.append(
            {"via": via, "room": meta.room, "event": meta.event, "message": to_wire(message)}
        )

    def listen(self, room: str) -> None:
        if room not in self.listening:
            self.listening.add(room)
            self.channel.on_room_message(
                room, lambda message, meta: self.note("room", message, meta)
            )

    async def join(self, room: str, *params: Any) -> Any:
        return to_wire(await self.channel.join(room, *params))

    async def leave(self, room: str) -> None:
        self.listening.discard(room)
        await self.channel.leave(room)

    async def do(self, op: str, args: list[Any]) -> Any:
        args = [from_wire(each) for each in args]
        if op in ("join", "leave"):
            return await getattr(self, op)(*args)
        if op in ("connect", "close", "send"):
            return await getattr(self.channel, op)(*args)
        if op == "push":
            return to_wire(await self.channel.push(*args))
        if op == "listen":
            return self.listen(*args)
        if op == "rooms":
            return self.channel.get_rooms()
        if op == "state":
            return self.channel.state.value
        # The lists of what was heard, from an index on.
        return getattr(self, op)[args[0] :]


class Driver:
    """Does what requests ask for, and answers each."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}

    async def handle(self, text: str) -> str:
        request = json.loads(text)
        answer: dict[str, Any] = {"n": request["n"]}
        try:
            answer["value"] = await self.do(**request)
        except ChannelError as error:
            answer["error"] = failure_of(error)
        return json.dumps(answer)

    async def do(self, n: int, client: str, op: str, args: list[Any]) -> Any:
        if op == "open":
            self.clients[client] = Client(*args)
            return None
        if op == "stop":
            await self.clients.pop(client).channel.close()
            return None
        return await self.clients[client].do(op, args)


def failure_of(error: ChannelError) -> dict[str, Any]:
    return {"name": type(error).__name__, "message": str(error), "code": error.code}


def to_wire(value: Any) -> Any:
    """Bytes travel as base64."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


def from_wire(value: Any) -> Any:
    if isinstance(value, dict) and list(value) == ["$bytes"]:
        return base64.b64decode(value["$bytes"])
    return value


async def main() -> None:
    driver = Driver()
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks: set[Any] = set()

    async def answer(line: bytes) -> None:
        print(await driver.handle(line.decode()), flush=True)

    while True:
        line = await reader.readline()
        if not line:
            return
        task = asyncio.ensure_future(answer(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(main())
