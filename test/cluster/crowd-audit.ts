import type { Crowd, CrowdRoom } from "./crowd.ts";
import { accountFor, broadcastOf, loggedOf, unexplainedEnds } from "./crowd-account.ts";
import { auditLog, auditRecovery, readLog } from "./crowd-log.ts";
import { textOf } from "./crowd-record.ts";

/** What became of all messages, counted for each member that could have heard them. */
export interface CrowdAudit {
  readonly sent: number;
  readonly delivered: number;
  /** In rooms without a log: sent while the member was not in the room. */
  readonly missedAway: number;
  /** There, too: lost with a connection whose node was ending. */
  readonly missedAtEnd: number;
  /** What backends published for rooms with a log while no node was there to log it. */
  readonly unlogged: number;
  /** What should not be. */
  readonly problems: readonly string[];
}

/** How long no node may log what backends publish, after the one that did has ended. */
const UNLOGGED_MS = 4000;
/** Most problems that are told. */
const MAX_PROBLEMS = 20;

/** Accounts for all messages of a crowd whose nodes were ended in good order. */
export async function auditAll(crowd: Crowd): Promise<CrowdAudit> {
  const sum = { sent: 0, delivered: 0, missedAway: 0, missedAtEnd: 0, unlogged: 0 };
  const problems = conductOf(crowd);
  for (const room of crowd.rooms) {
    const log = room.keepsLog ? await logOf(crowd, room) : undefined;
    if (log !== undefined) {
      const kept = auditKept(crowd, room, log);
      sum.unlogged += kept.unlogged.length;
      problems.push(...kept.problems);
    }
    for (const stream of room.streams) {
      const messages = log ? loggedOf(stream, log) : broadcastOf(stream, room.members);
      for (const member of room.members) {
        if (member.seat.name === stream.sender) continue;
        const account = accountFor(member, stream.sender, messages, crowd.nodes);
        sum.sent += account.sent;
        sum.delivered += account.delivered;
        sum.missedAway += account.missedAway;
        sum.missedAtEnd += account.missedAtEnd;
        // The others are compared with the log.
        if (log === undefined || !member.recovers) problems.push(...account.problems);
      }
    }
  }
  return { ...sum, problems: problems.slice(0, MAX_PROBLEMS) };
}

/**
 * What is wrong where one node is killed again and again: rooms with a log lose nothing but what
 * backends publish before another node logs for it, once, and nobody hears anything twice.
 */
export async function auditKills(crowd: Crowd): Promise<readonly string[]> {
  const problems = conductOf(crowd);
  const unloggedMs: number[] = [];
  for (const room of crowd.rooms) {
    problems.push(...repeatsOf(room));
    if (!room.keepsLog) continue;
    const kept = auditKept(crowd, room, await logOf(crowd, room));
    problems.push(...kept.problems);
    unloggedMs.push(...kept.unlogged.map(({ ms }) => ms));
  }
  const lastedMs = Math.max(...unloggedMs) - Math.min(...unloggedMs);
  if (lastedMs > UNLOGGED_MS) problems.push(`nobody logged for ${Math.round(lastedMs)} ms`);
  return problems.slice(0, MAX_PROBLEMS);
}

/** What members of a room heard more than once. */
export function repeatsOf({ name, members }: CrowdRoom): string[] {
  return members.flatMap(({ seat, record }) => {
    const texts = record.heard.map(textOf);
    const repeated = texts.filter((text, index) => texts.indexOf(text) !== index);
    return repeated.map((text) => `${seat.name} in ${name}: ${text} came twice`);
  });
}

/** What members, senders and nodes did that they should not have. */
export function conductOf({ members, rooms, nodes }: Crowd): string[] {
  return [
    ...members.flatMap(({ seat, record }) =>
      record.problems.map((what) => `${seat.name}: ${what}`),
    ),
    ...members.flatMap((member) => unexplainedEnds(member, nodes)),
    ...rooms.flatMap(({ streams }) => streams.flatMap(({ problems }) => problems)),
    ...nodes.map(({ errors }) => errors).filter((errors) => errors !== ""),
  ];
}

/** What a room's log has. */
export function logOf({ nodes }: Crowd, { name, members }: CrowdRoom): Promise<string[]> {
  return readLog(nodes[0], name, members[0]?.seat.token ?? "");
}

function auditKept({ nodes }: Crowd, room: CrowdRoom, log: readonly string[]) {
  const { problems, unlogged } = auditLog(log, room.streams);
  const troublesMs = nodes.flatMap(({ endingsMs, stopsMs }) => [...endingsMs, ...stopsMs]);
  const unexplained = unlogged.filter(
    ({ ms }) => !troublesMs.some((troubleMs) => ms > troubleMs && ms < troubleMs + UNLOGGED_MS),
  );
  const heard = new Set(room.members.flatMap(({ record }) => record.heard.map(textOf)));
  const recovering = room.members.filter(({ recovers }) => recovers);
  return {
    unlogged,
    problems: [
      ...problems,
      ...unexplained.map(({ text }) => `${text} is not in the log, although no node had ended`),
      ...unlogged
        .filter(({ text }) => heard.has(text))
        .map(({ text }) => `${text} was heard unlogged`),
      ...recovering.flatMap((member) => auditRecovery(member, log)),
    ],
  };
}
