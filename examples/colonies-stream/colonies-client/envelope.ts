import { z } from "zod";
import { sign } from "./identity.ts";

/** A request before it is signed. */
export interface Message {
  readonly msgtype: string;
  readonly [member: string]: unknown;
}

/** A request as it travels. */
export interface Envelope {
  readonly payloadtype: string;
  /** The message's JSON in base64, which is also the text that is signed. */
  readonly payload: string;
  readonly signature: string;
}

const replySchema = z.object({ payload: z.string(), error: z.boolean().optional() });
const failureSchema = z.object({ message: z.string() });

/** Signs a message. */
export function seal(message: Message, privateKey: string): Envelope {
  const payload = Buffer.from(JSON.stringify(message)).toString("base64");
  return { payloadtype: message.msgtype, payload, signature: sign(payload, privateKey) };
}

/**
 * Opens a reply.
 *
 * @param isFailure whether it is known to be one, whatever it says itself
 * @returns what is in it
 * @throws Error with the server's words if it is a failure
 * @throws SyntaxError or ZodError if it is no reply
 */
export function open(text: string, isFailure = false): unknown {
  const { payload, error = false } = replySchema.parse(JSON.parse(text));
  const inner: unknown = JSON.parse(Buffer.from(payload, "base64").toString());
  if (!isFailure && !error) return inner;
  throw new Error(failureSchema.safeParse(inner).data?.message ?? JSON.stringify(inner));
}
