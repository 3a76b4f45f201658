import type { CrowdMember } from "./crowd-member.ts";
import type { CrowdNode } from "./crowd-node.ts";
import { textOf } from "./crowd-record.ts";
import type { CrowdStream } from "./crowd-streams.ts";

const PAGE = 1000;

interface LogPage {
  readonly epoch: string;
  readonly entries: readonly { readonly offset: number; readonly payload: unknown }[];
}

/** The texts in a room's log, in their order. */
export async function readLog({ url }: CrowdNode, room: string, token: string): Promise<string[]> {
  const texts: string[] = [];
  for (let after = 0; ; ) {
    const address = `${url}/rooms/${encodeURIComponent(room)}/log?after=${after}&limit=${PAGE}`;
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    const { entries } = (await response.json()) as LogPage;
    if (entries.length === 0) return texts;
    for (const { offset, payload } of entries) {
      if (offset !== texts.length + 1) throw new Error(`${room}: ${offset} after ${texts.length}`);
      texts.push(String(Object(payload).text));
      after = offset;
    }
  }
}

/** What a log does not have as it should, and which taken messages it has not. */
export interface LogAudit {
  readonly problems: readonly string[];
  /** What backends have published, and no node has logged. */
  readonly unlogged: readonly { readonly text: string; readonly ms: number }[];
}

/** Compares a log with what was sent: all that was taken once, each sender's in its order. */
export function auditLog(log: readonly string[], streams: readonly CrowdStream[]): LogAudit {
  const problems: string[] = [];
  const unlogged: { text: string; ms: number }[] = [];
  const places = new Map<string, number>();
  log.forEach((text, index) => {
    if (places.has(text)) problems.push(`${text} was logged twice`);
    places.set(text, index);
  });
  let known = 0;
  for (const { sender, sent } of streams) {
    let before = -1;
    for (const { n, isTaken, last } of sent) {
      const text = textOf({ sender, n });
      const place = places.get(text);
      if (place === undefined) {
        if (isTaken && sender.startsWith("backend")) unlogged.push({ text, ms: last.ms });
        else if (isTaken) problems.push(`${text} was taken, and is not in the log`);
        continue;
      }
      known += 1;
      if (place < before) problems.push(`${text} was logged too late`);
      before = place;
    }
  }
  if (known < places.size) problems.push(`${places.size - known} entries that nobody sent`);
  return { problems, unlogged };
}

/**
 * Compares what a member heard with the log: everything once and in its order. Its own messages it
 * hears only where it came back without having been told that they were taken.
 *
 * @param counted what it heard beside these does not matter; by default all does
 */
export function auditRecovery(
  { seat, record }: CrowdMember,
  log: readonly string[],
  counted?: ReadonlySet<string>,
): string[] {
  const isOwn = (text: string): boolean => text.startsWith(`${seat.name}#`);
  const heard = record.heard.map(textOf).filter((text) => counted?.has(text) !== false);
  const others = heard.filter((text) => !isOwn(text));
  const wanted = log.filter((text) => !isOwn(text));
  const who = `${seat.name} in ${seat.room}`;
  const index = wanted.findIndex((text, place) => others[place] !== text);
  if (index >= 0) {
    return [
      `${who}: ${others[index]} in the place of ${wanted[index]}, the ${index + 1}th of ${wanted.length}; it has ${others.length}`,
    ];
  }
  if (others.length > wanted.length) return [`${who}: ${others[wanted.length]} is not in the log`];
  const places = heard.map((text) => log.indexOf(text));
  const isInOrder = places.every((place, at) => place > (places[at - 1] ?? -1));
  return isInOrder ? [] : [`${who}: its own messages came twice or too late`];
}
