"""What handlers are told besides the message itself."""

from __future__ import annotations

from typing import NamedTuple


class MessageMeta(NamedTuple):
    """Where a message belongs. `room` is None for a message without a room."""

    room: str | None
    event: str


class OpenEvent(NamedTuple):
    """A connection was opened. `protocol` is the sub-protocol, or empty."""

    protocol: str = ""


class CloseEvent(NamedTuple):
    """A connection ended. `code` is 1006 if it ended without a close frame."""

    code: int
    reason: str = ""
    was_clean: bool = False

    @property
    def wasClean(self) -> bool:  # noqa: N802
        """The name that it has in a browser."""
        return self.was_clean
