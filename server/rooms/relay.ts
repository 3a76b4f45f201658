import type { Server } from "socket.io";
import type { Backends } from "./backends.ts";
import type { Member } from "./member.ts";
import { payloadKind } from "./payload.ts";
import { ok, type Reply, refuse } from "./reply.ts";

/** What the relay needs of its surroundings. */
export interface RelayContext {
  readonly io: Server;
  readonly backends: Backends;
}

/**
 * The built-in channel: passes a push on to the other members, to the backends, or to both, as the
 * room's settings say.
 */
export class Relay {
  readonly #io: Server;
  readonly #backends: Backends;

  constructor(context: RelayContext) {
    this.#io = context.io;
    this.#backends = context.backends;
  }

  /** Passes on what a member sends, and answers it. */
  push(member: Member, event: string, payload: unknown): Reply {
    const { deliver } = member.settings;
    if (payloadKind(payload) === "unfit") return refuse("payload_invalid");
    if (deliver !== "members" && event.includes(":")) return refuse("event_has_colon");
    if (deliver !== "backends") this.#toMembers(member, event, payload);
    if (deliver === "members") return ok();
    const isSent = this.#backends.publish(member.room, event, payload);
    const isLost = deliver === "backends" && this.#backends.isConfigured && !isSent;
    return isLost ? refuse("backends_unreachable") : ok();
  }

  #toMembers(sender: Member, event: string, payload: unknown): void {
    const { room, settings, peer } = sender;
    if (!settings.echo && this.#isAlone(room)) return;
    const audience = settings.echo ? this.#io.to(room) : peer.socket.to(room);
    audience.emit(event, payload, { room });
  }

  /** Whether nobody else can hear: one member here, and no other node. */
  #isAlone(room: string): boolean {
    if (this.#backends.isConfigured) return false;
    return (this.#io.of("/").adapter.rooms.get(room)?.size ?? 0) <= 1;
  }
}
