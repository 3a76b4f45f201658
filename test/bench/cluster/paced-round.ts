import { setTimeout as sleep } from "node:timers/promises";
import type { SeatedRoom } from "./seats.ts";
import type { Send } from "./senders.ts";

/** What came of an even flow of messages. */
export interface PacedRound {
  /** Messages that were to be sent, and such that were. */
  readonly planned: number;
  readonly sent: number;
  /** Frames that members got. */
  readonly deliveries: number;
  /** Frames that no member got in time. Nothing more can be measured in these rooms then. */
  readonly missing: number;
  /** Until the last message had reached its last member, or was given up. */
  readonly elapsedMs: number;
  readonly delaysMs: readonly number[];
}

const TICK_MS = 5;
/** How long the last messages may take before one counts as lost. */
const PATIENCE_MS = 15_000;

/**
 * Sends at an even pace, to one room after the other. Where a room's members are too far behind, it
 * sends less than planned.
 *
 * @param perSecond messages in all rooms together
 */
export async function runPaced(
  rooms: readonly SeatedRoom[],
  senders: readonly Send[],
  perSecond: number,
  durationMs: number,
): Promise<PacedRound> {
  const planned = Math.floor((perSecond * durationMs) / 1000);
  const startMs = performance.now();
  let sent = 0;
  let expected = 0;
  const sendDue = (passedMs: number): void => {
    const due = Math.min(planned, Math.floor((passedMs * perSecond) / 1000));
    while (sent < due) {
      const seated = rooms[sent % rooms.length];
      if (seated === undefined || seated.room.isFull) break;
      senders[sent % rooms.length]?.();
      expected += seated.members.length;
      sent += 1;
    }
  };
  for (let passedMs = 0; passedMs < durationMs; ) {
    await sleep(TICK_MS);
    passedMs = performance.now() - startMs;
    sendDue(passedMs);
  }
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!rooms.every(({ room }) => room.isQuiet) && performance.now() < deadlineMs) {
    await sleep(TICK_MS);
  }
  const elapsedMs = performance.now() - startMs;
  const missing = rooms.reduce((total, { room }) => total + room.missing, 0);
  const delaysMs = rooms.flatMap(({ room }) => room.takeDelaysMs());
  return { planned, sent, deliveries: expected - missing, missing, elapsedMs, delaysMs };
}

/** Where nothing may be missing: what follows could not be measured. */
export function failIfMissing(round: PacedRound): PacedRound {
  if (round.missing > 0) throw new Error(`${round.missing} messages did not reach their members`);
  return round;
}
