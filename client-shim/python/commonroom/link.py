"""One attempt to connect and what becomes of it: refused, open, ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Callable, Protocol

from .connections import Connection, open_connection
from .errors import ChannelConnectionError
from .events import CloseEvent, OpenEvent
from .frames import Frame, Incoming, Refusal, decode

OPEN_TIMEOUT_SECS = 10.0
# A server that refuses does so together with the handshake's answer: a text frame, then a close.
REFUSAL_GRACE_SECS = 0.05
REFUSAL_CLOSE_SECS = 5.0


class LinkOwner(Protocol):
    """Who is told. After `link_failed` or `link_closed` nothing more is told."""

    def link_opened(self, event: OpenEvent) -> None: ...

    def link_received(self, incoming: Incoming) -> None: ...

    def link_failed(self, error: ChannelConnectionError, event: CloseEvent | None) -> None: ...

    def link_closed(self, event: CloseEvent) -> None: ...


class Link:
    """A connection from its first attempt to its end."""

    def __init__(
        self,
        owner: LinkOwner,
        url: str,
        protocols: Sequence[str] | None,
        connect: Callable[..., Connection] = open_connection,
    ) -> None:
        self._owner = owner
        self._is_open = False
        self._has_ended = False
        self._protocol = ""
        self._refusal: Refusal | None = None
        self._loop = asyncio.get_running_loop()
        self._connection = connect(url, protocols, self)
        self._timer = self._loop.call_later(OPEN_TIMEOUT_SECS, self._time_out)

    def send(self, frame: Frame) -> None:
        """Hands a frame over. Only while it is open."""
        self._connection.send(frame)

    async def drain(self) -> None:
        """Waits while a lot is still to be sent."""
        await self._connection.drain()

    def close(self, code: int, reason: str) -> None:
        """Closes behind all that was handed over; `link_closed` tells when."""
        self._connection.close(code, reason)

    def abort(self) -> None:
        """Ends at once, and tells nothing more."""
        self._end()
        self._connection.abort()

    def opened(self, protocol: str) -> None:
        """The handshake is done; whether the server refuses is not known yet."""
        self._protocol = protocol
        # In two steps: what came while the program was busy is seen between them.
        half_secs = REFUSAL_GRACE_SECS / 2
        self._restart_timer(half_secs, lambda: self._restart_timer(half_secs, self._settle))

    def received(self, frame: Frame) -> None:
        """A frame; the first one may be a refusal."""
        incoming = decode(frame)
        is_first = not self._is_open and self._refusal is None
        if is_first and isinstance(incoming, Refusal) and incoming.about is None:
            self._refusal = incoming
            self._restart_timer(REFUSAL_CLOSE_SECS, self._settle)
            return
        self._settle()
        if not self._has_ended:
            self._owner.link_received(incoming)

    def failed(self, error: ChannelConnectionError) -> None:
        """The handshake failed."""
        if self._end():
            self._owner.link_failed(error, None)

    def closed(self, event: CloseEvent) -> None:
        """The connection ended: refused at once, or later."""
        if not self._end():
            return
        if self._is_open:
            self._owner.link_closed(event)
        else:
            self._owner.link_failed(refused(event, self._refusal), event)

    def _settle(self) -> None:
        if self._is_open or self._has_ended:
            return
        self._is_open = True
        self._timer.cancel()
        self._owner.link_opened(OpenEvent(self._protocol))
        if self._refusal is not None and not self._has_ended:
            self._owner.link_received(self._refusal)

    def _time_out(self) -> None:
        self.abort()
        text = f"Failed to connect: no answer within {OPEN_TIMEOUT_SECS:g} s"
        self._owner.link_failed(ChannelConnectionError(text, "timeout"), None)

    def _restart_timer(self, delay_secs: float, act: Callable[[], Any]) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_later(delay_secs, act)

    def _end(self) -> bool:
        had_ended, self._has_ended = self._has_ended, True
        self._timer.cancel()
        return not had_ended


def refused(event: CloseEvent, refusal: Refusal | None) -> ChannelConnectionError:
    """Why the server closed at once: its own words where it gave some."""
    if refusal is not None:
        return ChannelConnectionError(refusal.reason, refusal.code or "connect_failed")
    return ChannelConnectionError(_words(event), "connect_failed")


def lost(event: CloseEvent) -> ChannelConnectionError:
    """What the end of a connection stands for."""
    return ChannelConnectionError(_words(event), "connection_lost")


def _words(event: CloseEvent) -> str:
    reason = f": {event.reason}" if event.reason else ""
    return f"The connection was closed ({event.code}{reason})"
