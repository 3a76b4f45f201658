"""What goes over a channel's connection: messages, requests, rooms."""

from __future__ import annotations

from typing import Any, Callable, Protocol

from .errors import ChannelConnectionError, ChannelError, ChannelMessageError
from .events import CloseEvent, MessageMeta, OpenEvent
from .frames import (
    Acknowledgement,
    Frame,
    Incoming,
    Message,
    Refusal,
    Reply,
    encode_leave,
)
from .handlers import Handlers
from .lifecycle import Lifecycle, Settings
from .outbox import Outbox, Sending
from .requests import Question, Requests, refusal_of
from .rooms import Rooms
from .state import ChannelState


class ExchangeSettings(Settings, Protocol):
    """What may be changed at any time."""

    max_queued: int
    join_timeout: float


class Exchange:
    """Sends now or later, and hands what comes to whom it is for."""

    def __init__(self, settings: ExchangeSettings) -> None:
        self._settings = settings
        self._requests = Requests()
        self._outbox = Outbox()
        self._leaves: dict[str, str] = {}
        self.handlers = Handlers()
        self.rooms = Rooms(self, self._requests)
        self.lifecycle = Lifecycle(settings, self)

    @property
    def is_connected(self) -> bool:
        """Whether what is sent goes out now."""
        return self.lifecycle.state is ChannelState.OPEN

    @property
    def is_under_way(self) -> bool:
        """Whether a connection is there or will come by itself."""
        return self.lifecycle.state in (ChannelState.OPEN, ChannelState.CONNECTING)

    @property
    def join_timeout(self) -> float:
        """Seconds that a request waits for its answer."""
        return self._settings.join_timeout

    @property
    def reconnect_delay(self) -> float:
        """Seconds before a first new attempt."""
        return self._settings.reconnect_delay

    def transmit(self, frame: Frame) -> None:
        """Sends now. Only while connected."""
        self.lifecycle.send(frame)

    async def send(self, room: str | None, make_frame: Callable[[str | None], Frame]) -> None:
        """Hands a frame over, or keeps it for the next connection.

        Where the room keeps a log, the frame asks for an answer, which tells its offset.
        """
        request_id = self._requests.next_id() if self.rooms.keeps_log(room) else None

        def expect_offset() -> None:
            if request_id is not None:
                self._requests.expect(request_id, lambda reply: self._logged(room, reply))

        self._hand_over(Sending(make_frame(request_id), room, expect_offset))
        await self.lifecycle.drain()

    async def push(self, room: str, make_frame: Callable[[str], Frame]) -> Any:
        """Sends a request and gives the response to it. Raises ChannelMessageError."""
        question = Question(self._requests, room)
        sending = Sending(make_frame(question.id), room, question.sent, question.fail)
        self._hand_over(sending)
        try:
            response = await question.answer(self.join_timeout, lambda: self.is_under_way)
        finally:
            self._outbox.discard(sending)
        self.rooms.seen(room, _offset_in(response))
        return response

    async def leave(self, room: str) -> None:
        """Forgets a room and all that still waits to be sent to it, and tells the server."""
        if not self.rooms.leave(room):
            return
        self.handlers.clear_rooms(room)
        for sending in self._outbox.take_room(room):
            if sending.on_dropped is not None:
                error = ChannelMessageError("The room was left", "room_left", room)
                sending.on_dropped(error)
        if not self.is_connected:
            return

        def make_frame(request_id: str) -> Frame:
            self._leaves[room] = request_id
            return encode_leave(room, request_id)

        try:
            await self.push(room, make_frame)
        except ChannelMessageError as error:
            if error.code != "connection_lost":
                raise
            # Whoever is not connected is in no room.
        finally:
            self._leaves.pop(room, None)

    def opened(self, event: OpenEvent) -> None:
        """A connection is there: first the rooms, then what waited, then the handlers."""
        self.rooms.rejoin_all()
        while self._outbox and self.is_connected:
            self._send_now(self._outbox.take())
        self.handlers.run_event("open", event)

    def received(self, incoming: Incoming) -> None:
        """A frame has come."""
        if isinstance(incoming, Reply):
            self._requests.answer(incoming)
        elif isinstance(incoming, Refusal):
            self.report(ChannelMessageError(incoming.reason, incoming.code, incoming.about))
        elif isinstance(incoming, Acknowledgement):
            self._acknowledged(incoming)
            self.handlers.run_message(incoming.body, MessageMeta(incoming.room, "message"))
        else:
            self._heard(incoming)

    def closed(self, event: CloseEvent) -> None:
        """A connection, or an attempt to make one, has ended."""
        self._requests.connection_lost()
        self.rooms.connection_lost()
        self.handlers.run_event("close", event)

    def given_up(self, error: ChannelConnectionError) -> None:
        """No connection will come by itself. Rooms and messages are kept for the next one."""
        self.rooms.given_up(error)
        for sending in self._outbox.take_pushes():
            if sending.on_dropped is not None:
                sending.on_dropped(ChannelMessageError(str(error), error.code, sending.room))

    def report(self, error: ChannelError, is_raised: bool = False) -> None:
        """Tells the error handlers."""
        self.handlers.report(error, is_raised)

    def _acknowledged(self, said: Acknowledgement) -> None:
        """The yes of a server that does not reply by id."""
        joins = said.status == "joined"
        request_id = self.rooms.join_id(said.room) if joins else self._leaves.get(said.room)
        if request_id is not None:
            self._requests.answer(Reply(request_id, True, {}))

    def _logged(self, room: str | None, reply: Reply | None) -> None:
        if reply is None:
            return  # The connection is lost; whether the message arrived is not known.
        if reply.is_ok:
            self.rooms.seen(room, _offset_in(reply.response))
        else:
            self.report(refusal_of(reply, room))

    def _heard(self, message: Message) -> None:
        room = message.room
        if self.rooms.follows_again(room, message.offset):
            return
        self.rooms.seen(room, message.offset)
        if room is not None and message.event == "phx_close":
            self.rooms.closed_by_server(room)
        elif room is not None and message.event == "phx_error":
            self.rooms.failed_at_server(room)
        elif room is None or self.rooms.admits(room, message.event):
            self.handlers.run_message(message.body, MessageMeta(room, message.event))

    def _hand_over(self, sending: Sending) -> None:
        state = self.lifecycle.state
        if state is ChannelState.OPEN:
            self._send_now(sending)
        elif self._settings.auto_reconnect or state is ChannelState.CONNECTING:
            self._outbox.put(sending, self._settings.max_queued)
        else:
            text = f"WebSocket is not open. Current state: {state.name}"
            raise ChannelMessageError(text, "not_connected", sending.room)

    def _send_now(self, sending: Sending) -> None:
        self.lifecycle.send(sending.frame)
        if sending.on_sent is not None:
            sending.on_sent()


def _offset_in(response: Any) -> Any:
    """The offset of this client's own message, which an answer tells where the room has a log."""
    return response.get("offset") if isinstance(response, dict) else None
