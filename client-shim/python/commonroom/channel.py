"""The channel: one connection, its rooms and its handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from .errors import ChannelConnectionError, ChannelMessageError
from .exchange import Exchange
from .frames import encode_message, encode_push
from .handlers import Handler
from .state import READY_STATES, ChannelState

NO_PAYLOAD: Any = object()
MOST_CLOSE_REASON_BYTES = 123


class Channel:
    """Rooms over one WebSocket.

    url: ws:// or wss://, with `?token=` if the server asks for one.
    protocols: sub-protocols to offer.
    auto_reconnect: come back after a lost connection, and keep what is sent meanwhile.
    reconnect_delay: seconds before the first attempt to come back; doubled for each further one,
        up to 30 s, and shortened at random by up to a half.
    max_reconnect_attempts: attempts in a row; None for as many as it takes.
    max_queued: messages that may wait for a connection.
    join_timeout: seconds that a join, a leave or a push waits for its answer.

    All of them may be changed later, and count from then on.

        channel = Channel("ws://localhost:2347/ws", auto_reconnect=True)
        channel.on_message(print)
        await channel.connect()
        await channel.join("lobby")
        await channel.send_to("lobby", {"text": "hello"})
    """

    def __init__(
        self,
        url: str,
        protocols: Sequence[str] | None = None,
        auto_reconnect: bool = False,
        reconnect_delay: float = 1.0,
        max_reconnect_attempts: int | None = None,
        *,
        max_queued: int = 1000,
        join_timeout: float = 10.0,
    ) -> None:
        self.url = url
        self.protocols = protocols
        self.auto_reconnect = auto_reconnect
        self.reconnect_delay = reconnect_delay
        self.max_reconnect_attempts = max_reconnect_attempts
        self.max_queued = max_queued
        self.join_timeout = join_timeout
        self._exchange = Exchange(self)
        self._handlers = self._exchange.handlers
        self._lifecycle = self._exchange.lifecycle
        self._rooms = self._exchange.rooms
        self.state_signal = self._lifecycle.state_signal
        self.ready_state_signal = self._lifecycle.ready_state_signal

    @property
    def state(self) -> ChannelState:
        """Where the connection stands."""
        return self._lifecycle.state

    @property
    def ready_state(self) -> int:
        """The same as a WebSocket's number: 0 connecting, 1 open, 2 closing, 3 closed."""
        return READY_STATES[self.state]

    @property
    def is_connected(self) -> bool:
        """Whether the state is OPEN."""
        return self.state is ChannelState.OPEN

    @property
    def is_connecting(self) -> bool:
        """Whether the state is CONNECTING."""
        return self.state is ChannelState.CONNECTING

    async def connect(self) -> None:
        """Opens the connection; does nothing if it is open, and joins an attempt under way.

        Raises ChannelConnectionError, with the server's reason and code if it gave some. With
        `auto_reconnect` further attempts follow all the same.
        """
        await self._lifecycle.connect()

    async def close(self, code: int = 1000, reason: str = "Normal closure") -> None:
        """Closes, and stops all attempts. Rooms and waiting messages are kept for `connect()`.

        Raises ChannelConnectionError if a client may not send this code or reason.
        """
        if code != 1000 and not 3000 <= code <= 4999:
            raise ChannelConnectionError(f"{code} is not 1000 or 3000 to 4999", "close_invalid")
        if len(reason.encode("utf-8")) > MOST_CLOSE_REASON_BYTES:
            text = f"The reason has more than {MOST_CLOSE_REASON_BYTES} bytes"
            raise ChannelConnectionError(text, "close_invalid")
        await self._lifecycle.close(code, reason)

    async def send(self, message: Any, room: str | None = None) -> None:
        """Sends into a room, or without one. Returns once it is handed over or waits its turn.

        Raises ChannelMessageError if it is neither. What the server refuses later comes to the
        error handlers.
        """
        if room is not None:
            _check_room(room)
        await self._exchange.send(
            room, lambda request_id: encode_message(message, room, request_id)
        )

    async def send_to(self, room: str, message: Any) -> None:
        """Sends into a room."""
        await self.send(message, room)

    async def push(self, room: str, event: str, payload: Any = NO_PAYLOAD) -> Any:
        """Sends an event into a room and gives the response of the reply.

        Raises ChannelMessageError if it is refused, if the connection is lost before the reply,
        and after `join_timeout` without a reply.
        """
        _check_room(room)
        payload = {} if payload is NO_PAYLOAD else payload
        return await self._exchange.push(
            room, lambda request_id: encode_push(room, event, payload, request_id)
        )

    async def join(
        self, room: str, params: Mapping[str, Any] | None = None, **more_params: Any
    ) -> Any:
        """Joins a room and gives the server's response, once there is one.

        Params are the channel's own, and `token`, `meta` and `presence=True` (to be told who is
        there). Left out, they stay as they are. Where the room keeps a log, the join asks for
        what this client has missed, unless they say `since`. Raises ChannelMessageError if the
        join is refused, and for want of an answer or a connection (`timeout`, `not_connected`,
        …); then the next connection joins the room all the same.
        """
        _check_room(room)
        wanted = {**(params or {}), **more_params}
        keeps_params = params is None and not more_params
        return await self._rooms.join(room, None if keeps_params else wanted)

    async def leave(self, room: str) -> None:
        """Leaves a room; does nothing for one that is not joined.

        Its handlers are removed, and what still waits to be sent to it is dropped: pushes raise
        `room_left`. Returns once the server has answered; at once without a connection.
        """
        await self._exchange.leave(room)

    def is_in_room(self, room: str) -> bool:
        """Whether a room is joined, or will be with the next connection."""
        return room in self._rooms

    def get_rooms(self) -> list[str]:
        """The rooms that are joined, or will be with the next connection."""
        return self._rooms.names()

    def on_open(self, handler: Handler) -> Handler:
        """Calls `handler()` or `handler(event)` at every opened connection."""
        return self._handlers.add("open", handler)

    def on_close(self, handler: Handler) -> Handler:
        """Calls `handler()` or `handler(event)` when a connection, or an attempt, has ended."""
        return self._handlers.add("close", handler)

    def on_message(self, handler: Handler) -> Handler:
        """Calls `handler(message)` or `handler(message, meta)`; meta has `room` and `event`."""
        return self._handlers.add("message", handler)

    def on_error(self, handler: Handler) -> Handler:
        """Calls `handler(error)` with a ChannelError for whatever nobody else is told."""
        return self._handlers.add("error", handler)

    def on_room_message(self, room: str, handler: Handler | None = None) -> Callable[..., Any]:
        """Like `on_message`, for one room. Without a handler it is a decorator."""
        if handler is None:
            return lambda decorated: self._handlers.add_room(room, decorated)
        return self._handlers.add_room(room, handler)

    def remove_handler(self, handler: Handler) -> bool:
        """Removes a handler that is not a room's. False if there was none."""
        return self._handlers.remove(handler)

    def remove_room_handler(self, room: str, handler: Handler) -> bool:
        """Removes a room's handler. False if there was none."""
        return self._handlers.remove_room(room, handler)

    def clear_handlers(self) -> None:
        """Removes all handlers, those of rooms too."""
        self._handlers.clear()

    def clear_room_handlers(self, room: str | None = None) -> None:
        """Removes the handlers of a room, or of all rooms."""
        self._handlers.clear_rooms(room)


def _check_room(room: Any) -> None:
    if not isinstance(room, str):
        raise ChannelMessageError(f"A room's name is a string, not {room!r}", "message_invalid")
