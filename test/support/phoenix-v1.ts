interface Encodable {
  readonly topic: string;
}

/** Options of phoenix.js with which it speaks V1, as clients before 1.3 did. */
export const phoenixV1 = {
  vsn: "1.0.0",
  encode: (message: Encodable, send: (text: string) => void) => send(JSON.stringify(message)),
  decode: (text: string, receive: (message: unknown) => void) => receive(JSON.parse(text)),
} as const;
