import type { Socket } from "socket.io";
import { after, all, type Eventual } from "../../eventual.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { isAnyMembership } from "../../rooms/rooms.ts";
import type { Change } from "./frames.ts";
import type { Group } from "./group.ts";

/** What became of a request. */
export interface Changed {
  readonly change: Change;
  /** Groups whose rooms would not have the client. */
  readonly refused: readonly Group[];
}

/** Groups by their names. */
type Groups = ReadonlyMap<string, Group>;

/**
 * The groups that a client is in: what its last good request said, but for those that have ended.
 * Two groups may be one room, where one name is the other's alias.
 */
export class JoinedGroups {
  readonly #socket: Socket;
  readonly #rooms: Rooms;
  #groups: Groups = new Map();
  readonly #memberships = new Set<string>();

  constructor(socket: Socket, rooms: Rooms) {
    this.#socket = socket;
    this.#rooms = rooms;
  }

  /** Notes that the membership of a room has ended by itself; gives the groups that went with it. */
  end(room: string): readonly Group[] {
    this.#memberships.delete(room);
    const all = [...this.#groups.values()];
    this.#groups = this.#joinedOf(all);
    return all.filter(({ name }) => !this.#groups.has(name));
  }

  /** Leaves what is not wanted any more, and then joins what is new. What is kept is not touched. */
  replace(wanted: Groups): Eventual<Changed> {
    const former = this.#groups;
    const names = new Map([...wanted.keys()].map((name) => [this.#rooms.roomOf(name), name]));
    const unwanted = [...this.#memberships].filter((room) => !names.has(room));
    const missing = [...names].filter(([room]) => !this.#memberships.has(room));
    this.#groups = this.#joinedOf([...former.values()].filter(({ name }) => wanted.has(name)));
    return after(all(unwanted.map((room) => this.#leave(room))), () =>
      after(all(missing.map(([room, name]) => this.#join(room, name))), () => {
        this.#groups = this.#joinedOf([...wanted.values()]);
        return changeOf(former, wanted, this.#groups);
      }),
    );
  }

  /** Those of the groups whose rooms the client is in. */
  #joinedOf(groups: readonly Group[]): Groups {
    const joined = groups.filter(({ name }) => this.#memberships.has(this.#rooms.roomOf(name)));
    return new Map(joined.map((group) => [group.name, group]));
  }

  #join(room: string, name: string): Eventual<void> {
    return answered((answer) => {
      const request = { params: {}, ref: undefined };
      this.#rooms.join(this.#socket, name, request, (_reply, member) => {
        if (member !== undefined) this.#memberships.add(room);
        answer();
      });
    });
  }

  #leave(room: string): Eventual<void> {
    // First, so that the end of the membership is no news.
    this.#memberships.delete(room);
    return answered((answer) => this.#rooms.leave(this.#socket, room, isAnyMembership, answer));
  }
}

function changeOf(former: Groups, wanted: Groups, current: Groups): Changed {
  const names = [...wanted.keys()];
  const change = {
    current: names.filter((name) => current.has(name)),
    left: [...former.keys()].filter((name) => !current.has(name)),
    joined: names.filter((name) => current.has(name) && !former.has(name)),
  };
  return { change, refused: [...wanted.values()].filter(({ name }) => !current.has(name)) };
}

/** Waits for the answer of a request, where it does not come at once. */
function answered(ask: (answer: () => void) => void): Eventual<void> {
  let isAnswered = false;
  let tell = (): void => {
    isAnswered = true;
  };
  ask(() => tell());
  if (isAnswered) return undefined;
  return new Promise((resolve) => {
    tell = resolve;
  });
}
