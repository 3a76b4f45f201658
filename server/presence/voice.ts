import type { PresenceLink } from "./link.ts";
import { encodeAsk, encodeDelta, encodeHead, encodeState, type Head } from "./message.ts";
import type { Snapshot } from "./own-presences.ts";

/** What a voice needs of its surroundings. */
export interface VoiceContext {
  readonly link: PresenceLink;
  /** Name of this run of the node, new at each start. */
  readonly id: string;
  readonly startedAtMs: number;
}

/** Says things to the other nodes: who speaks is in each of them. */
export class Voice {
  /** Name of the node, the same after a restart. */
  name = "";
  /** How many changes have been told. */
  number = 0;
  readonly #context: VoiceContext;

  constructor(context: VoiceContext) {
    this.#context = context;
  }

  /** Who speaks, and the latest change. */
  get head(): Head {
    const { id, startedAtMs } = this.#context;
    return { id, name: this.name, startedAtMs, number: this.number };
  }

  /** Says that the node is here. */
  beat(): void {
    this.#context.link.publish(encodeHead("beat", this.head));
  }

  /** Says that the node is gone. */
  bye(): void {
    this.#context.link.publish(encodeHead("bye", this.head));
  }

  /** Tells all of the change `number`. Joins and leaves are insides of JSON lists. */
  tellChange(number: number, joins: string, leaves: string): void {
    this.number = number;
    this.#context.link.publish(encodeDelta(this.head, joins, leaves));
  }

  /** Asks one node for all it has. */
  ask(id: string, nonce: string): void {
    this.#context.link.tell(id, encodeAsk(this.head, id, nonce));
  }

  /** Tells one node a part of all that this one has. */
  tellPart(id: string, nonce: string, { number, parts }: Snapshot, part: number): void {
    const place = { nonce, part, parts: parts.length };
    const presences = parts[part] ?? "";
    this.#context.link.tell(id, encodeState({ ...this.head, number }, place, presences));
  }
}
