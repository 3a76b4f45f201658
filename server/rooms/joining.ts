import type { RefusalCode } from "../codes.ts";
import type { Eventual } from "../eventual.ts";
import type { Candidates, NamedRequest } from "./candidates.ts";
import type { Channel, Decision } from "./channel.ts";
import { NO_PARAMS } from "./join-params.ts";
import type { Task } from "./lanes.ts";
import type { Entry } from "./log/entry.ts";
import type { RoomLogs } from "./log/room-logs.ts";
import type { Member, Peer } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import { mustBeEncodable } from "./payload.ts";
import { ok, type Reply, refuse } from "./reply.ts";

/** Takes an answer, and the membership it is about, if there is one. */
export type Answer = (reply: Reply, member?: Member) => void;

/** What joining needs of its surroundings. */
export interface JoiningContext {
  readonly candidates: Pick<Candidates, "of">;
  readonly memberships: Pick<Memberships, "enter" | "isIn" | "remove">;
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
    this.#endFormer(peer, room);
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
    const settled = decision.catch((error: unknown) => this.#crashedJoin(error, room));
    return pending(peer, settled, (decided) => this.#decide(member, decided, answer));
  }

  /** Refuses a join without a look at it. A membership that there is ends all the same. */
  refuse(peer: Peer, room: string, code: RefusalCode, answer: Answer): void {
    this.#endFormer(peer, room);
    answer(refuse(code));
  }

  #endFormer(peer: Peer, room: string): void {
    const former = peer.memberships.get(room);
    if (former !== undefined) this.#context.memberships.remove(former, "replaced");
  }

  #decide(member: Member, given: Decision, answer: Answer): void | Promise<void> {
    if (member.peer.isLeaving) return;
    const decision = this.#checked(given, member.room);
    if (!decision.ok) {
      answer(decision.reply);
      return;
    }
    const { response } = decision;
    const isHeard = this.#context.hear(member.room);
    if (!(isHeard instanceof Promise)) return this.#open(member, response, answer);
    return pending(member.peer, isHeard, () => {
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
    return entered instanceof Promise ? pending(member.peer, entered, finish) : finish(entered);
  }

  /** Makes a member one, in one turn with the reply and with what it has missed. */
  #enter(
    member: Member,
    response: object,
    missed: readonly Entry[],
    answer: Answer,
  ): Eventual<void> {
    const { memberships, logs } = this.#context;
    memberships.enter(member);
    answer(ok(response), member);
    logs.replay(member, missed);
    // What it has missed may have cost it the room, by way of a channel that intercepts.
    const done = memberships.isIn(member) ? this.#tellChannel(member) : undefined;
    member.params = NO_PARAMS;
    return done;
  }

  #tellChannel(member: Member): void | Promise<void> {
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

  /** A decision that no dialect could tell makes no member. */
  #checked(decision: Decision, room: string): Decision {
    const response = decision.ok ? decision.response : decision.reply.response;
    try {
      mustBeEncodable(response);
      return decision;
    } catch (error) {
      return this.#crashedJoin(error, room);
    }
  }

  #crashedJoin(error: unknown, room: string): Decision {
    this.#context.onCrash(error, room, "phx_join");
    return { ok: false, reply: refuse("join_crashed") };
  }
}

/** Goes on with a join that waits for something, and counts as one of its peer's rooms meanwhile. */
function pending<Value, Result>(
  peer: Peer,
  awaited: Promise<Value>,
  next: (value: Value) => Eventual<Result>,
): Promise<Result> {
  const settle = (): void => {
    peer.pendingJoins -= 1;
  };
  peer.pendingJoins += 1;
  return awaited.then(
    (value) => {
      settle();
      return next(value);
    },
    (error: unknown) => {
      settle();
      throw error;
    },
  );
}
