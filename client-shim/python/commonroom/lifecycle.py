"""Connecting, closing, and coming back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Callable, Protocol

from .connections import Connection, open_connection
from .errors import ChannelConnectionError
from .events import CloseEvent, OpenEvent
from .frames import Frame, Incoming
from .link import Link, lost
from .reconnect import Backoff, is_final
from .state import READY_STATES, ChannelState, make_signal

CLOSE_TIMEOUT_SECS = 5.0
CUT = CloseEvent(1006)

log = logging.getLogger("commonroom")


class Settings(Protocol):
    """What may be changed at any time."""

    url: str
    protocols: Sequence[str] | None
    auto_reconnect: bool
    reconnect_delay: float
    max_reconnect_attempts: int | None


class LifecycleOwner(Protocol):
    """Who is told."""

    def opened(self, event: OpenEvent) -> None: ...

    def received(self, incoming: Incoming) -> None: ...

    def closed(self, event: CloseEvent) -> None:
        """A connection, or an attempt to make one, has ended."""

    def given_up(self, error: ChannelConnectionError) -> None:
        """No connection will come by itself."""

    def report(self, error: ChannelConnectionError, is_raised: bool = False) -> None: ...


class Lifecycle:
    """Keeps one connection, or the way to the next one."""

    def __init__(
        self,
        settings: Settings,
        owner: LifecycleOwner,
        connect: Callable[..., Connection] = open_connection,
    ) -> None:
        self._settings = settings
        self._owner = owner
        self._connect = connect
        self._backoff = Backoff()
        self._link: Link | None = None
        self._attempt: asyncio.Future[None] | None = None
        self._is_awaited = False
        self._end: asyncio.Future[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._opened_at_secs = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._state = ChannelState.CLOSED
        self.state_signal, self._signal_state = make_signal(self._state)
        self.ready_state_signal, self._signal_ready = make_signal(READY_STATES[self._state])

    @property
    def state(self) -> ChannelState:
        """Where the connection stands. Between the attempts of a reconnect: CONNECTING."""
        if self._loop is not None and self._loop.is_closed():
            # As after `asyncio.run`, which took the connection along with its loop.
            self._loop = self._link = self._attempt = self._end = self._retry = None
            self._set_state(ChannelState.CLOSED)
        return self._state

    async def connect(self) -> None:
        """Waits for a connection. Raises ChannelConnectionError if this attempt fails."""
        while self.state is ChannelState.CLOSING and self._end is not None:
            await asyncio.shield(self._end)
        if self.state is ChannelState.OPEN:
            return
        attempt = self._attempt or self._start(is_awaited=True)
        self._is_awaited = True
        await asyncio.shield(attempt)

    async def close(self, code: int, reason: str) -> None:
        """Ends the connection, the attempt or the wait for the next attempt."""
        if self.state is ChannelState.OPEN and self._link is not None:
            self._end = asyncio.get_running_loop().create_future()
            self._set_state(ChannelState.CLOSING)
            self._link.close(code, reason)
        error = ChannelConnectionError("The channel was closed", "closed")
        if self.state is ChannelState.CONNECTING:
            event = CloseEvent(code, reason, True)
            if self._link is not None:
                self._link.abort()
                event = CUT
            self._set_state(ChannelState.CLOSING)
            self._ended(event, error)
        self._backoff.attempts = 0
        self._owner.given_up(error)
        if self._end is not None:
            await self._wait_for_end(self._end)

    def send(self, frame: Frame) -> None:
        """Hands a frame over. Only while the state is OPEN."""
        if self._link is not None:
            self._link.send(frame)

    async def drain(self) -> None:
        """Waits while a lot is still to be sent."""
        if self._link is not None:
            await self._link.drain()

    def link_opened(self, event: OpenEvent) -> None:
        """The server did not refuse."""
        self._opened_at_secs = asyncio.get_running_loop().time()
        self._set_state(ChannelState.OPEN)
        self._settle_attempt(None)
        self._owner.opened(event)

    def link_received(self, incoming: Incoming) -> None:
        """A frame."""
        self._owner.received(incoming)

    def link_failed(self, error: ChannelConnectionError, event: CloseEvent | None) -> None:
        """An attempt failed, or the server refused."""
        self._ended(event or CUT, error)

    def link_closed(self, event: CloseEvent) -> None:
        """A connection that was open has ended."""
        lasted_secs = asyncio.get_running_loop().time() - self._opened_at_secs
        self._backoff.connection_ended(lasted_secs, self._settings.reconnect_delay)
        self._ended(event, lost(event))

    def _ended(self, event: CloseEvent, error: ChannelConnectionError) -> None:
        was_asked_for = self.state is ChannelState.CLOSING
        was_attempt = self._attempt is not None
        self._link = None
        self._stop_retry()
        self._set_state(ChannelState.CLOSED)
        end, self._end = self._end, None
        if end is not None and not end.done():
            end.set_result(None)
        self._settle_attempt(error)
        self._owner.closed(event)
        if was_asked_for:
            return
        if was_attempt or is_final(event.code):
            self._owner.report(error, was_attempt and self._is_awaited)
        if self.state is not ChannelState.CLOSED:
            return  # A handler has connected again.
        if is_final(event.code) or not self._settings.auto_reconnect:
            self._give_up(error)
        else:
            self._plan_retry()

    def _start(self, is_awaited: bool) -> asyncio.Future[None]:
        self._stop_retry()
        self._is_awaited = is_awaited
        self._loop = asyncio.get_running_loop()
        attempt = self._attempt = self._loop.create_future()
        attempt.add_done_callback(_look_at)
        self._set_state(ChannelState.CONNECTING)
        try:
            self._link = Link(self, self._settings.url, self._settings.protocols, self._connect)
        except ChannelConnectionError as error:
            # What no later attempt would change: the address, or no WebSocket at all.
            self._set_state(ChannelState.CLOSED)
            self._settle_attempt(error)
            self._owner.report(error, is_awaited)
            self._give_up(error)
        return attempt

    def _plan_retry(self) -> None:
        most = self._settings.max_reconnect_attempts
        delay_secs = self._backoff.next_delay_secs(self._settings.reconnect_delay, most)
        if delay_secs is None:
            text = f"Gave up after {most} attempts to reconnect"
            error = ChannelConnectionError(text, "gave_up")
            self._give_up(error)
            self._owner.report(error)
            return
        loop = self._loop = asyncio.get_running_loop()
        self._retry = loop.call_later(delay_secs, self._try_again)
        self._set_state(ChannelState.CONNECTING)

    def _try_again(self) -> None:
        self._retry = None
        if self._settings.auto_reconnect:
            self._start(is_awaited=False)
        else:
            self._set_state(ChannelState.CLOSED)
            self._give_up(ChannelConnectionError("Not to reconnect any more", "gave_up"))

    def _give_up(self, error: ChannelConnectionError) -> None:
        self._backoff.attempts = 0
        self._owner.given_up(error)

    def _stop_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    async def _wait_for_end(self, end: asyncio.Future[None]) -> None:
        await asyncio.wait([end], timeout=CLOSE_TIMEOUT_SECS)
        if not end.done() and self._link is not None:
            self._link.abort()
            self.link_closed(CUT)

    def _settle_attempt(self, error: ChannelConnectionError | None) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is None or attempt.done():
            return
        if error is None:
            attempt.set_result(None)
        else:
            attempt.set_exception(error)

    def _set_state(self, state: ChannelState) -> None:
        self._state = state
        try:
            self._signal_ready(READY_STATES[state])
            self._signal_state(state)
        except Exception:
            log.exception("the state's signal failed")


def _look_at(attempt: asyncio.Future[Any]) -> None:
    """Marks the outcome as seen: an attempt that nobody waits for is reported otherwise."""
    if not attempt.cancelled():
        attempt.exception()
