const COMMA = Buffer.from(",");
const END = Buffer.from("]}");

/** Bodies that are the same for everybody. The status that matters is inside of them. */
export const answers = {
  accepted: '{"status":200}',
  forbidden: '{"status":403}',
  gone: '{"status":410}',
} as const;

/** The body that tells a client the token of its new session. */
export function opened(token: string): string {
  return JSON.stringify({ status: 410, token, messages: [] });
}

/**
 * The body that brings messages, or tells that there were none.
 *
 * @param messages each a JSON string
 */
export function polled(token: string, messages: readonly Buffer[]): Buffer {
  const status = messages.length > 0 ? 200 : 204;
  const pieces: Uint8Array[] = [Buffer.from(`{"status":${status},"token":"${token}","messages":[`)];
  for (const [index, message] of messages.entries()) {
    if (index > 0) pieces.push(COMMA);
    pieces.push(message);
  }
  pieces.push(END);
  return Buffer.concat(pieces);
}
