"""Joining, leaving, pushing, and what waits for a connection."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from fake_server import FakeServer, Peer, agreeable
from support import ChannelTest, until

from commonroom import Channel, ChannelMessageError, CloseEvent


async def silent(peer: Peer) -> None:
    while await peer.receive() is not None:
        pass


async def disagreeable(peer: Peer) -> None:
    while True:
        frame = await peer.receive()
        if frame is None:
            return
        refusal = {"reason": "not you", "code": "room_forbidden"}
        peer.send({"_re": frame["_id"], "status": "error", "response": refusal})


def rooms_of(server: FakeServer) -> list[Any]:
    return [frame.get("room") for frame in server.frames if frame.get("type") == "_join"]


class Joining(ChannelTest):
    async def test_gives_the_response_and_a_repeated_join_sends_nothing(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            await channel.connect()
            self.assertEqual(await channel.join("r", {"a": 1}, token="t"), {"id": "me"})
            for again in [channel.join("r"), channel.join("r", {"token": "t", "a": 1})]:
                self.assertEqual(await again, {"id": "me"})
            self.assertEqual(len(server.frames), 1)
            await asyncio.gather(channel.join("r", b=2), channel.join("r"))
            self.assertEqual(len(server.frames), 2)
            self.assertEqual((channel.get_rooms(), channel.is_in_room("r")), (["r"], True))

    async def test_refused_raises_and_the_room_is_forgotten(self) -> None:
        async with FakeServer(disagreeable) as server:
            channel = self.channel(server.url)
            await channel.connect()
            with self.assertRaises(ChannelMessageError) as raised:
                await channel.join("r")
            error = raised.exception
            self.assertEqual(
                (str(error), error.code, error.room), ("not you", "room_forbidden", "r")
            )
            self.assertEqual((channel.get_rooms(), channel.errors), ([], []))

    async def test_before_connect_waits_and_is_sent_once_in_order(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True)
            await channel.send_to("b", {"n": 1})
            joins = [asyncio.ensure_future(channel.join(room)) for room in ["b", "a", "b"]]
            await asyncio.sleep(0)
            self.assertEqual(channel.get_rooms(), ["b", "a"])
            await channel.connect()
            self.assertEqual(await asyncio.gather(*joins), [{"id": "me"}] * 3)
            self.assertEqual(rooms_of(server), ["b", "a"])
            await until("the message", lambda: len(server.frames) > 2)
            self.assertEqual(server.frames[2], {"n": 1, "_room": "b"})

    async def test_with_other_params_takes_the_place_of_one_that_waits(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            joins = [asyncio.ensure_future(channel.join("r", n=n)) for n in range(2)]
            await asyncio.sleep(0)
            await channel.connect()
            self.assertEqual(await asyncio.gather(*joins), [{"id": "me"}] * 2)
            self.assertEqual([frame["n"] for frame in server.frames], [1])

    async def test_is_not_ended_by_what_the_server_says_of_an_earlier_one(self) -> None:
        async with FakeServer(silent) as server:
            channel = self.channel(server.url)
            heard = []
            channel.on_message(heard.append)
            await channel.connect()
            joining = asyncio.ensure_future(channel.join("r"))
            await until("the join", lambda: server.frames)
            server.peers[0].send({"_event": "phx_close", "_room": "r"})
            server.peers[0].send({"_event": "phx_error", "_room": "r"})
            server.peers[0].send({"_re": server.frames[0]["_id"], "status": "ok", "response": 1})
            self.assertEqual(await joining, 1)
            self.assertEqual((channel.get_rooms(), channel.errors, heard), (["r"], [], []))

    async def test_without_a_connection_gives_up_but_remembers_the_room(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, join_timeout=0.05)
            for _ in range(2):
                with self.assertRaises(ChannelMessageError) as raised:
                    await channel.join("r")
                self.assertEqual(
                    (raised.exception.code, raised.exception.room), ("not_connected", "r")
                )
            self.assertTrue(channel.is_in_room("r"))
            await channel.connect()
            self.assertEqual(await channel.join("r"), {"id": "me"})
            self.assertEqual(rooms_of(server), ["r"])

    async def test_without_an_answer_times_out_and_a_late_answer_counts(self) -> None:
        async with FakeServer(silent) as server:
            channel = self.channel(server.url, join_timeout=0.05)
            await channel.connect()
            with self.assertRaises(ChannelMessageError) as raised:
                await channel.join("r")
            self.assertEqual(raised.exception.code, "timeout")
            heard: list[Any] = []
            channel.on_message(heard.append)
            await until("the join", lambda: server.frames)
            server.peers[0].send({"_re": server.frames[0]["_id"], "status": "ok", "response": 7})
            server.peers[0].send({"after": "it"})
            await until("what comes after it", lambda: heard)
            self.assertEqual(await channel.join("r"), 7)
            self.assertEqual(len(server.frames), 1)

    async def test_a_server_that_acknowledges_without_ids_is_understood(self) -> None:
        async def documented(peer: Peer) -> None:
            for status in ["joined", "left"]:
                frame = await peer.receive()
                peer.send({"status": status, "room": frame["room"]})
            await silent(peer)

        async with FakeServer(documented) as server:
            channel = self.channel(server.url)
            heard = []
            channel.on_room_message("r", heard.append)
            await channel.connect()
            self.assertEqual(await channel.join("r"), {})
            await until("the acknowledgement", lambda: heard)
            self.assertEqual(heard, [{"status": "joined", "room": "r"}])
            await asyncio.wait_for(channel.leave("r"), 2)

    async def test_names_and_params_that_cannot_be_sent_are_refused_at_once(self) -> None:
        channel = self.channel("ws://127.0.0.1:1")
        for join in [channel.join(5), channel.join(None), channel.join("r", n=float("nan"))]:
            with self.assertRaises(ChannelMessageError):
                await join
        self.assertEqual(channel.get_rooms(), [])

    async def test_a_lost_connection_or_a_close_ends_the_wait(self) -> None:
        async with FakeServer(silent) as server:
            channel = self.channel(server.url)
            await channel.connect()
            joining = asyncio.ensure_future(channel.join("r"))
            await until("the join", lambda: server.frames)
            server.peers[0].drop()
            with self.assertRaises(ChannelMessageError) as raised:
                await joining
            self.assertEqual(raised.exception.code, "connection_lost")
            await channel.connect()
            joining = asyncio.ensure_future(channel.join("r"))
            await asyncio.sleep(0)
            await channel.close()
            with self.assertRaises(ChannelMessageError) as raised:
                await joining
            self.assertEqual(raised.exception.code, "closed")


class Rejoining(ChannelTest):
    async def test_each_room_is_joined_once_at_each_open_before_what_waits(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            await channel.connect()
            for room in ["b", "a", "c"]:
                await channel.join(room)
            server.peers[0].drop()
            await until("the cut", lambda: channel.is_connecting)
            await channel.leave("a")
            again = asyncio.ensure_future(channel.join("d"))
            numbers = range(20)
            for number in numbers:
                await channel.send_to("b", {"n": number})
            await again
            await until("all", lambda: len(server.frames) == 3 + 3 + 20)
            second = server.peers[1].frames
            self.assertEqual([frame.get("room") for frame in second[:3]], ["b", "c", "d"])
            self.assertEqual([frame["n"] for frame in second[3:]], list(numbers))

    async def test_refused_removes_the_room_and_is_reported(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            await channel.connect()
            await channel.join("r")
            server.serve = disagreeable
            server.peers[0].drop()
            await until("the report", lambda: channel.errors)
            error = channel.errors[0]
            self.assertEqual((error.code, error.room), ("room_forbidden", "r"))
            self.assertEqual(channel.get_rooms(), [])

    async def test_also_after_close_and_connect(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.join("r", token="t")
            await channel.close()
            await channel.connect()
            await until("the join", lambda: len(server.frames) == 2)
            self.assertEqual(server.frames[1]["token"], "t")

    async def test_a_room_that_the_server_closed_is_gone_and_reported(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            heard = []
            channel.on_message(heard.append)
            await channel.connect()
            await channel.join("r")
            for _ in range(2):
                server.peers[0].send({"_event": "phx_close", "_room": "r"})
            server.peers[0].send({"end": 1})
            await until("the end", lambda: heard)
            self.assertEqual(
                [(error.code, error.room) for error in channel.errors], [("room_closed", "r")]
            )
            self.assertEqual((channel.get_rooms(), heard), ([], [{"end": 1}]))

    async def test_a_room_that_failed_at_the_server_is_joined_once_more(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, reconnect_delay=0.05)
            await channel.connect()
            await channel.join("r")
            server.peers[0].send({"_event": "phx_error", "_room": "r", "reason": "crashed"})
            await until("the second join", lambda: len(server.frames) == 2)
            self.assertEqual((channel.get_rooms(), channel.errors), (["r"], []))
            await channel.join("r")

            server.serve = disagreeable
            await channel.close()
            self.assertEqual(len(server.frames), 2)


class Leaving(ChannelTest):
    async def test_waits_for_the_answer_and_removes_the_rooms_handlers(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            heard = []
            channel.on_room_message("r", heard.append)
            channel.on_message(lambda message: heard.append("all"))
            await channel.connect()
            await channel.join("r")
            await channel.leave("r")
            await channel.leave("r")
            await channel.leave("never joined")
            self.assertEqual([frame["type"] for frame in server.frames], ["_join", "_leave"])
            self.assertEqual(channel.get_rooms(), [])
            server.peers[0].send({"_room": "r"})
            await until("the message", lambda: heard)
            self.assertEqual(heard, ["all"])

    async def test_ends_a_join_and_drops_what_waits_for_the_room(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True)
            joining = asyncio.ensure_future(channel.join("r"))
            pushing = asyncio.ensure_future(channel.push("r", "e"))
            await channel.send_to("r", {"n": 1})
            await channel.send_to("other", {"n": 2})
            await asyncio.sleep(0)
            await channel.leave("r")
            for waiting in [joining, pushing]:
                with self.assertRaises(ChannelMessageError) as raised:
                    await waiting
                self.assertEqual(raised.exception.code, "room_left")
            await channel.connect()
            await until("the other message", lambda: server.frames)
            self.assertEqual(server.frames, [{"n": 2, "_room": "other"}])


class Sending(ChannelTest):
    async def test_without_a_connection_is_refused_or_waits(self) -> None:
        channel = self.channel("ws://127.0.0.1:1")
        for failing in [channel.send("x"), channel.send_to("r", {}), channel.push("r", "e")]:
            with self.assertRaisesRegex(ChannelMessageError, "Current state: CLOSED") as raised:
                await failing
            self.assertEqual(raised.exception.code, "not_connected")

    async def test_what_waits_is_bounded_and_is_what_it_was_when_sent(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True, max_queued=2)
            message = {"list": [1]}
            await channel.send(message)
            message["list"].append(2)
            await channel.send("second")
            with self.assertRaises(ChannelMessageError) as raised:
                await channel.send("third", room="r")
            self.assertEqual((raised.exception.code, raised.exception.room), ("queue_full", "r"))
            with self.assertRaises(ChannelMessageError):
                await channel.send({1, 2})
            await channel.connect()
            await until("both", lambda: len(server.frames) == 2)
            self.assertEqual(server.frames, [{"list": [1]}, "second"])

    async def test_while_connecting_waits_without_auto_reconnect_too(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            connecting = asyncio.ensure_future(channel.connect())
            await asyncio.sleep(0)
            await channel.send({"n": 1})
            await connecting
            await until("it", lambda: server.frames)

    async def test_is_refused_later_by_an_error_frame(self) -> None:
        async def refuse(peer: Peer) -> None:
            await peer.receive()
            peer.send({"type": "_error", "code": "room_not_joined", "reason": "no", "about": "r"})
            await silent(peer)

        async with FakeServer(refuse) as server:
            channel = self.channel(server.url)
            await channel.connect()
            await channel.send_to("r", {})
            await until("the error", lambda: channel.errors)
            error = channel.errors[0]
            self.assertIsInstance(error, ChannelMessageError)
            self.assertEqual((str(error), error.code, error.room), ("no", "room_not_joined", "r"))


class Pushing(ChannelTest):
    async def answered(self, status: str, response: Any) -> Any:
        async def answer(peer: Peer) -> None:
            frame = await peer.receive()
            peer.send({"_re": frame["_id"], "status": status, "response": response})
            await silent(peer)

        async with FakeServer(answer) as server:
            channel = self.channel(server.url, auto_reconnect=True)
            pushing = asyncio.ensure_future(channel.push("r", "e", {"n": 1}))
            await channel.connect()
            return await pushing

    async def test_gives_the_response_also_when_it_had_to_wait(self) -> None:
        self.assertEqual(await self.answered("ok", {"x": [1]}), {"x": [1]})

    async def test_raises_what_the_server_says(self) -> None:
        refusal = {"reason": "rate", "code": "rate_limited"}
        with self.assertRaises(ChannelMessageError) as raised:
            await self.answered("error", refusal)
        self.assertEqual((str(raised.exception), raised.exception.code), ("rate", "rate_limited"))
        for odd in [None, "text", {"reason": 5}, []]:
            with self.assertRaisesRegex(ChannelMessageError, "refused"):
                await self.answered("error", odd)

    async def failed(self, channel: Channel, before: Any | None = None) -> str:
        with self.assertRaises(ChannelMessageError) as raised:
            await channel.push("r", "e")
        return str(raised.exception.code)

    async def test_ends_with_a_lost_connection_a_silent_server_and_none_at_all(self) -> None:
        async def drop(peer: Peer) -> None:
            await peer.receive()
            peer.drop()

        async with FakeServer(drop) as server:
            channel = self.channel(server.url)
            await channel.connect()
            self.assertEqual(await self.failed(channel), "connection_lost")
            server.serve = silent
            channel.join_timeout = 0.05
            await channel.connect()
            self.assertEqual(await self.failed(channel), "timeout")
            lonely = self.channel(server.url, auto_reconnect=True, join_timeout=0.05)
            self.assertEqual(await self.failed(lonely), "not_connected")
            await lonely.connect()
            await asyncio.sleep(0.05)
            self.assertEqual(server.peers[-1].frames, [])

    async def test_cancelled_while_it_waits_is_never_sent(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True)
            pushing = asyncio.ensure_future(channel.push("r", "e"))
            await asyncio.sleep(0)
            pushing.cancel()
            await asyncio.wait([pushing])
            await channel.connect()
            self.assertEqual(await channel.push("r", "second"), {"id": "me"})
            self.assertEqual([frame["_event"] for frame in server.frames], ["second"])


class FakeServerItself(ChannelTest):
    async def test_agrees(self) -> None:
        closes: list[CloseEvent] = []
        async with FakeServer(agreeable) as server:
            channel = self.channel(server.url)
            channel.on_close(closes.append)
            await channel.connect()
            await channel.close()
        self.assertEqual(closes, [CloseEvent(1000, "Normal closure", True)])


if __name__ == "__main__":
    unittest.main()
