/**
 * A JSON payload as its publisher wrote it. It goes on as that text, so that numbers which
 * JavaScript would change (above 2^53, `1.0`) reach their readers as they were.
 */
export class JsonText {
  /** Valid JSON. */
  readonly text: string;
  #value: { readonly parsed: unknown } | undefined;

  /** @param text must be valid JSON */
  constructor(text: string) {
    this.text = text;
  }

  /** What the text says, read at the first use. */
  get value(): unknown {
    this.#value ??= { parsed: JSON.parse(this.text) };
    return this.#value.parsed;
  }

  /** The value, so that `JSON.stringify` writes it and not this object. */
  toJSON(): unknown {
    return this.value;
  }
}

/** A payload as a value, also one that came as text. */
export function payloadValue(payload: unknown): unknown {
  return payload instanceof JsonText ? payload.value : payload;
}

/** A payload as JSON text; one that is undefined is the empty object. */
export function jsonTextOf(payload: unknown): string {
  if (payload instanceof JsonText) return payload.text;
  return payload === undefined ? "{}" : JSON.stringify(payload);
}
