"""The `websockets` library, for programs. Uses only what its versions 10 and later share."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .errors import ChannelConnectionError
from .events import CloseEvent
from .frames import Frame

# Frames that may wait for a slow network before those who send have to wait.
MOST_UNSENT_FRAMES = 64
ABNORMAL_CLOSE_CODE = 1006


class WebsocketsConnection:
    """A connection of the `websockets` library: one task reads, one writes."""

    def __init__(self, url: str, protocols: Sequence[str] | None, listener: Any) -> None:
        try:
            import websockets
        except ImportError as error:
            raise ChannelConnectionError(
                "The package websockets is missing: pip install websockets", "connect_failed"
            ) from error
        _check_address(url)
        self._listener = listener
        self._socket: Any = None
        self._unsent: deque[Frame] = deque()
        self._closing: tuple[int, str] | None = None
        self._has_work = asyncio.Event()
        self._has_space = asyncio.Event()
        self._has_space.set()
        self._is_aborted = False
        self._task = asyncio.ensure_future(self._run(websockets, url, protocols))

    def send(self, frame: Frame) -> None:
        """Puts a frame behind those that wait for the network."""
        self._unsent.append(frame)
        if len(self._unsent) > MOST_UNSENT_FRAMES:
            self._has_space.clear()
        self._has_work.set()

    async def drain(self) -> None:
        """Waits while more than a few frames wait for the network."""
        await self._has_space.wait()

    def close(self, code: int, reason: str) -> None:
        """Closes behind all that was handed over."""
        self._closing = (code, reason)
        self._has_work.set()

    def abort(self) -> None:
        """Ends at once, and tells nothing more."""
        self._is_aborted = True
        self._task.cancel()

    async def _run(self, websockets: Any, url: str, protocols: Sequence[str] | None) -> None:
        try:
            self._socket = await websockets.connect(
                url,
                subprotocols=list(protocols) if protocols else None,
                max_size=None,
                open_timeout=None,
            )
        except Exception as error:  # Whatever it is, who waits is told, with its cause.
            failure = ChannelConnectionError(f"Failed to connect: {error}", "connect_failed")
            failure.__cause__ = error
            self._tell("failed", failure)
            return
        writer = asyncio.ensure_future(self._write(websockets))
        try:
            self._tell("opened", self._socket.subprotocol or "")
            async for frame in self._socket:
                self._tell("received", frame)
        except websockets.exceptions.ConnectionClosed:
            # However it was closed, the code and the reason below say it.
            pass
        finally:
            writer.cancel()
            self._has_space.set()
            self._socket.transport.abort()
        self._tell("closed", self._end())

    async def _write(self, websockets: Any) -> None:
        try:
            while True:
                await self._has_work.wait()
                self._has_work.clear()
                while self._unsent:
                    await self._socket.send(self._unsent[0])
                    self._unsent.popleft()
                    if len(self._unsent) <= MOST_UNSENT_FRAMES:
                        self._has_space.set()
                if self._closing is not None:
                    await self._socket.close(*self._closing)
                    return
        except websockets.exceptions.ConnectionClosed:
            # The reading task sees the same end, and tells it.
            return

    def _tell(self, what: str, news: Any) -> None:
        if not self._is_aborted:
            getattr(self._listener, what)(news)

    def _end(self) -> CloseEvent:
        code = self._socket.close_code
        reason = self._socket.close_reason
        if code is None:
            return CloseEvent(ABNORMAL_CLOSE_CODE)
        return CloseEvent(int(code), reason or "", code != ABNORMAL_CLOSE_CODE)


def _check_address(url: str) -> None:
    """The address itself is not in the message: it may hold a token."""
    try:
        parts = urlsplit(url)
        # Reading the port raises ValueError too, if it is none.
        is_valid = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ChannelConnectionError("The address is no ws:// or wss:// one", "connect_failed")
