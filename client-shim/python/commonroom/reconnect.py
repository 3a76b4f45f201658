"""When to come back after a connection ended."""

from __future__ import annotations

import random
from typing import Callable

LONGEST_DELAY_SECS = 30.0
SHORTEST_DELAY_SECS = 0.05
STABLE_SECS = 1.0

# What these closes say will be said again: a new attempt would be refused like the last one.
FINAL_CLOSE_CODES = frozenset([4400, 4401, 4403, 4404, 4405, 4406, 4407, 4408])


def is_final(code: int) -> bool:
    """Whether a close with this code means: do not come back by yourself."""
    return code in FINAL_CLOSE_CODES


class Backoff:
    """Counts attempts in a row, and tells how long to wait before the next one."""

    def __init__(self, random_share: Callable[[], float] = random.random) -> None:
        self._random_share = random_share
        self.attempts = 0

    def next_delay_secs(self, first_delay_secs: float, max_attempts: int | None) -> float | None:
        """The wait before the next attempt, or None if there have been enough."""
        if max_attempts is not None and self.attempts >= max_attempts:
            return None
        self.attempts += 1
        first = max(first_delay_secs, SHORTEST_DELAY_SECS)
        longest = max(LONGEST_DELAY_SECS, first)
        # Beyond 2^20 every delay is the longest one; the bound keeps the power a number.
        delay = min(first * 2.0 ** min(self.attempts - 1, 20), longest)
        return delay * (0.5 + 0.5 * self._random_share())

    def connection_ended(self, lasted_secs: float, first_delay_secs: float) -> None:
        """Starts the count anew if the connection was a stable one."""
        if lasted_secs >= max(STABLE_SECS, first_delay_secs):
            self.attempts = 0
