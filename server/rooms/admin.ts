import type { Backends } from "./backends.ts";
import type { Member } from "./member.ts";
import type { Room } from "./room.ts";

const ADMIN_ROOM = "admin";
/** Always there in Tangram, joined or not, and never announced as added or removed. */
const SPECIAL_ROOMS = ["phoenix", "system", ADMIN_ROOM];
/** Lists are told in full up to here: they are sent at every join and leave. */
const MAX_LISTED = 100;

/**
 * Tells the `admin` room, and backends that listen to `to:admin:*`, which rooms and members this
 * node has. Events and payloads are Tangram's.
 */
export class Admin {
  readonly #rooms: ReadonlyMap<string, Room>;
  readonly #backends: Backends;
  readonly #deliver: (room: string, event: string, payload: unknown) => void;

  /** @param deliver sends an event to this node's members of a room */
  constructor(
    rooms: ReadonlyMap<string, Room>,
    backends: Backends,
    deliver: (room: string, event: string, payload: unknown) => void,
  ) {
    this.#rooms = rooms;
    this.#backends = backends;
    this.#deliver = deliver;
  }

  /** Announces a member that has joined. */
  joined(member: Member, room: Room): void {
    if (!this.#isHeard()) return;
    if (!SPECIAL_ROOMS.includes(room.name)) this.#announceRooms("channel.add", room.name);
    this.#announceMember("channel.join", member, room);
    if (room.name === ADMIN_ROOM) this.#announceAll();
  }

  /** Announces a member that has left, and its room if it was the last. */
  left(member: Member, room: Room): void {
    if (!this.#isHeard()) return;
    if (member.departure !== "disconnected") this.#announceMember("channel.leave", member, room);
    const isGone = room.members.size === 0 && !SPECIAL_ROOMS.includes(room.name);
    if (isGone) this.#announceRooms("channel.remove", room.name);
  }

  #isHeard(): boolean {
    return this.#backends.isConfigured || this.#rooms.has(ADMIN_ROOM);
  }

  #announceMember(event: string, member: Member, room: Room): void {
    this.#announce(event, { agent: member.id, agents: agentsOf(room), channel: room.name });
  }

  #announceRooms(event: string, channel: string): void {
    this.#announce(event, { channel, channels: this.#roomNames() });
  }

  #announceAll(): void {
    for (const channel of this.#roomNames()) {
      const room = this.#rooms.get(channel);
      this.#announce("channel.list", { agents: room === undefined ? [] : agentsOf(room), channel });
    }
  }

  #roomNames(): string[] {
    const names = new Set(SPECIAL_ROOMS);
    for (const name of this.#rooms.keys()) {
      if (names.size >= MAX_LISTED) break;
      names.add(name);
    }
    return [...names];
  }

  #announce(event: string, payload: object): void {
    if (this.#backends.announce(ADMIN_ROOM, event, payload)) return;
    this.#deliver(ADMIN_ROOM, event, payload);
  }
}

function agentsOf(room: Room): string[] {
  const agents: string[] = [];
  for (const member of room.members) {
    if (agents.length >= MAX_LISTED) break;
    agents.push(member.id);
  }
  return agents;
}
