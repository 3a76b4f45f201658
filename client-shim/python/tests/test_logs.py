"""Rooms with a log: what was missed is asked for, and what was seen is not asked for again."""

from __future__ import annotations

import unittest
from typing import Any

from fake_server import FakeServer, Peer
from support import ChannelTest, until


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


if __name__ == "__main__":
    unittest.main()
