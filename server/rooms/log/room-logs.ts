import type { Adapter } from "socket.io-adapter";
import { PacketType } from "socket.io-parser";
import { EntryMeta } from "../../entry-meta.ts";
import { after, type Eventual } from "../../eventual.ts";
import type { Intercepted } from "../channel.ts";
import type { Member } from "../member.ts";
import { type Draft, type Entry, loggable } from "./entry.ts";
import type { Appended, Audience, LogStore, Page, UnloggedReason } from "./log-store.ts";
import { readRecordedEvent } from "./recorded-event.ts";
import { type Recovery, recover } from "./recovery.ts";

/** What the logs need of the rooms around them. */
export interface RoomLogsContext {
  readonly store: LogStore;
  /** Whether a room keeps a log. */
  readonly keeps: (room: string) => boolean;
  /** How many bytes a member's connection can take without being too slow a reader. */
  readonly spareBytes: (member: Member) => number;
  /** What an intercepted event becomes for one member; undefined keeps it from the member. */
  readonly intercept: (member: Member, event: string, payload: unknown) => Intercepted;
  /** Told of what server code or a backend sent, and could not be logged. */
  readonly onLost: (room: string, event: string, reason: UnloggedReason) => void;
}

/** A broadcast, as an adapter gets it. */
export interface RecordedBroadcast {
  readonly packet: { readonly data?: unknown; readonly id?: unknown };
  readonly audience: {
    readonly rooms: ReadonlySet<string>;
    readonly except?: ReadonlySet<string>;
    readonly flags?: { readonly local?: boolean; readonly volatile?: boolean };
  };
}

const NOBODY: readonly string[] = [];

/** The rooms' side of their logs: what is logged, and what a member gets that comes back. */
export class RoomLogs {
  readonly #context: RoomLogsContext;

  constructor(context: RoomLogsContext) {
    this.#context = context;
  }

  /** Whether a room keeps a log. */
  keeps(room: string): boolean {
    return this.#context.keeps(room);
  }

  /**
   * Appends a message to a room's log and sends it to the members.
   *
   * @param except Socket.IO rooms whose members are left out; the log has the message all the same
   */
  append(room: string, draft: Draft, except: Iterable<string> = NOBODY): Eventual<Appended> {
    return this.#context.store.append(room, draft, { except, isEverywhere: false });
  }

  /**
   * Takes a broadcast that belongs into a log. It then reaches the members by way of the log.
   *
   * @returns false for any other, which is to go on as it is
   */
  record({ packet, audience }: RecordedBroadcast): boolean {
    const { rooms, flags } = audience;
    if (rooms.size !== 1 || packet.id !== undefined) return false;
    if (flags?.volatile === true || flags?.local === true) return false;
    const [room = ""] = rooms;
    const event = readRecordedEvent(packet.data);
    if (event === undefined || !this.#context.keeps(room)) return false;
    const payload = loggable(event.payload);
    if (payload === undefined) return false;
    const except = audience.except ?? NOBODY;
    this.#record(room, { event: event.name, payload }, { except, isEverywhere: false });
    return true;
  }

  /**
   * Takes what every node has got for a room, from a backend for instance.
   *
   * @returns false if the room keeps no log, or the payload cannot be kept
   */
  recordFromEverywhere(room: string, event: string, payload: unknown): boolean {
    const kept = this.#context.keeps(room) ? loggable(payload) : undefined;
    if (kept === undefined) return false;
    this.#record(room, { event, payload: kept }, { except: NOBODY, isEverywhere: true });
    return true;
  }

  /**
   * Calls `enter` at a moment at which all that came before can be told from all that comes after.
   *
   * @returns undefined where the log cannot be reached; `enter` was not called then
   */
  open<Result>(
    member: Member,
    enter: (recovery: Recovery) => Eventual<Result>,
  ): Eventual<Result | undefined> {
    const { store, spareBytes } = this.#context;
    const { position } = member.params;
    const known = position === "invalid" ? undefined : position;
    return store.open(member.room, known?.since, (page) =>
      enter(recover(page, known, member.room, spareBytes(member))),
    );
  }

  /** Sends entries to one member, as they would have come. One of them may cost it the room. */
  replay(member: Member, entries: readonly Entry[]): void {
    const { channel, peer, room } = member;
    for (const entry of entries) {
      const { event, payload } = entry;
      const outgoing = channel.intercepts(event)
        ? this.#context.intercept(member, event, payload)
        : entry;
      if (member.departure !== undefined) return;
      if (outgoing === undefined) continue;
      peer.socket.emit(event, outgoing.payload, new EntryMeta(room, entry));
    }
  }

  /** Reads a part of a room's log; undefined where it cannot be reached. */
  read(room: string, afterOffset: number, limit: number): Eventual<Page | undefined> {
    return this.#context.store.read(room, afterOffset, limit);
  }

  /** Drops a room's log after a time, whatever is appended meanwhile; at once where that is 0. */
  forget(room: string, afterMs: number): Eventual<void> {
    return this.#context.store.forget(room, afterMs);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#context.store.stop();
  }

  #record(room: string, draft: Draft, audience: Audience): void {
    const { store, onLost } = this.#context;
    const done = after(store.append(room, draft, audience), (appended) => {
      if (!appended.ok) onLost(room, draft.event, appended.reason);
    });
    if (done instanceof Promise) done.catch(() => onLost(room, draft.event, "unavailable"));
  }
}

/** Makes the function that sends an entry to this node's members of a room. */
export function createDeliver(adapter: Adapter) {
  return (room: string, entry: Entry, except: Iterable<string>): void => {
    if (!adapter.rooms.has(room)) return;
    const { event, payload } = entry;
    // What `io.local.to(room).except(…).emit(…)` does in the end, for half of its time.
    const packet = { type: PacketType.EVENT, data: [event, payload, new EntryMeta(room, entry)] };
    const audience = { rooms: new Set([room]), except: new Set(except), flags: { local: true } };
    adapter.broadcast(packet, audience);
  };
}
