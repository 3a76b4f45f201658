const unitSecs: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);

/**
 * A length of time in seconds, from `30s`, `15m`, `1h`, `7d` or plain seconds; `undefined` for
 * anything else, for zero, and for what is too long to count.
 */
export function parseDurationSecs(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  const secs = Number(digits) * (unitSecs.get(unit) ?? Number.NaN);
  // Room for the present to be added to it.
  return secs >= 1 && secs <= Number.MAX_SAFE_INTEGER / 2 ? secs : undefined;
}
