import { type Channel, Presence } from "phoenix";
import type { PresenceDiff, PresenceState } from "../../server/rooms/presence.ts";
import { connectPhoenix, joinPhoenix, leavePhoenix } from "../support/phoenix-client.ts";
import { until } from "../support/until.ts";

/** A member that phoenix.js tells who is there. */
export class PresenceMember {
  readonly name: string;
  /** Names that it was told of in diffs, a line for each presence: `+ann` or `-ann`. */
  readonly heard: string[] = [];
  readonly #channel: Channel;
  readonly #presence: Presence;

  private constructor(name: string, channel: Channel) {
    this.name = name;
    this.#channel = channel;
    this.#presence = new Presence(channel);
    channel.on("presence_diff", (diff: PresenceDiff) => {
      for (const joined of namesOf(diff.joins)) this.heard.push(`+${joined}`);
      for (const left of namesOf(diff.leaves)) this.heard.push(`-${left}`);
    });
  }

  /** Joins a room under a name, and waits until it has been told of itself in a diff. */
  static async join(
    { wsUrl }: { readonly wsUrl: string },
    name: string,
    room = "lobby",
  ): Promise<PresenceMember> {
    const socket = connectPhoenix(`${wsUrl}/socket`, { reconnectAfterMs: () => 60_000 });
    const member = new PresenceMember(name, socket.channel(room, { meta: { name } }));
    await joinPhoenix(member.#channel);
    await until(`${name} to hear of itself`, () => member.heard.includes(`+${name}`));
    return member;
  }

  /** Names of all that it sees, in order. */
  get view(): string[] {
    return this.#presence
      .list((_key, { metas }) => metas.map((meta: { name?: string }) => meta.name ?? ""))
      .flat()
      .sort(byText);
  }

  /** Waits until it sees exactly these. */
  async sees(names: readonly string[], timeoutMs = 5000): Promise<void> {
    const expected = [...names].sort(byText).join();
    const probe = (): boolean => this.view.join() === expected;
    await until(`${this.name} to see ${expected}`, probe, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; it sees ${this.view.join()}`);
    });
  }

  /** Leaves the room. */
  async leave(): Promise<void> {
    await leavePhoenix(this.#channel);
  }
}

/** Names in a state, in order. */
export function namesOf(state: PresenceState): string[] {
  return Object.values(state)
    .flatMap(({ metas }) => metas.map((meta) => String(meta["name"])))
    .sort(byText);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
