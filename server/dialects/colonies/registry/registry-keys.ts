const PREFIX = "colonies:";

/** The key of a record, or the name of an index. No two lists of names give the same. */
export function keyOf(kind: string, ...names: readonly string[]): string {
  return names.length === 0 ? PREFIX + kind : `${PREFIX}${kind}:${JSON.stringify(names)}`;
}
