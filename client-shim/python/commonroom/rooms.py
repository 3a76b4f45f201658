"""The rooms that a channel is in, or wants to be in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol

from .errors import ChannelError, ChannelMessageError
from .frames import PRESENCE_EVENTS, Frame, Reply, encode_join, to_json
from .requests import Requests, refusal_of


class Line(Protocol):
    """What rooms need of the channel that they are rooms of."""

    @property
    def join_timeout(self) -> float: ...

    @property
    def reconnect_delay(self) -> float: ...

    @property
    def is_connected(self) -> bool: ...

    @property
    def is_under_way(self) -> bool:
        """Whether a connection is there or will come by itself."""

    def transmit(self, frame: Frame) -> None:
        """Sends now. Only while connected."""

    def report(self, error: ChannelError) -> None: ...


class Membership:
    """One room: wanted, asked for, or joined."""

    def __init__(self, room: str, params: dict[str, Any]) -> None:
        self.room = room
        self.params = params
        self.is_joined = False
        self.response: Any = None
        self.request_id: str | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.log: dict[str, Any] | None = None
        self.answer = _new_answer()

    @property
    def join_params(self) -> dict[str, Any]:
        """The params of the next join: with what this client has of the room's log."""
        return {**self.params, **(self.log or {})}

    def joined(self, response: Any) -> bool:
        """Takes the response to a join. False if some of the room's history is lost to it."""
        said = response if isinstance(response, dict) else {}
        is_recovered = said.get("recovered") is True
        is_whole = self.log is None or is_recovered
        epoch = said.get("epoch")
        # What was missed follows, and is counted as it comes.
        since = self.join_params.get("since") if is_recovered else said.get("offset")
        self.log = None if epoch is None else {"since": since, "epoch": epoch}
        self.is_joined = True
        self.response = response
        return is_whole

    def settle(self, error: ChannelError | None) -> bool:
        """Tells who waits for the join. False if nobody does any more."""
        if self.answer.done():
            return False
        if error is None:
            self.answer.set_result(self.response)
        else:
            self.answer.set_exception(error)
        return True

    def stop_timer(self) -> None:
        """Ends the wait for whatever was waited for."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Rooms:
    """Joins rooms, and joins them again on every new connection."""

    def __init__(self, line: Line, requests: Requests) -> None:
        self._line = line
        self._requests = requests
        self._members: dict[str, Membership] = {}
        # What this client has of the logs of rooms that it is out of, and has not left.
        self._positions: dict[str, dict[str, Any]] = {}

    def __contains__(self, room: object) -> bool:
        return room in self._members

    def keeps_log(self, room: str | None) -> bool:
        """Whether the room is known to keep a log."""
        membership = None if room is None else self._members.get(room)
        return membership is not None and membership.log is not None

    def seen(self, room: str | None, offset: Any) -> None:
        """This client has the message of this offset in the room's log, and all before it."""
        membership = None if room is None else self._members.get(room)
        if membership is not None and membership.log is not None and type(offset) is int:
            membership.log["since"] = max(offset, membership.log["since"] or 0)

    def follows_again(self, room: str | None, offset: int | None) -> bool:
        """Whether a message is the former membership's: the answer to the join brings it again."""
        membership = None if room is None else self._members.get(room)
        if membership is None or membership.is_joined or membership.log is None:
            return False
        return offset is not None

    def names(self) -> list[str]:
        """In the order of joining."""
        return list(self._members)

    async def join(self, room: str, params: Mapping[str, Any] | None) -> Any:
        """Waits for the server's answer, if need be for a connection. Gives its response.

        Without params, those of the last join stay as they are.
        """
        membership = self._members.get(room)
        wanted = None if params is None else json.loads(to_json(dict(params), room))
        if membership is None or wanted not in (None, membership.params):
            membership = self._want(room, wanted or {}, membership)
        elif membership.is_joined:
            return membership.response
        elif membership.answer.done():
            membership.answer = _new_answer()
            if membership.timer is None:
                self._begin(membership)
        return await asyncio.shield(membership.answer)

    def leave(self, room: str) -> bool:
        """Forgets the room. False if it was not known."""
        self._positions.pop(room, None)
        membership = self._members.pop(room, None)
        if membership is None:
            return False
        self._drop(membership)
        membership.settle(ChannelMessageError("The room was left", "room_left", room))
        return True

    def rejoin_all(self) -> None:
        """Asks for every room, in the order of joining."""
        for membership in list(self._members.values()):
            self._ask(membership)

    def connection_lost(self) -> None:
        """No room is joined any more; all are still wanted."""
        for membership in self._members.values():
            membership.is_joined = False
            membership.request_id = None
            membership.stop_timer()
            if not membership.answer.done():
                self._wait_for_connection(membership)

    def given_up(self, error: ChannelError) -> None:
        """No connection will come: nobody needs to wait. The rooms are still wanted."""
        for membership in self._members.values():
            if not membership.answer.done():
                membership.stop_timer()
                membership.settle(ChannelMessageError(str(error), error.code, membership.room))

    def join_id(self, room: str) -> str | None:
        """The id of a room's join that is under way."""
        membership = self._members.get(room)
        return None if membership is None else membership.request_id

    def admits(self, room: str, event: str) -> bool:
        """Whether an event is for handlers. Presence is for those who asked for it."""
        if event in PRESENCE_EVENTS:
            membership = self._members.get(room)
            return membership is not None and membership.params.get("presence") is True
        return not event.startswith("phx_")

    def closed_by_server(self, room: str) -> None:
        """The server took this client out of the room."""
        membership = self._members.get(room)
        if membership is None or not membership.is_joined:
            return
        self._put_out(membership)
        self._drop(membership)
        self._line.report(ChannelError("The server closed the room", "room_closed", room))

    def failed_at_server(self, room: str) -> None:
        """The membership ended by a fault: it is asked for once more, after a moment."""
        membership = self._members.get(room)
        if membership is None or not membership.is_joined:
            return
        membership.is_joined = False
        membership.stop_timer()
        delay_secs = max(self._line.reconnect_delay, 0.05)
        membership.timer = _later(delay_secs, lambda: self._ask_again(membership))

    def _want(self, room: str, params: dict[str, Any], previous: Membership | None) -> Membership:
        membership = self._members[room] = Membership(room, params)
        position = self._positions.pop(room, None) if previous is None else previous.log
        if params.get("since") is None:
            membership.log = position
        if previous is not None:
            self._drop(previous)
            if not previous.answer.done():
                membership.answer = previous.answer
        self._begin(membership)
        return membership

    def _begin(self, membership: Membership) -> None:
        if self._line.is_connected:
            self._ask(membership)
        else:
            self._wait_for_connection(membership)

    def _ask(self, membership: Membership) -> None:
        membership.stop_timer()
        self._requests.forget(membership.request_id)
        request_id = membership.request_id = self._requests.next_id()
        frame = encode_join(membership.room, membership.join_params, request_id)
        self._requests.expect(request_id, lambda reply: self._answered(membership, reply))
        membership.timer = _later(self._line.join_timeout, lambda: self._unanswered(membership))
        self._line.transmit(frame)

    def _ask_again(self, membership: Membership) -> None:
        if self._line.is_connected and self._members.get(membership.room) is membership:
            self._ask(membership)

    def _answered(self, membership: Membership, reply: Reply | None) -> None:
        membership.stop_timer()
        membership.request_id = None
        if reply is None:
            return  # The connection is lost; `connection_lost` sees to all rooms.
        if reply.is_ok:
            is_whole = membership.joined(reply.response)
            membership.settle(None)
            if not is_whole:
                text = "The room's log no longer has all that was missed"
                self._line.report(ChannelError(text, "history_lost", membership.room))
            return
        self._put_out(membership)
        self._fail(membership, refusal_of(reply, membership.room))

    def _put_out(self, membership: Membership) -> None:
        """The server ended it. A later join of the room goes on in its log from here."""
        del self._members[membership.room]
        if membership.log is not None:
            self._positions[membership.room] = membership.log

    def _unanswered(self, membership: Membership) -> None:
        """A late answer still counts."""
        membership.timer = None
        text = f"No answer to the join within {self._line.join_timeout:g} s"
        self._fail(membership, ChannelMessageError(text, "timeout", membership.room))

    def _fail(self, membership: Membership, error: ChannelMessageError) -> None:
        if not membership.settle(error):
            self._line.report(error)

    def _wait_for_connection(self, membership: Membership) -> None:
        membership.stop_timer()
        delay_secs = self._line.join_timeout
        membership.timer = _later(delay_secs, lambda: self._still_not_connected(membership))

    def _still_not_connected(self, membership: Membership) -> None:
        if self._line.is_under_way:
            self._wait_for_connection(membership)
            return
        membership.timer = None
        text = "Not connected; the room is joined with the next connection"
        membership.settle(ChannelMessageError(text, "not_connected", membership.room))

    def _drop(self, membership: Membership) -> None:
        membership.stop_timer()
        self._requests.forget(membership.request_id)
        membership.request_id = None


def _new_answer() -> asyncio.Future[Any]:
    answer = asyncio.get_running_loop().create_future()
    # Seen even if the join that waits for it is cancelled.
    answer.add_done_callback(lambda done: done.cancelled() or done.exception())
    return answer


def _later(delay_secs: float, act: Any) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay_secs, act)
