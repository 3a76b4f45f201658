import { payloadKind } from "../../../rooms/payload.ts";
import { bytesOfBase64, bytesOfNumbers } from "./payload-bytes.ts";

/** A member of a request that is not of its type. It never leaves the codec. */
export class UnreadableMember extends Error {
  override readonly name = "UnreadableMember";

  /** @param member name of the member */
  constructor(member: string) {
    super(`${member} is not of its type`);
  }
}

/**
 * The members of a JSON object, read as clients in Go write them: one that is absent or null has
 * its zero value. Each reader throws {@link UnreadableMember} for a value of another type.
 */
export class RequestMembers {
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(members: object) {
    this.#members = new Map(Object.entries(members));
  }

  /** A text; half a character in it becomes U+FFFD. */
  text(name: string): string {
    const value = this.#members.get(name) ?? "";
    if (typeof value !== "string") throw new UnreadableMember(name);
    return wellFormed(value);
  }

  /** A text that may be left out. */
  optionalText(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  /** An integer that a double says exactly. */
  integer(name: string): number {
    const value = this.#members.get(name) ?? 0;
    if (!Number.isSafeInteger(value)) throw new UnreadableMember(name);
    // A negative zero becomes a positive one.
    return Number(value) + 0;
  }

  /** Any JSON values. */
  values(name: string): readonly unknown[] {
    return this.optionalValues(name) ?? [];
  }

  /** JSON values that may be left out. */
  optionalValues(name: string): readonly unknown[] | undefined {
    const value = this.#members.get(name) ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || payloadKind(value) !== "json") throw new UnreadableMember(name);
    return value;
  }

  /** Texts. */
  texts(name: string): readonly string[] {
    return this.values(name).map((value) => {
      if (typeof value !== "string") throw new UnreadableMember(name);
      return wellFormed(value);
    });
  }

  /** A JSON object with any members, as it came. */
  object(name: string): object {
    return this.optionalObject(name) ?? {};
  }

  /** A JSON object that may be left out. */
  optionalObject(name: string): object | undefined {
    const value = this.#members.get(name) ?? undefined;
    if (value === undefined) return undefined;
    if (!isObject(value) || payloadKind(value) !== "json") throw new UnreadableMember(name);
    return value;
  }

  /** A JSON object whose members are texts. */
  textObject(name: string): object {
    const value = this.object(name);
    const isText = (member: unknown) => typeof member === "string";
    if (!Object.values(value).every(isText)) throw new UnreadableMember(name);
    return value;
  }

  /** The members of an object; of none if it is left out. */
  part(name: string): RequestMembers {
    return new RequestMembers(this.object(name));
  }

  /** The members of an object that must be there. */
  neededPart(name: string): RequestMembers {
    const value = this.optionalObject(name);
    if (value === undefined) throw new UnreadableMember(name);
    return new RequestMembers(value);
  }

  /** Bytes, as base64 or as an array of numbers; undefined where they are left out. */
  optionalBytes(name: string): Uint8Array | undefined {
    const value = this.#members.get(name) ?? undefined;
    if (value === undefined) return undefined;
    const bytes = bytesOf(value);
    if (bytes === undefined) throw new UnreadableMember(name);
    return bytes;
  }
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return bytesOfBase64(value);
  return Array.isArray(value) ? bytesOfNumbers(value) : undefined;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\u{fffd}");
}
