"""One WebSocket, whatever carries it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from .errors import ChannelConnectionError
from .events import CloseEvent
from .frames import Frame
from .transport_browser import BrowserConnection
from .transport_websockets import WebsocketsConnection


class Listener(Protocol):
    """What a connection tells. After `failed` or `closed` it tells nothing more."""

    def opened(self, protocol: str) -> None: ...

    def received(self, frame: Frame) -> None: ...

    def failed(self, error: ChannelConnectionError) -> None: ...

    def closed(self, event: CloseEvent) -> None: ...


class Connection(Protocol):
    """What a connection can do."""

    def send(self, frame: Frame) -> None:
        """Hands a frame over. Frames leave in this order."""

    async def drain(self) -> None:
        """Waits while a lot is still to be sent."""

    def close(self, code: int, reason: str) -> None:
        """Closes behind all that was handed over; `closed` tells when."""

    def abort(self) -> None:
        """Ends at once, and tells nothing more."""


def open_connection(url: str, protocols: Sequence[str] | None, listener: Listener) -> Connection:
    """Starts to open a connection, with the browser's WebSocket where there is one.

    Raises ChannelConnectionError for what a later attempt would not change.
    """
    if sys.platform == "emscripten":
        return BrowserConnection(url, protocols, listener)
    return WebsocketsConnection(url, protocols, listener)
