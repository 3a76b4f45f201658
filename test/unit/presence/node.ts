import { Presence } from "phoenix";
import type { Clock } from "../../../server/clock.ts";
import { Replication } from "../../../server/presence/replication.ts";
import type { PresenceDiff, PresenceMeta, PresenceState } from "../../../server/rooms/presence.ts";
import { Presences } from "../../../server/rooms/presences.ts";
import type { Network, TestLink } from "./network.ts";

/** Where the times of these tests come from. */
const times = { timeoutMs: 10_000, windowMs: 50 };

let ids = 0;

/** `phx_ref`s by key, which is what two views of a room must agree in. */
export type Refs = ReadonlyMap<string, readonly string[]>;

/** A member as phoenix.js sees its room. */
export class Member {
  readonly room: string;
  readonly key: string;
  /** What it was told after its state, a line for each presence: `+a` or `-a`. */
  readonly heard: string[] = [];
  meta: PresenceMeta;
  readonly #handlers = new Map<string, (payload: object) => void>();
  readonly #presence: Presence;

  constructor(room: string, key: string, meta: PresenceMeta) {
    this.room = room;
    this.key = key;
    this.meta = meta;
    const channel = {
      joinRef: () => "1",
      on: (event: string, handler: (payload: object) => void) => this.#handlers.set(event, handler),
    };
    this.#presence = new Presence(channel as never);
  }

  /** Takes a `presence_state`. */
  state(state: PresenceState): void {
    this.#handlers.get("presence_state")?.(structuredClone(state));
  }

  /** Takes a `presence_diff`. */
  diff(diff: PresenceDiff): void {
    for (const ref of refsIn(diff.joins)) this.heard.push(`+${ref}`);
    for (const ref of refsIn(diff.leaves)) this.heard.push(`-${ref}`);
    this.#handlers.get("presence_diff")?.(structuredClone(diff));
  }

  /** Whom it sees. */
  get view(): Refs {
    const view: [string, string[]][] = this.#presence.list((key, { metas }) => [
      key,
      metas.map(({ phx_ref }: PresenceMeta) => phx_ref).sort(),
    ]);
    return sorted(view);
  }
}

/** A node's presences, with members that are told of them. */
export class TestNode {
  readonly presences = new Presences();
  readonly replication: Replication;
  readonly link: TestLink;
  readonly members = new Set<Member>();
  readonly problems: string[] = [];
  refused = 0;
  readonly #clock: Clock;

  constructor(network: Network, clock: Clock, name: string) {
    this.#clock = clock;
    this.link = network.createLink();
    this.replication = new Replication({
      link: this.link,
      presences: this.presences,
      clock,
      ...times,
      randomId: () => {
        ids += 1;
        return `id${String(ids).padStart(8, "0")}`;
      },
      onRefused: () => {
        this.refused += 1;
      },
      onProblem: (problem) => this.problems.push(problem),
    });
    this.replication.start(name);
  }

  /** Makes a member present, and shows it who is. */
  join(room: string, key: string, meta: PresenceMeta): Member {
    this.presences.open(room, {
      clock: this.#clock,
      windowMs: times.windowMs,
      publish: (diff) => this.#tell(room, diff),
      onError: (error) => {
        throw error;
      },
    });
    const member = new Member(room, key, meta);
    this.members.add(member);
    this.presences.track(room, key, meta);
    member.state(this.state(room));
    return member;
  }

  /** Changes what is told of a member. */
  update(member: Member, meta: PresenceMeta): void {
    const former = member.meta.phx_ref;
    member.meta = { ...meta, phx_ref_prev: former };
    this.presences.track(member.room, member.key, member.meta);
    this.presences.untrack(member.room, member.key, former);
  }

  leave(member: Member): void {
    this.members.delete(member);
    this.presences.untrack(member.room, member.key, member.meta.phx_ref);
    const isEmpty = ![...this.members].some(({ room }) => room === member.room);
    if (isEmpty) this.presences.close(member.room);
  }

  /** Ends without a word. */
  crash(): void {
    this.link.close();
    this.replication.stop();
    this.presences.stop();
  }

  /** Ends as it should. */
  stop(): void {
    this.replication.stop();
    this.link.close();
    this.presences.stop();
  }

  /** Everyone who is present in a room, as the node knows it. */
  state(room: string): PresenceState {
    return this.presences.of(room)?.state() ?? {};
  }

  #tell(room: string, diff: PresenceDiff): void {
    for (const member of this.members) {
      if (member.room === room) member.diff(diff);
    }
  }
}

/** The `phx_ref`s of a state by key. */
export function refsOf(state: PresenceState): Refs {
  return sorted(
    Object.entries(state).map(([key, { metas }]) => [key, metas.map((m) => m.phx_ref).sort()]),
  );
}

/** Who is in a room in truth: the members of all nodes. */
export function truth(nodes: Iterable<TestNode>, room: string): Refs {
  const refs = new Map<string, string[]>();
  for (const { members } of nodes) {
    for (const member of members) {
      if (member.room !== room) continue;
      refs.set(member.key, [...(refs.get(member.key) ?? []), member.meta.phx_ref].sort());
    }
  }
  return sorted([...refs]);
}

function sorted(refs: readonly (readonly [string, readonly string[]])[]): Refs {
  return new Map([...refs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refsIn(state: PresenceState): string[] {
  return Object.values(state).flatMap(({ metas }) => metas.map((meta) => meta.phx_ref));
}
