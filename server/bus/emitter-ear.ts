import type { Adapter } from "socket.io-adapter";
import { guarded, refuse } from "./adapter-guard.ts";
import { type ClassicAdapterContext, classicAdapter } from "./classic-adapter.ts";
import { ClassicRequest } from "./classic-request.ts";
import type { Topic, TopicListener } from "./subscriptions.ts";

/** Parts of an adapter that it does not document. */
interface UndocumentedAdapter {
  rooms: Adapter["rooms"];
  sids: Adapter["sids"];
  _encode(packet: unknown, options: unknown): unknown;
  apply(audience: unknown, callback: unknown): void;
}

/**
 * Hears Redis emitters in other processes for an adapter that does not understand them: they
 * publish in the words of the classic adapter.
 */
export class EmitterEar {
  /** What is listened to whatever rooms there are. */
  readonly topics: readonly Topic[];
  readonly #prefix: string;
  readonly #onBroadcast: TopicListener;

  constructor(
    context: ClassicAdapterContext,
    namespace: { readonly name: string },
    adapter: Adapter,
  ) {
    const heard = new Map<string, TopicListener>();
    const classic = classicAdapter(context, namespace, {
      listen: ({ name, listener }) => void heard.set(name, listener),
      unlisten: () => {},
    }) as unknown as UndocumentedAdapter;
    // It is the other adapter's mouth: that one's sockets get what it hears.
    const speaker = adapter as unknown as UndocumentedAdapter;
    classic.rooms = speaker.rooms;
    classic.sids = speaker.sids;
    classic._encode = (packet, options) => speaker._encode(packet, options);
    classic.apply = (audience, callback) => speaker.apply(audience, callback);
    this.#prefix = `socket.io#${namespace.name}#`;
    const request = `socket.io-request#${namespace.name}#`;
    const onRequest = heard.get(request) ?? ignore;
    this.#onBroadcast = heard.get(`${this.#prefix}*`) ?? ignore;
    this.topics = [
      { kind: "channel", name: this.#prefix, listener: this.#onBroadcast },
      {
        kind: "channel",
        name: request,
        listener: guarded(context, (message, channel) => {
          if (isEmittersRequest(message)) onRequest(message, channel);
          else refuse(context, channel);
        }),
      },
    ];
  }

  /** What is listened to for a room. */
  topicOf(room: string): Topic {
    return { kind: "channel", name: `${this.#prefix}${room}#`, listener: this.#onBroadcast };
  }
}

/** What emitters ask for; they wait for no answers. */
const EMITTERS_REQUESTS: ReadonlySet<unknown> = new Set([
  ClassicRequest.JOIN,
  ClassicRequest.LEAVE,
  ClassicRequest.DISCONNECT,
  ClassicRequest.SERVER_SIDE_EMIT,
]);

/** @throws Error if it is no JSON */
function isEmittersRequest(message: Buffer): boolean {
  const request: unknown = JSON.parse(message.toString("utf8"));
  if (typeof request !== "object" || request === null || "requestId" in request) return false;
  return "type" in request && EMITTERS_REQUESTS.has(request.type);
}

function ignore(): void {
  // The classic adapter has not asked to hear such messages.
}
