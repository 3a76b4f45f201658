"""Values to frames and back."""

from __future__ import annotations

import json
import unittest
from typing import Any

from commonroom import ChannelMessageError
from commonroom.frames import (
    Acknowledgement,
    Message,
    Refusal,
    Reply,
    decode,
    encode_join,
    encode_message,
    encode_push,
)


class Encoding(unittest.TestCase):
    def test_messages_into_a_room(self) -> None:
        for message, frame in [
            ({"text": "héllo"}, '{"text":"héllo","_room":"r"}'),
            ({"a": 1, "_room": "zzz"}, '{"a":1,"_room":"r"}'),
            ({}, '{"_room":"r"}'),
            ('{"b": 2}', '{"b":2,"_room":"r"}'),
            ("plain", '{"message":"plain","_room":"r"}'),
            ("[1,2]", '{"message":"[1,2]","_room":"r"}'),
            ("NaN", '{"message":"NaN","_room":"r"}'),
            ("", '{"message":"","_room":"r"}'),
            ([1, "a"], '{"data":[1,"a"],"_room":"r"}'),
            (None, '{"data":null,"_room":"r"}'),
            (2**70, '{"data":1180591620717411303424,"_room":"r"}'),
            (b"\x00\n\xff", b'{"_room":"r"}\n\x00\n\xff'),
            (bytearray(b"x"), b'{"_room":"r"}\nx'),
            (memoryview(b"x"), b'{"_room":"r"}\nx'),
        ]:
            with self.subTest(message=message):
                self.assertEqual(encode_message(message, "r"), frame)

    def test_messages_without_a_room(self) -> None:
        for message, frame in [
            ({"q": 1}, '{"q":1}'),
            ("plain", "plain"),
            ("", ""),
            ([1, "a"], '[1,"a"]'),
            (None, "null"),
            (True, "true"),
            (b"\x00\xff", b"\x00\xff"),
        ]:
            with self.subTest(message=message):
                self.assertEqual(encode_message(message, None), frame)
                self.assertEqual(encode_message(message, ""), frame)

    def test_what_json_has_no_words_for_is_refused(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        for message in [
            float("nan"),
            {"n": float("inf")},
            {1, 2},
            {"o": object()},
            {(1,): 2},
            endless,
            "\ud800",
            {"s": "\ud800"},
            {"b": b"bytes"},
        ]:
            for room in [None, "r"]:
                with self.subTest(message=repr(message), room=room):
                    with self.assertRaises(ChannelMessageError) as raised:
                        encode_message(message, room)
                    self.assertEqual(raised.exception.code, "message_invalid")
                    self.assertEqual(raised.exception.room, room)

    def test_messages_that_would_be_taken_for_requests_are_refused(self) -> None:
        for message in [{"type": "_join"}, {"type": "_leave", "room": "x"}, '{"type":"_join"}']:
            with self.assertRaises(ChannelMessageError):
                encode_message(message, "r")
        with self.assertRaises(ChannelMessageError):
            encode_push("r", "e", {"type": "_join"}, "c1")

    def test_pushes_carry_event_and_id_whatever_the_payload_says(self) -> None:
        payload = {"a": 1, "_id": "x", "_event": "y", "_room": "z"}
        self.assertEqual(
            json.loads(encode_push("r", "e", payload, "c1")),
            {"a": 1, "_event": "e", "_id": "c1", "_room": "r"},
        )
        self.assertEqual(json.loads(encode_push("r", "e", [1], "c1"))["data"], [1])
        self.assertEqual(
            encode_push("r", "e", b"x", "c1"), b'{"_event":"e","_id":"c1","_room":"r"}\nx'
        )

    def test_params_do_not_change_what_a_join_is(self) -> None:
        params = {"token": "t", "type": "x", "room": "y", "_id": 5, "binary": False}
        self.assertEqual(
            json.loads(encode_join("r", params, "c1")),
            {"type": "_join", "room": "r", "binary": True, "_id": "c1", "token": "t"},
        )


class Decoding(unittest.TestCase):
    def test_frames_of_each_kind(self) -> None:
        for frame, incoming in [
            ('{"text":"hi","_room":"r"}', Message({"text": "hi"}, "r", "message")),
            (
                '{"user":"ann","_event":"typing","_room":"r"}',
                Message({"user": "ann"}, "r", "typing"),
            ),
            ('{"data":[1],"_room":"r"}', Message({"data": [1]}, "r", "message")),
            (
                '{"data":{"ann":{}},"_event":"presence_state","_room":"r"}',
                Message({"ann": {}}, "r", "presence_state"),
            ),
            (
                '{"x":null,"n":12345678901234567890}',
                Message({"x": None, "n": 12345678901234567890}),
            ),
            ('{"_re":"c1","status":"ok","response":{"id":"a"}}', Reply("c1", True, {"id": "a"})),
            ('{"_re":"c1","status":"error","response":{}}', Reply("c1", False, {})),
            (
                '{"type":"_error","code":"room_forbidden","reason":"no","about":"r"}',
                Refusal("no", "room_forbidden", "r"),
            ),
            ('{"type":"_error"}', Refusal("refused", None, None)),
            (
                '{"status":"joined","room":"r"}',
                Acknowledgement("joined", "r", {"status": "joined", "room": "r"}),
            ),
            ('{"_room":["r"]}', Message({"_room": ["r"]})),
            ('{"room":"r","a":1}', Message({"room": "r", "a": 1})),
            ("12", Message(12)),
            ("null", Message(None)),
            ('"s"', Message("s")),
            ("NaN", Message("NaN")),
            ("[1, 'a']", Message("[1, 'a']")),
            ("", Message("")),
            ("[" * 100_000, Message("[" * 100_000)),
            (b'{"_room":"r"}\n\x00\n', Message(b"\x00\n", "r", "message")),
            (b'{"_room":"r","_event":"e"}\n', Message(b"", "r", "e")),
            (b'{"_re":"c1","status":"ok"}\nx', Reply("c1", True, b"x")),
            (b'{"_room":5}\nx', Message(b'{"_room":5}\nx')),
            (b"{\n", Message(b"{\n")),
            (b"\xff\x00", Message(b"\xff\x00")),
        ]:
            with self.subTest(frame=frame[:40]):
                self.assertEqual(decode(frame), incoming)


if __name__ == "__main__":
    unittest.main()
