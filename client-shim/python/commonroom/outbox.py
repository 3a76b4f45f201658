"""Messages that wait for a connection."""

from __future__ import annotations

from collections import deque
from typing import Callable

from .errors import ChannelMessageError
from .frames import Frame


class Sending:
    """A frame on its way, with what to do once it is handed over."""

    def __init__(
        self,
        frame: Frame,
        room: str | None,
        on_sent: Callable[[], None] | None = None,
        on_dropped: Callable[[ChannelMessageError], None] | None = None,
    ) -> None:
        self.frame = frame
        self.room = room
        self.on_sent = on_sent
        self.on_dropped = on_dropped


class Outbox:
    """What was sent without a connection, in order."""

    def __init__(self) -> None:
        self._sendings: deque[Sending] = deque()

    def __len__(self) -> int:
        return len(self._sendings)

    def put(self, sending: Sending, most: int) -> None:
        """Raises ChannelMessageError if there are as many as there may be."""
        if len(self._sendings) >= most:
            raise ChannelMessageError(
                f"{most} messages are waiting for a connection already", "queue_full", sending.room
            )
        self._sendings.append(sending)

    def take(self) -> Sending:
        """The oldest one."""
        return self._sendings.popleft()

    def discard(self, sending: Sending) -> None:
        """Removes one, if it is still there."""
        if sending in self._sendings:
            self._sendings.remove(sending)

    def take_room(self, room: str) -> list[Sending]:
        """Removes and gives those of one room."""
        taken = [sending for sending in self._sendings if sending.room == room]
        self._sendings = deque(each for each in self._sendings if each.room != room)
        return taken

    def take_pushes(self) -> list[Sending]:
        """Removes and gives those that somebody waits for."""
        taken = [sending for sending in self._sendings if sending.on_dropped is not None]
        self._sendings = deque(each for each in self._sendings if each.on_dropped is None)
        return taken
