"""The browser's own WebSocket, for Python in a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import ChannelConnectionError
from .events import CloseEvent
from .frames import Frame


class BrowserConnection:
    """A `js.WebSocket`. Its listeners are the only proxies, and end with it."""

    def __init__(self, url: str, protocols: Sequence[str] | None, listener: Any) -> None:
        try:
            from js import WebSocket
        except ImportError as error:
            raise ChannelConnectionError("There is no WebSocket here", "connect_failed") from error
        from pyodide.ffi import JsException, create_proxy, to_js

        self._to_js = to_js
        self._listener = listener
        self._was_opened = False
        try:
            if protocols:
                self._socket = WebSocket.new(url, to_js(list(protocols)))
            else:
                self._socket = WebSocket.new(url)
        except JsException as error:
            raise ChannelConnectionError(
                "The address or the sub-protocols are not valid", "connect_failed"
            ) from error
        self._socket.binaryType = "arraybuffer"
        self._proxies = {
            "open": create_proxy(self._opened),
            "message": create_proxy(self._received),
            "error": create_proxy(self._failed),
            "close": create_proxy(self._closed),
        }
        for name, proxy in self._proxies.items():
            self._socket.addEventListener(name, proxy)

    def send(self, frame: Frame) -> None:
        """Hands a frame over to the browser."""
        self._socket.send(frame if isinstance(frame, str) else self._to_js(frame))

    async def drain(self) -> None:
        """The browser takes all at once."""

    def close(self, code: int, reason: str) -> None:
        """Closes behind all that was handed over."""
        self._socket.close(code, reason)

    def abort(self) -> None:
        """Ends at once, and tells nothing more."""
        if self._release():
            self._socket.close()

    def _opened(self, _event: Any) -> None:
        self._was_opened = True
        self._listener.opened(str(self._socket.protocol or ""))

    def _received(self, event: Any) -> None:
        data = event.data
        self._listener.received(data if isinstance(data, str) else data.to_bytes())

    def _failed(self, _event: Any) -> None:
        # A close event always follows; this one only says that something was wrong.
        pass

    def _closed(self, event: Any) -> None:
        end = CloseEvent(int(event.code), str(event.reason), bool(event.wasClean))
        if not self._release():
            return
        if self._was_opened:
            self._listener.closed(end)
        else:
            self._listener.failed(
                ChannelConnectionError("The connection could not be opened", "connect_failed")
            )

    def _release(self) -> bool:
        """Takes the listeners off and destroys their proxies. False if that was done before."""
        proxies, self._proxies = self._proxies, {}
        for name, proxy in proxies.items():
            self._socket.removeEventListener(name, proxy)
            proxy.destroy()
        return bool(proxies)
