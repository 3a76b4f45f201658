"""Rooms with a log: what was missed is asked for, and what was seen is not asked for again."""

from __future__ import annotations

import unittest
from typing import Any

from fake_server import FakeServer, Peer
from support import ChannelTest, until

from commonroom import ChannelMessageError


class LogServer:
    """Answers joins as told, one after the other, and numbers what is sent."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.offset = 0

    async def serve(self, peer: Peer) -> None:
        while True:
            frame = await peer.receive()
            if frame is None:
                return
            if frame.get("type") == "_join":
                response = self._answers.pop(0)
                if "code" in response:
                    peer.send({"_re": frame["_id"], "status": "error", "response": response})
                    continue
                self.offset = max(self.offset, response.get("offset", 0))
            else:
                self.offset += 1
                response = {"offset": self.offset}
            if "_id" in frame:
                peer.send({"_re": frame["_id"], "status": "ok", "response": response})


def positions(server: FakeServer) -> list[Any]:
    """What each join said of the log."""
    return [
        (frame.get("since"), frame.get("epoch"))
        for frame in server.frames
        if frame.get("type") == "_join"
    ]


REFUSAL = {"code": "token_expired", "reason": "token expired"}


class Logs(ChannelTest):
    async def test_a_rejoin_says_what_was_seen_last(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, {"offset": 9, "epoch": "e", "recovered": True}]
        async with FakeServer(LogServer(*answers, answers[1]).serve) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.01)
            heard: list[Any] = []
            channel.on_message(heard.append)
            await channel.connect()
            await channel.join("r", {"a": 1})
            server.peers[0].send({"n": 1, "_room": "r", "_offset": 4})
            await until("the message", lambda: heard)
            server.peers[0].drop()
            await until("the rejoin", lambda: len(positions(server)) == 2)
            server.peers[1].send({"n": 2, "_room": "r", "_offset": 5})
            await until("the message", lambda: len(heard) == 2)
            server.peers[1].drop()
            await until("the rejoin", lambda: len(positions(server)) == 3)
            self.assertEqual(positions(server), [(None, None), (4, "e"), (5, "e")])
            self.assertEqual(heard, [{"n": 1}, {"n": 2}])
            self.assertEqual(channel.errors, [])

    async def test_own_messages_count_as_seen(self) -> None:
        answers = [{"offset": 0, "epoch": "e"}, {"offset": 2, "epoch": "e", "recovered": True}]
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.01)
            await channel.connect()
            await channel.join("r")
            await channel.send_to("r", {"n": 1})
            await channel.push("r", "said", {"n": 2})
            server.peers[0].drop()
            await until("the rejoin", lambda: len(positions(server)) == 2)
            self.assertEqual(positions(server)[1], (2, "e"))

    async def test_a_log_that_does_not_reach_back_is_told_to_the_error_handlers(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, {"offset": 7, "epoch": "f", "recovered": False}]
        async with FakeServer(LogServer(*answers, {}).serve) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.01)
            await channel.connect()
            await channel.join("r")
            server.peers[0].drop()
            await until("the error", lambda: channel.errors)
            server.peers[1].drop()
            await until("the rejoin", lambda: len(positions(server)) == 3)
            self.assertEqual([error.code for error in channel.errors][:1], ["history_lost"])
            self.assertEqual(channel.errors[0].room, "r")
            self.assertEqual(positions(server)[1:], [(3, "e"), (7, "f")])

    async def test_the_params_of_a_join_may_say_from_where(self) -> None:
        answers = [{"offset": 9, "epoch": "e", "recovered": True}]
        async with FakeServer(LogServer(*answers, *answers).serve) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.01)
            await channel.connect()
            await channel.join("r", since=2)
            server.peers[0].drop()
            await until("the rejoin", lambda: len(positions(server)) == 2)
            self.assertEqual(positions(server), [(2, None), (2, "e")])

    async def test_rooms_without_a_log_are_as_they_were(self) -> None:
        async with FakeServer(LogServer({"id": "me"}).serve) as server:
            channel = self.channel(server.url)
            heard: list[Any] = []
            channel.on_message(heard.append)
            await channel.connect()
            await channel.join("r")
            await channel.send_to("r", {"n": 1})
            await until("the message", lambda: len(server.frames) == 2)
            self.assertEqual(server.frames[1], {"n": 1, "_room": "r"})

    async def test_a_refused_rejoin_keeps_its_place_for_the_next_token(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, REFUSAL]
        answers.append({"offset": 5, "epoch": "e", "recovered": True})
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.01)
            await channel.connect()
            await channel.join("r", token="old")
            server.peers[0].drop()
            await until("the refusal", lambda: channel.errors)
            self.assertEqual(channel.get_rooms(), [])
            await channel.join("r", token="new")
            self.assertEqual(positions(server)[1:], [(3, "e"), (3, "e")])
            self.assertEqual([frame["token"] for frame in server.frames], ["old", "old", "new"])
            self.assertEqual([error.code for error in channel.errors], ["token_expired"])

    async def test_a_room_that_the_server_closed_keeps_its_place(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, {"offset": 3, "epoch": "e", "recovered": True}]
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.join("r")
            server.peers[0].send({"_event": "phx_close", "_room": "r"})
            await until("the end", lambda: channel.errors)
            await channel.join("r")
            self.assertEqual(positions(server)[1], (3, "e"))

    async def test_a_place_that_the_log_no_longer_has_is_told_to_the_error_handlers(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, REFUSAL]
        answers.append({"offset": 9, "epoch": "e", "recovered": False})
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.join("r", token="old")
            with self.assertRaises(ChannelMessageError):
                await channel.join("r", token="bad")
            await channel.join("r", token="new")
            self.assertEqual([error.code for error in channel.errors], ["history_lost"])

    async def test_a_leave_forgets_the_place_also_of_a_room_that_refused(self) -> None:
        answers = [{"offset": 3, "epoch": "e"}, REFUSAL, {"offset": 7, "epoch": "e"}]
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.join("r", token="old")
            with self.assertRaises(ChannelMessageError):
                await channel.join("r", token="bad")
            await channel.leave("r")
            await channel.join("r", token="new")
            self.assertEqual(positions(server)[2], (None, None))
            self.assertEqual(channel.errors, [])

    async def test_a_message_comes_once_while_the_token_is_changed(self) -> None:
        async def serve(peer: Peer) -> None:
            first = await peer.receive()
            response: dict[str, Any] = {"offset": 3, "epoch": "e"}
            peer.send({"_re": first["_id"], "status": "ok", "response": response})
            second = await peer.receive()
            message = {"n": 1, "_room": "r", "_offset": 4}
            peer.send(message)
            response = {"offset": 4, "epoch": "e", "recovered": True}
            peer.send({"_re": second["_id"], "status": "ok", "response": response})
            peer.send(message)
            peer.send({"n": 2, "_room": "r", "_offset": 5})
            await peer.receive()

        async with FakeServer(serve) as server:
            channel = self.channel(server.url)
            heard: list[Any] = []
            channel.on_message(heard.append)
            await channel.connect()
            await channel.join("r", token="old")
            await channel.join("r", token="new")
            await until("the last", lambda: {"n": 2} in heard)
            self.assertEqual(positions(server)[1], (3, "e"))
            self.assertEqual(heard, [{"n": 1}, {"n": 2}])

    async def test_params_that_say_since_go_before_the_place(self) -> None:
        answers = [{"offset": 9, "epoch": "e"}, {"offset": 9, "epoch": "e", "recovered": True}]
        async with FakeServer(LogServer(*answers).serve) as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.join("r")
            await channel.join("r", since=2)
            self.assertEqual(positions(server)[1], (2, None))


if __name__ == "__main__":
    unittest.main()
