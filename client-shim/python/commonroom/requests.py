"""Frames that ask for a reply, and who waits for it."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional

from .errors import ChannelMessageError
from .frames import Reply

Settle = Callable[[Optional[Reply]], None]


class Requests:
    """Requests that were sent, by id."""

    def __init__(self) -> None:
        self._last_id = 0
        self._pending: dict[str, Settle] = {}

    def next_id(self) -> str:
        """An id that no request has had. No number, as those that a program numbers itself."""
        self._last_id += 1
        return f"c{self._last_id}"

    def expect(self, request_id: str, settle: Settle) -> None:
        """Calls `settle` with the reply, or with None when the connection is lost before."""
        self._pending[request_id] = settle

    def forget(self, request_id: str | None) -> None:
        """Ignores a reply that may still come."""
        if request_id is not None:
            self._pending.pop(request_id, None)

    def answer(self, reply: Reply) -> None:
        """Settles the request of this reply; one that nobody waits for is ignored."""
        settle = self._pending.pop(reply.id, None) if isinstance(reply.id, str) else None
        if settle is not None:
            settle(reply)

    def connection_lost(self) -> None:
        """Settles all with None."""
        pending, self._pending = self._pending, {}
        for settle in pending.values():
            settle(None)


class Question:
    """One request that somebody waits for, from the time before it is sent."""

    def __init__(self, requests: Requests, room: str) -> None:
        self._requests = requests
        self._room = room
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Any] = self._loop.create_future()
        self._began_secs = self._loop.time()
        self._is_sent = False
        self.id = requests.next_id()

    def sent(self) -> None:
        """It is on its way: the time for the answer begins."""
        self._is_sent = True
        self._began_secs = self._loop.time()
        self._requests.expect(self.id, self._settle)

    def fail(self, error: ChannelMessageError) -> None:
        """There will be no answer."""
        if not self._answer.done():
            self._answer.set_exception(error)

    async def answer(self, timeout_secs: float, is_under_way: Callable[[], bool]) -> Any:
        """Waits for the response: for so long once it is sent, and before if nothing is under way.

        Raises ChannelMessageError.
        """
        try:
            while not self._answer.done():
                left_secs = self._began_secs + timeout_secs - self._loop.time()
                if left_secs > 0:
                    await asyncio.wait([self._answer], timeout=left_secs)
                elif self._is_sent:
                    text = f"No answer within {timeout_secs:g} s"
                    raise ChannelMessageError(text, "timeout", self._room)
                elif is_under_way():
                    self._began_secs = self._loop.time()
                else:
                    raise ChannelMessageError("Not connected", "not_connected", self._room)
            return self._answer.result()
        finally:
            self._requests.forget(self.id)

    def _settle(self, reply: Reply | None) -> None:
        if self._answer.done():
            return
        if reply is None:
            self.fail(ChannelMessageError("The connection was lost", "connection_lost", self._room))
        elif reply.is_ok:
            self._answer.set_result(reply.response)
        else:
            self.fail(refusal_of(reply, self._room))


def refusal_of(reply: Reply, room: str | None) -> ChannelMessageError:
    """The error that a refusing reply stands for."""
    response: Any = reply.response if isinstance(reply.response, dict) else {}
    reason, code = response.get("reason"), response.get("code")
    return ChannelMessageError(
        reason if isinstance(reason, str) else "refused",
        code if isinstance(code, str) else None,
        room,
    )
