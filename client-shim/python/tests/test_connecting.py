"""Connecting, being refused, closing, and coming back."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from fake_server import FakeServer, Peer, agreeable
from support import ChannelTest, until

from commonroom import ChannelConnectionError, ChannelMessageError, ChannelState, CloseEvent


async def refuse(peer: Peer) -> None:
    peer.send({"type": "_error", "code": "connect_refused", "reason": "not this one"})
    peer.close(4403, "connection refused")


async def hang_up(peer: Peer) -> None:
    peer.close(1011, "internal error")


async def hang_up_on_a_word(peer: Peer) -> None:
    """Behind the moment in which a close counts as a refusal: the client has spoken."""
    await peer.receive()
    peer.drop()


class Connecting(ChannelTest):
    async def test_connect_opens_and_tells(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            told = []
            channel.on_open(lambda: told.append("open"))
            channel.on_open(lambda event: told.append(event.protocol))
            self.assertEqual((channel.state, channel.ready_state), (ChannelState.CLOSED, 3))
            connecting = asyncio.ensure_future(channel.connect())
            await asyncio.sleep(0)
            self.assertTrue(channel.is_connecting)
            await connecting
            self.assertEqual(
                (channel.state_signal(), channel.ready_state_signal()), (ChannelState.OPEN, 1)
            )
            self.assertEqual(told, ["open", ""])

    async def test_connect_when_open_or_under_way_makes_no_second_connection(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            await asyncio.gather(channel.connect(), channel.connect())
            await channel.connect()
            self.assertEqual(server.requests, 1)

    async def test_a_refused_port_is_noticed_at_once(self) -> None:
        async with FakeServer() as server:
            url = server.url
        channel = self.channel(url + "?token=very-secret")
        with self.assertRaises(ChannelConnectionError) as raised:
            await asyncio.wait_for(channel.connect(), 2)
        self.assertEqual(raised.exception.code, "connect_failed")
        self.assertNotIn("secret", str(raised.exception))
        self.assertEqual(channel.errors, [raised.exception])
        self.assertIs(channel.state, ChannelState.CLOSED)

    async def test_a_handshake_refused_by_http_is_noticed_at_once_with_its_status(self) -> None:
        async with FakeServer(http_status="403 Forbidden") as server:
            with self.assertRaisesRegex(ChannelConnectionError, "403"):
                await asyncio.wait_for(self.channel(server.url).connect(), 2)

    async def test_an_address_that_is_none_is_refused_without_repeating_it(self) -> None:
        for url in ["http://localhost/?token=secret", "nothing", "ws://", "ws://h:99999/secret"]:
            channel = self.channel(url, auto_reconnect=True)
            with self.assertRaises(ChannelConnectionError) as raised:
                await channel.connect()
            self.assertNotIn("secret", str(raised.exception))

    async def test_a_refusal_frame_and_close_reject_with_its_reason_and_code(self) -> None:
        async with FakeServer(refuse) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            opened = []
            channel.on_open(lambda: opened.append(True))
            await channel.send({"kept": True})
            with self.assertRaises(ChannelConnectionError) as raised:
                await channel.connect()
            self.assertEqual(str(raised.exception), "not this one")
            self.assertEqual(raised.exception.code, "connect_refused")
            self.assertEqual(channel.errors, [raised.exception])
            # 4403 is final: nothing comes back after several times the delay.
            await asyncio.sleep(0.3)
            self.assertEqual((server.requests, server.frames, opened), (1, [], []))

    async def test_a_frame_that_comes_at_once_is_heard_after_the_open(self) -> None:
        async def greet(peer: Peer) -> None:
            peer.send({"hello": 1})
            await agreeable(peer)

        async with FakeServer(greet) as server:
            channel = self.channel(server.url)
            told: list[Any] = []
            channel.on_open(lambda: told.append("open"))
            channel.on_message(told.append)
            await channel.connect()
            self.assertEqual(told, ["open", {"hello": 1}])

    async def test_an_error_frame_without_a_close_is_no_refusal(self) -> None:
        async def grumble(peer: Peer) -> None:
            peer.send({"type": "_error", "code": "odd", "reason": "as a greeting"})
            peer.send({"hello": 1})
            await agreeable(peer)

        async with FakeServer(grumble) as server:
            channel = self.channel(server.url)
            await channel.connect()
            self.assertTrue(channel.is_connected)
            self.assertEqual([error.code for error in channel.errors], ["odd"])


class Closing(ChannelTest):
    async def test_close_sends_what_was_sent_before_then_code_and_reason(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            closes = []
            channel.on_close(closes.append)
            await channel.connect()
            for number in range(200):
                await channel.send({"n": number})
            await channel.close(4000, "bye")
            self.assertEqual(closes, [CloseEvent(4000, "bye", True)])
            self.assertEqual(len(server.frames), 200)
            self.assertEqual(server.peers[0].close_code, 4000)
            await channel.close()
            await asyncio.sleep(0.2)
            self.assertEqual(server.requests, 1)

    async def test_codes_and_reasons_that_a_client_may_not_send_are_refused(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            await channel.connect()
            for code, reason in [(1001, ""), (999, ""), (5000, ""), (1000, "é" * 62)]:
                with self.assertRaises(ChannelConnectionError):
                    await channel.close(code, reason)
            self.assertTrue(channel.is_connected)

    async def test_close_while_connecting_ends_the_attempt(self) -> None:
        ends = []

        async def nothing(peer: Peer) -> None:
            ends.append(await peer.receive())

        async with FakeServer(nothing) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            connecting = asyncio.ensure_future(channel.connect())
            await until("the request", lambda: server.requests)
            await channel.close()
            with self.assertRaises(ChannelConnectionError) as raised:
                await connecting
            self.assertEqual(raised.exception.code, "closed")
            self.assertIs(channel.state, ChannelState.CLOSED)
            await until("the end of the connection", lambda: ends == [None])
            await asyncio.sleep(0.2)
            self.assertEqual(server.requests, 1)

    async def test_close_ends_the_wait_for_the_next_attempt(self) -> None:
        async with FakeServer() as server:
            url = server.url
        channel = self.channel(url, auto_reconnect=True, reconnect_delay=0.05)
        with self.assertRaises(ChannelConnectionError):
            await channel.connect()
        await channel.close()
        count = len(channel.errors)
        await asyncio.sleep(0.2)
        self.assertEqual(len(channel.errors), count)

    async def test_connect_after_close_opens_anew(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url)
            await channel.connect()
            await asyncio.gather(channel.close(), channel.connect())
            self.assertTrue(channel.is_connected)
            self.assertEqual(server.requests, 2)


class Reconnecting(ChannelTest):
    async def test_without_auto_reconnect_a_lost_connection_stays_lost(self) -> None:
        async with FakeServer(hang_up_on_a_word) as server:
            channel = self.channel(server.url, reconnect_delay=0.05)
            closes = []
            channel.on_close(closes.append)
            channel.on_open(lambda: channel.send("a word"))
            await channel.connect()
            await until("the close", lambda: closes)
            self.assertEqual(closes[0].code, 1006)
            await asyncio.sleep(0.2)
            self.assertEqual(server.requests, 1)

    async def test_attempts_run_out_and_say_so(self) -> None:
        async with FakeServer(hang_up) as server:
            channel = self.channel(
                server.url, auto_reconnect=True, reconnect_delay=0.05, max_reconnect_attempts=3
            )
            with self.assertRaises(ChannelConnectionError):
                await channel.connect()
            joining = asyncio.ensure_future(channel.join("r"))
            pushing = asyncio.ensure_future(channel.push("r", "e"))
            await channel.send({"kept": 1})
            await until("the end", lambda: channel.errors[-1].code == "gave_up")
            self.assertIsInstance(channel.errors[-1], ChannelConnectionError)
            self.assertEqual((server.requests, channel.state), (4, ChannelState.CLOSED))
            for waiting in [joining, pushing]:
                with self.assertRaises(ChannelMessageError) as raised:
                    await waiting
                self.assertEqual(raised.exception.code, "gave_up")
            server.serve = agreeable
            await channel.connect()
            await until("the room and the message", lambda: len(server.frames) == 2)
            self.assertEqual(server.frames[1], {"kept": 1})

    async def test_a_server_that_closes_after_each_open_is_not_hammered(self) -> None:
        async with FakeServer(hang_up_on_a_word) as server:
            channel = self.channel(
                server.url, auto_reconnect=True, reconnect_delay=0.1, max_reconnect_attempts=4
            )
            channel.on_open(lambda: channel.send("a word"))
            await channel.connect()
            await until("the end", lambda: channel.errors and channel.errors[-1].code == "gave_up")
            self.assertEqual(server.requests, 5)

    async def test_a_server_that_is_away_for_several_attempts_is_found_again(self) -> None:
        async with FakeServer() as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            await channel.connect()
            await server.stop()
            await until("three attempts", lambda: len(channel.errors) >= 3)
            await server.start()
            await until("the connection", lambda: channel.is_connected)

    async def test_connect_does_not_wait_for_the_next_attempt(self) -> None:
        async with FakeServer(hang_up) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=60)
            with self.assertRaises(ChannelConnectionError):
                await channel.connect()
            server.serve = agreeable
            await channel.connect()
            self.assertTrue(channel.is_connected)

    async def test_no_attempts_means_never(self) -> None:
        async with FakeServer(hang_up_on_a_word) as server:
            channel = self.channel(
                server.url, auto_reconnect=True, reconnect_delay=0.05, max_reconnect_attempts=0
            )
            channel.on_open(lambda: channel.send("a word"))
            await channel.connect()
            await until("the close", lambda: channel.state is ChannelState.CLOSED)
            await asyncio.sleep(0.2)
            self.assertEqual(server.requests, 1)
            self.assertEqual([error.code for error in channel.errors], ["gave_up"])

    async def test_turning_it_off_counts_at_once(self) -> None:
        async with FakeServer(hang_up_on_a_word) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.1)
            channel.on_open(lambda: channel.send("a word"))
            await channel.connect()
            await until("the close", lambda: channel.is_connecting)
            channel.auto_reconnect = False
            await until("the end", lambda: channel.state is ChannelState.CLOSED)
            self.assertEqual(server.requests, 1)

    async def test_a_final_close_says_why_and_ends_waiting_joins(self) -> None:
        async def throw_out(peer: Peer) -> None:
            await peer.receive()
            peer.close(4401, "token not accepted")

        async with FakeServer(throw_out) as server:
            channel = self.channel(server.url, auto_reconnect=True, reconnect_delay=0.05)
            await channel.connect()
            with self.assertRaises(ChannelMessageError):
                await asyncio.wait_for(channel.join("r"), 2)
            self.assertIn("4401: token not accepted", str(channel.errors[0]))
            await asyncio.sleep(0.2)
            self.assertEqual(server.requests, 1)


class Loops(unittest.TestCase):
    def test_a_channel_whose_loop_has_ended_is_closed_and_connects_in_another_loop(self) -> None:
        from commonroom import Channel

        channel = Channel("ws://127.0.0.1:1")
        states = []

        async def visit() -> None:
            async with FakeServer() as server:
                channel.url = server.url
                states.append(channel.state)
                await channel.connect()
                states.append(channel.state)

        asyncio.run(visit())
        asyncio.run(visit())
        self.assertEqual(states, [ChannelState.CLOSED, ChannelState.OPEN] * 2)


if __name__ == "__main__":
    unittest.main()
