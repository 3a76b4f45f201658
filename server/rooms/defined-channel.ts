import { after } from "../eventual.ts";
import type { Channel, Decision, Intercepted } from "./channel.ts";
import { ChannelMember, type MemberContext, type PushRequest } from "./channel-member.ts";
import type { ChannelDefinition, EventDefinition, Schema } from "./definition.ts";
import { readLogSettings } from "./log/log-settings.ts";
import type { Departure, Member } from "./member.ts";
import { type Reply, refuse } from "./reply.ts";
import { type Checked, check } from "./schema-check.ts";

/** A definition whose types have been checked where it was declared. */
export type AnyDefinition = ChannelDefinition<unknown, Schema, Record<string, Schema>>;

type Handler = EventDefinition<unknown, Schema>;

/** A channel that an application has defined. */
export class DefinedChannel implements Channel {
  readonly decorate: Channel["decorate"];
  readonly visit = undefined;
  readonly log: Channel["log"];
  readonly #definition: AnyDefinition;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #interceptors: ReadonlyMap<string, (member: ChannelMember, payload: unknown) => unknown>;
  readonly #context: MemberContext;

  constructor(definition: AnyDefinition, context: MemberContext) {
    this.#definition = definition;
    this.#context = context;
    this.#handlers = new Map(Object.entries(definition.on ?? {}));
    this.#interceptors = new Map(Object.entries(definition.intercept ?? {}));
    const { presence, log } = definition;
    this.log = log && readLogSettings(log);
    this.decorate =
      presence && ((room, state): ReturnType<typeof presence> => presence(room, state));
  }

  /** Whether any outgoing event passes by. */
  get isIntercepting(): boolean {
    return this.#interceptors.size > 0;
  }

  join(member: Member, params: unknown): Decision | Promise<Decision> {
    return after(check(this.#definition.params, params), (checked) =>
      checked.ok ? this.#join(member, checked.value) : checked,
    );
  }

  async joined(member: Member): Promise<void> {
    await this.#definition.joined?.(memberOf(member));
  }

  push(
    member: Member,
    event: string,
    payload: unknown,
    answer: (reply: Reply) => void,
  ): void | Promise<void> {
    const handler = this.#handlers.get(event);
    const request: PushRequest = { reply: answer };
    if (handler === undefined) return this.#handleOther(member, event, payload, request);
    const handle = (checked: Checked): void | Promise<void> => {
      if (!checked.ok) return answer(checked.reply);
      return finish(handler.handle(memberOf(member), checked.value, request), answer);
    };
    return after(check(handler.payload, payload), handle);
  }

  farewell(): object {
    return {};
  }

  async left(member: Member, departure: Departure): Promise<void> {
    await this.#definition.leave?.(memberOf(member), departure);
  }

  intercepts(event: string): boolean {
    return this.#interceptors.has(event);
  }

  intercept(member: Member, event: string, payload: unknown): Intercepted {
    const outgoing = this.#interceptors.get(event)?.(memberOf(member), payload);
    return outgoing === undefined ? undefined : { payload: outgoing };
  }

  #join(member: Member, params: unknown): Decision | Promise<Decision> {
    const definition = this.#definition;
    const joining = new ChannelMember<unknown>(member, undefined, this.#context);
    if (definition.join === undefined) return accepted(member, joining, {});
    const { room, id, connection, socket } = joining;
    const decision = definition.join({ room, id, connection, socket }, params);
    return after(decision, (decided) => {
      if (decided.kind === "refused") {
        return { ok: false, reply: { status: "error", response: decided.response } };
      }
      joining.state = decided.state;
      return accepted(member, joining, decided.response);
    });
  }

  #handleOther(
    member: Member,
    event: string,
    payload: unknown,
    request: PushRequest,
  ): void | Promise<void> {
    const definition = this.#definition;
    if (definition.otherwise === undefined) return request.reply(refuse("event_unhandled"));
    const handled = definition.otherwise(memberOf(member), event, payload, request);
    return finish(handled, (reply) => request.reply(reply));
  }
}

function accepted(member: Member, joining: ChannelMember, response: object): Decision {
  member.data = joining;
  return { ok: true, response };
}

/** The member as the application knows it, which the channel keeps with it. */
function memberOf(member: Member): ChannelMember {
  return member.data as ChannelMember;
}

function finish(
  handled: Reply | void | Promise<Reply | void>,
  answer: (reply: Reply) => void,
): void | Promise<void> {
  return after(handled, (reply) => {
    if (reply !== undefined) answer(reply);
  });
}
