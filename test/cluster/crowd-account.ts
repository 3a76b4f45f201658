import type { CrowdMember } from "./crowd-member.ts";
import type { CrowdNode } from "./crowd-node.ts";
import { type Attempt, type Stay, textOf } from "./crowd-record.ts";
import type { CrowdStream, Sent } from "./crowd-streams.ts";

/** What became of the messages that a member could have heard. */
export interface Account {
  sent: number;
  delivered: number;
  /** Sent while the member was not in the room. */
  missedAway: number;
  /** Sent while the node that the member was at ended, and the member did not know yet. */
  missedAtEnd: number;
  readonly problems: string[];
}

/** How long a message may be on its way. Generous: all but a few take less than ten. */
const MAX_FLIGHT_MS = 300;

/** An account with nothing in it. */
function emptyAccount(): Account {
  return { sent: 0, delivered: 0, missedAway: 0, missedAtEnd: 0, problems: [] };
}

/**
 * The messages of a stream that were broadcast: all that were taken, and those that somebody heard
 * although their sender was not told. Those that were neither taken nor heard do not count.
 */
export function broadcastOf(stream: CrowdStream, members: readonly CrowdMember[]): Sent[] {
  const heard = new Set(members.flatMap(({ record }) => record.heard.map(textOf)));
  const { sender } = stream;
  return stream.sent.filter(({ n, isTaken }) => isTaken || heard.has(textOf({ sender, n })));
}

/** The messages of a stream that are in a log. */
export function loggedOf({ sender, sent }: CrowdStream, log: readonly string[]): Sent[] {
  const texts = new Set(log);
  return sent.filter(({ n }) => texts.has(textOf({ sender, n })));
}

/**
 * Accounts for each message of a stream as one member of a room without a log could have heard it.
 * What it misses, it may miss only from before it was let in or from after its node began to end:
 * within a stay there are no gaps.
 *
 * @param messages those that were broadcast
 */
export function accountFor(
  { seat, record }: CrowdMember,
  sender: string,
  messages: readonly Sent[],
  nodes: readonly CrowdNode[],
): Account {
  const account = emptyAccount();
  const fail = (n: number, what: string): unknown =>
    account.problems.push(`${seat.name} in ${seat.room}: ${sender}#${n} ${what}`);
  const numbersOf = ({ heard }: Stay): number[] =>
    heard.filter((message) => message.sender === sender).map(({ n }) => n);
  const stays = record.stays.map((stay) => ({ stay, numbers: numbersOf(stay) }));
  const all = stays.flatMap(({ numbers }) => numbers);
  const heard = new Set(all);
  all.forEach((n, index) => {
    if (all.indexOf(n) !== index) fail(n, "came twice");
    if (n < (all[index - 1] ?? 0)) fail(n, "came too late");
  });
  account.sent = messages.length;
  for (const message of messages) {
    if (heard.has(message.n)) {
      account.delivered += 1;
      continue;
    }
    const during = stays.find(({ stay, numbers }) => isWithin(message, stay, numbers));
    if (during === undefined) account.missedAway += 1;
    else if (isAtEnd(message, during.stay, during.numbers, nodes)) account.missedAtEnd += 1;
    else fail(message.n, `is missing: ${describe(message, during.stay, during.numbers, nodes)}`);
  }
  return account;
}

/** Whether a message was sent during a stay, or stands between two that came. */
function isWithin({ n, first }: Sent, { from, until }: Stay, numbers: readonly number[]): boolean {
  if (n > (numbers[0] ?? Number.POSITIVE_INFINITY) && n < (numbers.at(-1) ?? 0)) return true;
  return first.order > from.order && first.order < (until?.order ?? Number.POSITIVE_INFINITY);
}

/** Whether a message may have been lost with the connection, whose node had been told to end. */
function isAtEnd(
  { n, last }: Sent,
  stay: Stay,
  numbers: readonly number[],
  nodes: readonly CrowdNode[],
): boolean {
  if (n < (numbers.at(-1) ?? 0)) return false;
  return endingsDuring(stay, nodes).some((ms) => last.ms > ms - MAX_FLIGHT_MS);
}

/**
 * When the node that a member was at was told to end: while the member was there, or already while
 * it was on its way in. Empty if the stay goes on.
 */
function endingsDuring({ attempt, until }: Stay, nodes: readonly CrowdNode[]): readonly number[] {
  if (until === undefined) return [];
  return endingsOf(attempt, nodes).filter((ms) => ms > attempt.ms && ms < until.ms);
}

/** Whenever the node that a member has asked was told to end. */
function endingsOf(attempt: Attempt, nodes: readonly CrowdNode[]): readonly number[] {
  return nodes.find(({ port }) => port === attempt.port)?.endingsMs ?? [];
}

function describe(
  { first, last, isTaken }: Sent,
  { attempt, from, until }: Stay,
  numbers: readonly number[],
  nodes: readonly CrowdNode[],
): string {
  const times = {
    first: first.ms,
    last: last.ms,
    asked: attempt.ms,
    from: from.ms,
    until: until?.ms,
  };
  const rounded = Object.entries(times).map(([name, ms]) => `${name} ${Math.round(ms ?? -1)}`);
  const endings = endingsOf(attempt, nodes).map(Math.round);
  const came = `${numbers.length} came, ${numbers[0]} to ${numbers.at(-1)}`;
  return `${rounded.join(", ")}, endings ${endings.join()}, taken ${isTaken}; ${came}`;
}

/** Stays that ended although their node went on, and Redis too. */
export function unexplainedEnds(
  { seat, record }: CrowdMember,
  nodes: readonly CrowdNode[],
): string[] {
  return record.stays.flatMap((stay) => {
    const { attempt, from, until, wasInterrupted } = stay;
    if (until === undefined || wasInterrupted || endingsDuring(stay, nodes).length > 0) return [];
    const times = [attempt.ms, from.ms, until.ms].map(Math.round);
    return [`${seat.name} was let go by ${attempt.port}: asked, in and out at ${times.join()}`];
  });
}
