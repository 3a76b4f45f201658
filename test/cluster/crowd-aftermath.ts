import type { Crowd, CrowdRoom } from "./crowd.ts";
import { accountFor, broadcastOf } from "./crowd-account.ts";
import { conductOf, logOf, repeatsOf } from "./crowd-audit.ts";
import { auditRecovery } from "./crowd-log.ts";
import { type Moment, textOf } from "./crowd-record.ts";
import type { CrowdStream } from "./crowd-streams.ts";

/** What senders and members may be told when Redis was away, and its logs are others. */
const EXPECTED = /: (?:log_unavailable|backends_unreachable|history lost|history_lost: .*)$/;

/**
 * What is wrong after Redis has lost all it had: from some moment on, everything arrives everywhere
 * once, and the logs that have begun anew have it all.
 */
export async function auditAftermath(crowd: Crowd, from: Moment): Promise<readonly string[]> {
  const problems = conductOf(crowd).filter((problem) => !EXPECTED.test(problem));
  for (const room of crowd.rooms) {
    problems.push(...repeatsOf(room));
    const found = room.keepsLog
      ? auditNewLog(room, await logOf(crowd, room), from)
      : auditOpenRoom(crowd, room, from);
    problems.push(...found);
  }
  return problems.slice(0, 20);
}

function auditOpenRoom({ nodes }: Crowd, { members, streams }: CrowdRoom, from: Moment): string[] {
  return streams.flatMap((stream) => {
    const messages = broadcastOf(stream, members).filter(({ first }) => isLater(first, from));
    return members.flatMap((member) => {
      if (member.seat.name === stream.sender) return [];
      const account = accountFor(member, stream.sender, messages, nodes);
      const missed = account.missedAway + account.missedAtEnd;
      const who = `${member.seat.name} has missed ${missed} of ${stream.sender}`;
      return missed === 0 ? account.problems : [who];
    });
  });
}

/** Only what is in the new log from then on matters: before, members had yet to be told. */
function auditNewLog({ members, streams }: CrowdRoom, log: readonly string[], from: Moment) {
  const later = new Set(streams.flatMap((stream) => laterTexts(stream, from)));
  const laterLog = log.filter((text) => later.has(text));
  const logged = new Set(laterLog);
  const recovering = members.filter(({ recovers }) => recovers);
  return [
    ...[...later]
      .filter((text) => !logged.has(text))
      .map((text) => `${text} is not in the new log`),
    ...(logged.size < laterLog.length ? ["something was logged twice"] : []),
    ...recovering.flatMap((member) => auditRecovery(member, laterLog, later)),
  ];
}

function laterTexts({ sender, sent }: CrowdStream, from: Moment): string[] {
  return sent
    .filter(({ first, isTaken }) => isTaken && isLater(first, from))
    .map(({ n }) => textOf({ sender, n }));
}

function isLater(one: Moment, other: Moment): boolean {
  return one.order > other.order;
}
