"""The plain dialect's frames: values to frames and back, without any state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Union

from .errors import ChannelMessageError

Frame = Union[str, bytes]

DEFAULT_EVENT = "message"
PRESENCE_EVENTS = ("presence_state", "presence_diff")
REQUEST_TYPES = ("_join", "_leave")


class Message(NamedTuple):
    """An event of a room, or a frame without a room."""

    body: Any
    room: str | None = None
    event: str = DEFAULT_EVENT
    # Its number, where it is in the room's log.
    offset: int | None = None


class Reply(NamedTuple):
    """The answer to a request with this id."""

    id: Any
    is_ok: bool
    response: Any


class Refusal(NamedTuple):
    """An error frame. `about` is the room it is about, if any."""

    reason: str
    code: str | None
    about: str | None


class Acknowledgement(NamedTuple):
    """What servers without replies say: `{"status": "joined", "room": …}`."""

    status: str
    room: str
    body: Any


Incoming = Union[Message, Reply, Refusal, Acknowledgement]


def encode_join(room: str, params: Mapping[str, Any], request_id: str) -> str:
    """The request to join a room."""
    own = {"type": "_join", "room": room, "binary": True, "_id": request_id}
    return to_json({**own, **params, **own}, room)


def encode_leave(room: str, request_id: str) -> str:
    """The request to leave a room."""
    return to_json({"type": "_leave", "room": room, "_id": request_id}, room)


def encode_message(message: Any, room: str | None, request_id: str | None = None) -> Frame:
    """A message into a room, or without a room (None, or empty as in the original client).

    A message with a request_id is answered. Raises ChannelMessageError if the message cannot be sent.
    """
    if isinstance(message, (bytes, bytearray, memoryview)):
        return _binary({**_id_field(request_id), "_room": room}, message) if room else bytes(message)
    if not room:
        return _checked(message, None) if isinstance(message, str) else to_json(message, None)
    fields = _fields(message)
    if fields.get("type") in REQUEST_TYPES:
        raise ChannelMessageError(
            f"A message of the type {fields['type']} would be taken for a request",
            "message_invalid",
            room,
        )
    fields.pop("_room", None)
    return to_json({**fields, **_id_field(request_id), "_room": room}, room)


def encode_push(room: str, event: str, payload: Any, request_id: str) -> Frame:
    """An event into a room that asks for a reply."""
    head = {"_event": event, "_id": request_id, "_room": room}
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return _binary(head, payload)
    fields = dict(payload) if isinstance(payload, dict) else {"data": payload}
    if fields.get("type") in REQUEST_TYPES:
        raise ChannelMessageError(
            f"A payload of the type {fields['type']} would be taken for a request",
            "message_invalid",
            room,
        )
    for name in head:
        fields.pop(name, None)
    return to_json({**fields, **head}, room)


def decode(frame: Frame) -> Incoming:
    """What a frame says. Whatever it is, it is something: text that is no JSON is a message."""
    if isinstance(frame, bytes):
        return _decode_binary(frame)
    try:
        value = json.loads(frame, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Message(frame)
    return _decode_fields(value) if isinstance(value, dict) else Message(value)


def to_json(value: Any, room: str | None) -> str:
    """JSON text. Raises ChannelMessageError for what JSON has no words for, such as NaN."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise _unserialisable(error, room) from error
    return _checked(text, room)


def _checked(text: str, room: str | None) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _unserialisable(error, room) from error
    return text


def _unserialisable(error: BaseException, room: str | None) -> ChannelMessageError:
    return ChannelMessageError(f"Failed to send message: {error}", "message_invalid", room)


def _fields(message: Any) -> dict[str, Any]:
    """The object that carries a message into a room."""
    if isinstance(message, dict):
        return dict(message)
    if not isinstance(message, str):
        return {"data": message}
    try:
        value = json.loads(message, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return {"message": message}
    return value if isinstance(value, dict) else {"message": message}


def _id_field(request_id: str | None) -> dict[str, str]:
    return {} if request_id is None else {"_id": request_id}


def _binary(head: Mapping[str, Any], payload: bytes | bytearray | memoryview) -> bytes:
    return to_json(head, None).encode("utf-8") + b"\n" + bytes(payload)


def _decode_binary(frame: bytes) -> Incoming:
    head, separator, payload = frame.partition(b"\n")
    if not separator or not head.startswith(b"{"):
        return Message(frame)
    try:
        fields = json.loads(head.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Message(frame)
    if "_re" in fields:
        return Reply(fields["_re"], fields.get("status") == "ok", payload)
    room = fields.get("_room")
    if not isinstance(room, str):
        return Message(frame)
    return Message(payload, room, _event_of(fields), _offset_of(fields))


def _decode_fields(fields: dict[str, Any]) -> Incoming:
    if "_re" in fields:
        return Reply(fields["_re"], fields.get("status") == "ok", fields.get("response"))
    if fields.get("type") == "_error":
        return Refusal(
            str(fields.get("reason", "refused")),
            _text(fields.get("code")),
            _text(fields.get("about")),
        )
    room = _text(fields.get("_room"))
    if room is not None or "_event" in fields:
        return _message(fields, room)
    if fields.get("status") in ("joined", "left") and isinstance(fields.get("room"), str):
        return Acknowledgement(fields["status"], fields["room"], fields)
    return Message(fields)


def _message(fields: dict[str, Any], room: str | None) -> Message:
    event = _event_of(fields)
    offset = _offset_of(fields)
    own = ("_room", "_event") if offset is None else ("_room", "_event", "_offset")
    body = {key: value for key, value in fields.items() if key not in own}
    if event in PRESENCE_EVENTS and list(body) == ["data"]:
        return Message(body["data"], room, event)
    return Message(body, room, event, offset)


def _offset_of(fields: Mapping[str, Any]) -> int | None:
    offset = fields.get("_offset")
    return offset if type(offset) is int else None


def _event_of(fields: Mapping[str, Any]) -> str:
    return _text(fields.get("_event")) or DEFAULT_EVENT


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
