/** Characters that mean more than themselves in a pattern of Redis. */
const SPECIAL = /[\\*?[\]^]/g;

/** A name as a pattern that matches it alone. */
export function literal(name: string): string {
  return name.replace(SPECIAL, "\\$&");
}

/** Patterns that cover the same names without any two of them covering the same one. */
export function withoutOverlap(patterns: readonly string[]): string[] {
  const distinct = [...new Set(patterns)];
  return distinct.filter(
    (pattern) => !distinct.some((other) => other !== pattern && covers(other, pattern)),
  );
}

/** Whether a room pattern, with or without a trailing `*`, covers a name or another pattern. */
export function covers(pattern: string, name: string): boolean {
  if (!pattern.endsWith("*")) return pattern === name;
  return name.startsWith(pattern.slice(0, -1));
}
