import { z } from "zod";

/** What the body of `POST /token` asks for. */
export interface TokenRequest {
  readonly channel: string | readonly string[];
  /** `undefined` if the asker leaves the choice to the server. */
  readonly id: string | undefined;
}

/** A body that was understood, or the status and text of the refusal. */
export type TokenRequestResult =
  | { readonly ok: true; readonly request: TokenRequest }
  | { readonly ok: false; readonly status: 400 | 422; readonly text: string };

const channelProblem = "`channel` must be a string or a non-empty list of strings";

const bodySchema = z.object(
  {
    channel: z.union([z.string(), z.array(z.string()).min(1, { error: channelProblem })], {
      error: ({ input }) => (input === undefined ? "missing field `channel`" : channelProblem),
    }),
    id: z.string({ error: "`id` must be a string or null" }).nullish(),
  },
  { error: "the body must be an object" },
);

/** Whether a `Content-Type` is `application/json` or `application/*+json`. */
export function isJsonType(contentType: string | undefined): boolean {
  return /^application\/(?:[^\s;/]+\+)?json\s*(?:;|$)/i.test(contentType ?? "");
}

/**
 * Reads the body of `POST /token`: `{"channel": string or list of strings, "id"?: string or null}`.
 * Unknown members are ignored.
 *
 * The texts start as Tangram's do, and never repeat a part of the body: it may hold secrets.
 */
export function readTokenRequest(body: Uint8Array): TokenRequestResult {
  const json = parseJson(body);
  if (!json.ok) return malformed(json.problem);
  const shape = bodySchema.safeParse(json.value);
  if (!shape.success) return wrongShape(shape.error.issues.at(0)?.message ?? "wrong shape");
  const { channel, id } = shape.data;
  return { ok: true, request: { channel, id: id ?? undefined } };
}

/** The refusal of JSON that is well-formed but asks for what cannot be given. */
export function wrongShape(problem: string): TokenRequestResult & { readonly ok: false } {
  const text = `Failed to deserialize the JSON body into the target type: ${problem}`;
  return { ok: false, status: 422, text };
}

function malformed(problem: string): TokenRequestResult & { readonly ok: false } {
  const text = `Failed to parse the request body as JSON: ${problem}`;
  return { ok: false, status: 400, text };
}

/** A body as JSON, or what keeps it from being JSON. */
export type Json =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Reads JSON in UTF-8. The problem never repeats a part of it. */
export function parseJson(body: Uint8Array): Json {
  if (body.length === 0) return { ok: false, problem: "the body is empty" };
  const text = decodeUtf8(body);
  if (text === undefined) return { ok: false, problem: "the body is not valid UTF-8" };
  try {
    return { ok: true, value: JSON.parse(text), text };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: "syntax error" };
    throw error;
  }
}

/** The text, a byte order mark included (JSON allows none), or `undefined` if it is not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
