import type { Eventual } from "../eventual.ts";
import type { Candidates, NamedRequest } from "./candidates.ts";
import type { Channel, Decision } from "./channel.ts";
import type { Task } from "./lanes.ts";
import type { Entry } from "./log/entry.ts";
import type { RoomLogs } from "./log/room-logs.ts";
import type { Member, Peer } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import { ok, type Reply, refuse } from "./reply.ts";

/** Takes an answer, and the membership it is about, if there is one. */
export type Answer = (reply: Reply, member?: Member) => void;

/** What joining needs of its surroundings. */
export interface JoiningContext {
  readonly candidates: Pick<Candidates, "of">;
  readonly memberships: Pick<Memberships, "enter" | "remove">;
  readonly logs: Pick<RoomLogs, "keeps" | "open" | "replay">;
  /** Resolves once what others send to a room is heard. */
  readonly hear: (room: string) => Eventual<void>;
  /** Takes what a channel threw. */
  readonly onCrash: (error: unknown, room: string, event: string) => void;
}

/**
 * The way into a room: who asks becomes a candidate, whom the channel accepts or not, and then a
 * member, with what it has missed of the room's log.
 */
export class Joining {
  readonly #context: JoiningContext;

  constructor(context: JoiningContext) {
    this.#context = context;
  }

  /**
   * Decides on a join, and makes the member one. A membership that there is ends, also where the
   * next one is refused.
   *
   * @returns once it is decided and the channel has been told
   */
  join(
    peer: Peer,
    room: string,
    channel: Channel,
    request: NamedRequest,
    answer: Answer,
  ): void | Promise<void> {
    const former = peer.memberships.get(room);
    if (former !== undefined) this.#context.memberships.remove(former, "replaced");
    const member = this.#context.candidates.of(peer, room, channel, request);
    if ("status" in member) {
      answer(member);
      return;
    }
    if (member.params.position === "invalid" && this.#context.logs.keeps(room)) {
      answer(refuse("since_invalid"));
      return;
    }
    let decision: Decision | Promise<Decision>;
    try {
      decision = channel.join(member, request.params);
    } catch (error) {
      decision = this.#crashedJoin(error, room);
    }
    if (!(decision instanceof Promise)) return this.#decide(member, decision, answer);
    peer.pendingJoins += 1;
    return decision
      .catch((error: unknown) => this.#crashedJoin(error, room))
      .then((decided) => {
        peer.pendingJoins -= 1;
        return this.#decide(member, decided, answer);
      });
  }

  #decide(member: Member, decision: Decision, answer: Answer): void | Promise<void> {
    if (member.peer.isLeaving) return;
    if (!decision.ok) {
      answer(decision.reply);
      return;
    }
    const { response } = decision;
    const isHeard = this.#context.hear(member.room);
    if (!(isHeard instanceof Promise)) return this.#open(member, response, answer);
    member.peer.pendingJoins += 1;
    return isHeard.then(() => {
      member.peer.pendingJoins -= 1;
      if (!member.peer.isLeaving) return this.#open(member, response, answer);
    });
  }

  /** Makes an accepted member one; of a room that keeps a log, where the log can be reached. */
  #open(member: Member, response: object, answer: Answer): void | Promise<void> {
    if (!this.#context.logs.keeps(member.room)) return this.#enter(member, response, [], answer);
    const entered = this.#context.logs.open(member, (recovery): [Eventual<void>] => {
      if (member.peer.isLeaving) return [undefined];
      const told = { ...response, ...recovery.response };
      return [this.#enter(member, told, recovery.missed, answer)];
    });
    const finish = (done: [Eventual<void>] | undefined): Eventual<void> =>
      done === undefined ? answer(refuse("log_unavailable")) : done[0];
    if (!(entered instanceof Promise)) return finish(entered);
    member.peer.pendingJoins += 1;
    return entered.then((done) => {
      member.peer.pendingJoins -= 1;
      return finish(done);
    });
  }

  /** Makes a member one, in one turn with the reply and with what it has missed. */
  #enter(
    member: Member,
    response: object,
    missed: readonly Entry[],
    answer: Answer,
  ): Eventual<void> {
    this.#context.memberships.enter(member);
    answer(ok(response), member);
    this.#context.logs.replay(member, missed);
    return this.guarded(member, "phx_join", () => member.channel.joined(member));
  }

  /** What a channel throws costs its member the room, and nothing else. */
  guarded(member: Member, event: string, call: Task): void | Promise<void> {
    const onError = (error: unknown): void => {
      this.#context.onCrash(error, member.room, event);
      this.#context.memberships.remove(member, "crashed");
    };
    try {
      return call()?.catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  #crashedJoin(error: unknown, room: string): Decision {
    this.#context.onCrash(error, room, "phx_join");
    return { ok: false, reply: refuse("join_crashed") };
  }
}
