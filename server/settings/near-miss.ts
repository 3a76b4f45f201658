/** How many letters must be inserted, deleted or replaced to turn one name into another. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const deleted = (previous[column + 1] ?? 0) + 1;
      const inserted = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, deleted, inserted));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/** What to write instead of an unknown name: the one that it most likely means, or one of all. */
export function nameAdvice(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearMiss(name, names);
  return near === undefined ? `expected one of ${names.join(", ")}` : `did you mean ${near}?`;
}

/**
 * The known name that an unknown one most likely means: at most two edits away, one edit for
 * names of up to three letters. Upper and lower case count as the same.
 */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance > (candidate.length <= 3 ? 1 : 2) || distance >= nearestDistance) continue;
    nearest = candidate;
    nearestDistance = distance;
  }
  return nearest;
}
