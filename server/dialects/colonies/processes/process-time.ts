/** Up to where an ISO text says milliseconds. */
const MILLISECONDS_END = 23;
/** Where the microseconds end after them. */
const MICROSECONDS_END = 26;

/** A time as clients see it: RFC 3339 with microseconds. */
export function timeText(micros: number): string {
  const ms = Math.floor(micros / 1000);
  const rest = String(micros - ms * 1000).padStart(3, "0");
  return `${new Date(ms).toISOString().slice(0, MILLISECONDS_END)}${rest}Z`;
}

/** Microseconds since 1970 of a text that {@link timeText} has made. */
export function microsOf(text: string): number {
  const ms = Date.parse(`${text.slice(0, MILLISECONDS_END)}Z`);
  return ms * 1000 + Number(text.slice(MILLISECONDS_END, MICROSECONDS_END));
}
