"""What all tests need."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any, Callable

from commonroom import Channel

DEADLINE_SECS = 5.0


async def until(what: str, probe: Callable[[], Any]) -> Any:
    """Waits until `probe()` gives something; fails after some seconds."""
    loop = asyncio.get_running_loop()
    deadline_secs = loop.time() + DEADLINE_SECS
    while True:
        found = probe()
        if found:
            return found
        if loop.time() > deadline_secs:
            raise AssertionError(f"not within {DEADLINE_SECS} s: {what}")
        await asyncio.sleep(0.005)


class ChannelTest(unittest.IsolatedAsyncioTestCase):
    """Closes the channels of a test at its end; fails for what asyncio had to complain about."""

    async def asyncSetUp(self) -> None:
        self.channels: list[Channel] = []
        self.complaints: list[str] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: self.complaints.append(repr(context))
        )

    async def asyncTearDown(self) -> None:
        for channel in self.channels:
            await channel.close()
        self.assertEqual(self.complaints, [])

    def channel(self, url: str, **settings: Any) -> Channel:
        """A channel that is closed with the test, and its errors."""
        channel = Channel(url, **settings)
        self.channels.append(channel)
        channel.errors = []  # type: ignore[attr-defined]
        channel.on_error(channel.errors.append)  # type: ignore[attr-defined]
        return channel
