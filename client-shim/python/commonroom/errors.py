"""What can go wrong, as exceptions."""

from __future__ import annotations


class ChannelError(Exception):
    """A failure of a channel.

    message: English text for people.
    code: stable name for programs, the server's own or one of the README's list.
    room: the room it is about, if it is about one.
    """

    def __init__(self, message: str, code: str | None = None, room: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.room = room


class ChannelConnectionError(ChannelError):
    """The connection could not be opened, was refused, or is given up."""


class ChannelMessageError(ChannelError):
    """A message, a join, a leave or a push failed or was refused."""
