"""How handlers are registered, called and removed."""

from __future__ import annotations

import asyncio
import logging
import unittest
from typing import Any

from fake_server import FakeServer
from support import ChannelTest, until

from commonroom import ChannelError, ChannelMessageError, MessageMeta


class Handlers(ChannelTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.server = FakeServer()
        await self.server.start()
        self.ours = self.channel(self.server.url)
        await self.ours.connect()

    async def asyncTearDown(self) -> None:
        await super().asyncTearDown()
        await self.server.stop()

    async def hear(self, *frames: Any) -> None:
        """Lets the channel hear frames, and waits until it has."""
        heard = []
        end = self.ours.on_message(heard.append)
        for frame in [*frames, "the end"]:
            await until("the client", lambda: self.server.peers)
            self.server.peers[0].send(frame)
        await until("the frames", lambda: "the end" in heard)
        self.ours.remove_handler(end)

    async def test_rooms_hear_first_then_all_with_meta_where_it_is_taken(self) -> None:
        told: list[Any] = []
        self.ours.on_message(lambda message: told.append(("all", message)))
        self.ours.on_message(lambda message, meta: told.append(meta))
        self.ours.on_room_message("r", lambda message: told.append(("r", message)))

        @self.ours.on_room_message("other")
        def never(_message: Any) -> None:
            told.append("never")

        await self.hear({"a": 1, "_room": "r", "_event": "e"})
        self.assertEqual(told[:3], [("r", {"a": 1}), ("all", {"a": 1}), MessageMeta("r", "e")])
        self.assertNotIn("never", told)

    async def test_a_default_keeps_a_value_and_is_not_the_meta(self) -> None:
        told: list[Any] = []
        for number in range(2):
            self.ours.on_message(lambda message, number=number: told.append((message, number)))

        @self.ours.on_message
        def wants_meta(message: Any, meta: Any = None) -> None:
            told.append(meta.event)

        self.ours.on_message(print_nothing)
        await self.hear({"a": 1})
        self.assertEqual(told[:3], [({"a": 1}, 0), ({"a": 1}, 1), "message"])

    async def test_presence_is_heard_by_those_who_asked(self) -> None:
        told: list[Any] = []
        self.ours.on_message(lambda message, meta: told.append((meta.event, message)))
        state = {"data": {"ann": {}}, "_event": "presence_state", "_room": "r"}
        await self.ours.join("r")
        await self.hear(state)
        self.assertEqual(told, [("message", "the end")])
        await self.ours.join("r", presence=True)
        await self.hear(state)
        self.assertEqual(told[1], ("presence_state", {"ann": {}}))

    async def test_bytes_are_bytes(self) -> None:
        told: list[Any] = []
        self.ours.on_message(lambda message, meta: told.append((message, meta.room)))
        await self.hear(b'{"_room":"r"}\n\x00\xff', b"\x01", b"")
        self.assertEqual(told[:3], [(b"\x00\xff", "r"), (b"\x01", None), (b"", None)])

    async def test_one_that_fails_is_reported_and_the_others_run(self) -> None:
        told: list[Any] = []

        def failing(_message: Any) -> None:
            raise KeyError("oops")

        async def failing_later(_message: Any) -> None:
            await asyncio.sleep(0)
            raise ValueError("later")

        self.ours.on_message(failing)
        self.ours.on_message(failing_later)
        self.ours.on_message(told.append)
        await self.hear({"a": 1})
        # What was heard has begun to run, and ends some turns later: two frames, two handlers.
        await until("all to fail", lambda: len(self.ours.errors) == 4)
        self.ours.clear_handlers()
        causes = [repr(error.__cause__) for error in self.ours.errors]
        self.assertEqual(set(causes), {"KeyError('oops')", "ValueError('later')"})
        self.assertTrue(all(error.code == "handler_failed" for error in self.ours.errors))
        self.assertEqual(told[0], {"a": 1})

    async def test_async_ones_run_to_their_end(self) -> None:
        told: list[Any] = []

        async def slow(message: Any) -> None:
            await asyncio.sleep(0.01)
            told.append(message)

        self.ours.on_message(slow)
        self.ours.on_message(lambda message: asyncio.create_task(slow(["task", message])))
        await self.hear({"a": 1})
        await until("both", lambda: len(told) == 4)
        self.assertEqual(told[:2], [{"a": 1}, ["task", {"a": 1}]])

    async def test_error_handlers_that_fail_and_errors_that_nobody_hears_are_logged(self) -> None:
        async def failing_later(_error: ChannelError) -> None:
            raise ValueError("in an async error handler")

        def failing(_error: ChannelError) -> None:
            raise ValueError("in an error handler")

        error = {"type": "_error", "code": "c", "reason": "nobody hears it"}
        with self.assertLogs("commonroom", logging.ERROR) as logs:
            self.ours.on_error(failing)
            self.ours.on_error(failing_later)
            await self.hear(error)
            await until("both logs", lambda: len(logs.output) == 2)
            self.ours.clear_handlers()
            await self.hear(error)
        self.assertIn("in an error handler", logs.output[0])
        self.assertIn("in an async error handler", logs.output[1])
        self.assertIn("nobody hears it", logs.output[2])

    async def test_removal_finds_the_same_function_and_equal_bound_methods(self) -> None:
        class Listener:
            def __init__(self) -> None:
                self.heard: list[Any] = []

            def hear(self, message: Any) -> None:
                self.heard.append(message)

        listener, other = Listener(), Listener()
        self.ours.on_message(listener.hear)
        self.ours.on_message(other.hear)
        self.assertTrue(self.ours.remove_handler(listener.hear))
        self.assertFalse(self.ours.remove_handler(listener.hear))
        self.ours.on_room_message("r", listener.hear)
        self.assertFalse(self.ours.remove_handler(listener.hear))
        self.assertFalse(self.ours.remove_room_handler("other", listener.hear))
        self.assertTrue(self.ours.remove_room_handler("r", listener.hear))
        await self.hear({"a": 1, "_room": "r"})
        self.assertEqual((listener.heard, other.heard[0]), ([], {"a": 1}))

    async def test_one_that_is_registered_twice_hears_twice_and_is_removed_once(self) -> None:
        told: list[Any] = []
        handler = self.ours.on_message(told.append)
        self.ours.on_message(handler)
        await self.hear({"a": 1})
        self.ours.remove_handler(handler)
        await self.hear({"a": 2})
        self.assertEqual((told.count({"a": 1}), told.count({"a": 2})), (2, 1))

    async def test_one_may_remove_itself_and_add_others_while_it_runs(self) -> None:
        told: list[Any] = []

        def once(_message: Any) -> None:
            told.append("once")
            self.ours.remove_handler(once)
            self.ours.on_message(lambda _message: told.append("added"))

        self.ours.on_message(once)
        self.ours.on_message(lambda _message: told.append("last"))
        await self.hear()
        await self.hear()
        self.assertEqual(told, ["once", "last", "last", "added"])

    async def test_open_and_close_handlers_take_the_event_or_nothing(self) -> None:
        told: list[Any] = []
        once = self.ours.on_open(lambda: self.ours.remove_handler(once))
        self.ours.on_open(lambda: told.append("open"))
        self.ours.on_open(lambda event: told.append(event))
        self.ours.on_close(lambda: told.append("close"))
        self.ours.on_close(lambda event: told.append((event.code, event.wasClean)))
        await self.ours.close()
        await self.ours.connect()
        self.assertEqual(told, ["close", (1000, True), "open", ("",)])

    async def test_the_state_signal_tells_its_subscribers_until_they_go(self) -> None:
        told: list[Any] = []
        last: list[Any] = []
        stop = self.ours.state_signal.subscribe(lambda state: told.append(state.value))

        def failing(_state: Any) -> None:
            raise ValueError("in a subscriber")

        with self.assertLogs("commonroom", logging.ERROR):
            stop_failing = self.ours.state_signal.subscribe(failing)
            self.ours.state_signal.subscribe(last.append)
            await self.ours.close()
        for unsubscribe in [stop, stop, stop_failing]:
            unsubscribe()
        await self.ours.connect()
        self.assertEqual(len(last), 4)
        self.assertEqual(told, ["closing", "closed"])
        self.assertTrue(self.ours.is_connected)

    async def test_a_message_is_not_sent_from_a_failed_handler(self) -> None:
        async def answer(_message: Any) -> None:
            await self.ours.send({1, 2})

        self.ours.on_message(answer)
        await self.hear({"a": 1})
        await until("the report", lambda: self.ours.errors)
        self.assertIsInstance(self.ours.errors[0].__cause__, ChannelMessageError)


def print_nothing(*_messages: Any) -> None:
    """Takes any number, as `print` does: it gets the message alone."""
    assert len(_messages) == 1


if __name__ == "__main__":
    unittest.main()
