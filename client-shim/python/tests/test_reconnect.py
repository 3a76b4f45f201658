"""How long to wait before coming back."""

from __future__ import annotations

import unittest

from commonroom.reconnect import Backoff, is_final


class Waits(unittest.TestCase):
    def test_double_up_to_thirty_seconds_and_at_most_half_is_chance(self) -> None:
        longest, shortest = Backoff(lambda: 1.0), Backoff(lambda: 0.0)
        waits = [longest.next_delay_secs(2, None) for _ in range(2000)]
        self.assertEqual(waits[:6], [2, 4, 8, 16, 30, 30])
        self.assertEqual(waits[-1], 30)
        self.assertEqual([shortest.next_delay_secs(2, None) for _ in range(2)], [1, 2])
        self.assertEqual(Backoff(lambda: 1.0).next_delay_secs(45, None), 45)

    def test_end_after_the_attempts_allowed(self) -> None:
        backoff = Backoff()
        found = [backoff.next_delay_secs(1, 2) is None for _ in range(3)]
        self.assertEqual(found, [False, False, True])
        self.assertIsNone(Backoff().next_delay_secs(1, 0))

    def test_start_anew_after_a_connection_that_lasted(self) -> None:
        for delay_secs, lasted_secs, attempts in [(0.1, 0.9, 1), (0.1, 1, 0), (5, 4, 1), (5, 5, 0)]:
            backoff = Backoff()
            backoff.next_delay_secs(delay_secs, None)
            backoff.connection_ended(lasted_secs, delay_secs)
            self.assertEqual(backoff.attempts, attempts)

    def test_are_never_zero(self) -> None:
        self.assertGreaterEqual(Backoff(lambda: 0.0).next_delay_secs(0, None), 0.025)

    def test_are_pointless_after_some_closes(self) -> None:
        final = [code for code in range(1000, 5000) if is_final(code)]
        self.assertEqual(final, [4400, 4401, 4403, 4404, 4405, 4406, 4407, 4408])


if __name__ == "__main__":
    unittest.main()
