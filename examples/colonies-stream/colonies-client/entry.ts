import { z } from "zod";

const entrySchema = z.looseObject({
  sequence: z.number(),
  inreplyto: z.number().default(0),
  type: z.string().optional(),
  senderid: z.string().optional(),
  timestamp: z.string().optional(),
  /** Text, decoded: what is no UTF-8 in it is replaced. Null where the sender gave none. */
  payload: z.string().nullable().default(null).transform(decode),
});

/** A message of a channel. */
export type MsgEntry = z.infer<typeof entrySchema>;

/**
 * Reads the messages of a reply.
 *
 * @throws ZodError if it has no list of them
 */
export function readEntries(value: unknown): MsgEntry[] {
  return z.array(entrySchema).parse(value);
}

function decode(payload: string | null): string {
  return payload === null ? "" : Buffer.from(payload, "base64").toString();
}
