import { createHmac, timingSafeEqual } from "node:crypto";
import type { Admit } from "./admission.ts";

const PREFIX = "pass";

/**
 * Passes stand for those whom a dialect knows by other means, where a token would stand for others.
 * They never leave the process, and nobody without the key can make one. A pass opens every room:
 * the dialect has judged what its holder asks for.
 */
export class Passes {
  readonly #key: Uint8Array;

  /** @param key random bytes, made for this run */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The pass of a user. */
  passFor(userId: string): string {
    const id = Buffer.from(userId).toString("base64url");
    return `${PREFIX}.${id}.${this.#sign(id).toString("base64url")}`;
  }

  /** The user of a pass, or undefined for anything that is none. */
  userOf(text: string | undefined): string | undefined {
    if (text === undefined || !text.startsWith(`${PREFIX}.`)) return undefined;
    const [, id = "", signature = ""] = text.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(id);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return Buffer.from(id, "base64url").toString();
  }

  /** Lets the holders of passes join, and asks `admit` about all others. */
  admitting(admit: Admit): Admit {
    return (room, credentials) => {
      const id = this.userOf(credentials.joinToken ?? credentials.connectionToken);
      return id === undefined ? admit(room, credentials) : { ok: true, id, expiresAtMs: undefined };
    };
  }

  #sign(id: string): Buffer {
    return createHmac("sha256", this.#key).update(id).digest();
  }
}
