"""The state of a connection, and values that can be watched."""

from __future__ import annotations

import logging
from enum import Enum
from typing import Any, Callable

log = logging.getLogger("commonroom")


class ChannelState(Enum):
    """Where a channel stands."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


READY_STATES = {
    ChannelState.CONNECTING: 0,
    ChannelState.OPEN: 1,
    ChannelState.CLOSING: 2,
    ChannelState.CLOSED: 3,
}


class Signal:
    """A value that tells its subscribers of each change. Calling it gives the value."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._subscribers: list[Callable[[Any], Any]] = []

    def __call__(self) -> Any:
        return self._value

    def subscribe(self, subscriber: Callable[[Any], Any]) -> Callable[[], None]:
        """Calls `subscriber(value)` at each change; the returned function ends that."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def set(self, value: Any) -> None:
        """Changes the value."""
        if value == self._value:
            return
        self._value = value
        for subscriber in list(self._subscribers):
            try:
                subscriber(value)
            except Exception:
                log.exception("a subscriber failed")


def make_signal(value: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """A getter and a setter: Metafor's own signal where Metafor is there."""
    try:
        from metafor.core import create_signal
    except ImportError:
        signal = Signal(value)
        return signal, signal.set
    getter, setter = create_signal(value)
    return getter, setter
