/**
 * Compares the mutants that no test has killed with those that somebody has explained.
 *
 * A mutant's key has no line number, so that an explanation outlives what is written above it.
 */

/** Results that say that nothing has noticed the mutant. */
const UNNOTICED = new Set(["Survived", "NoCoverage"]);

/**
 * What differs between a report and the explanations.
 *
 * @param {Report} report what Stryker's JSON reporter writes
 * @param {readonly Explanation[]} explanations
 */
export function compare(report, explanations) {
  const survived = new Set(survivorsOf(report));
  const explained = new Set(explanations.flatMap(({ mutants }) => mutants));
  const tried = Object.keys(report.files).map((file) => `${file} | `);
  const wasTried = (/** @type {string} */ key) => tried.some((file) => key.startsWith(file));
  return {
    unexplained: [...survived].filter((key) => !explained.has(key)),
    /** Explained, and killed or gone. Only files that were tried can tell. */
    outdated: [...explained].filter((key) => wasTried(key) && !survived.has(key)),
  };
}

/** @param {Report} report */
function survivorsOf({ files }) {
  return Object.entries(files).flatMap(([name, { source, mutants }]) =>
    mutants
      .filter(({ status }) => UNNOTICED.has(status))
      .map((mutant) => keyOf(name, source.split("\n"), mutant)),
  );
}

/**
 * @param {string} name of the file
 * @param {readonly string[]} lines of the file
 * @param {Mutant} mutant
 */
function keyOf(name, lines, { location: { start, end }, replacement }) {
  const mutated = lines.slice(start.line - 1, end.line);
  const first = mutated[0] ?? "";
  mutated[mutated.length - 1] = (mutated.at(-1) ?? "").slice(0, end.column - 1);
  mutated[0] = (mutated[0] ?? "").slice(start.column - 1);
  return `${name} | ${onOneLine(first)} | ${onOneLine(mutated.join(" "))} -> ${onOneLine(replacement)}`;
}

/** @param {string} text */
function onOneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * @typedef {{ readonly line: number, readonly column: number }} Place both counted from 1
 * @typedef {{
 *   readonly status: string,
 *   readonly location: { readonly start: Place, readonly end: Place },
 *   readonly replacement: string,
 * }} Mutant
 * @typedef {{
 *   readonly files: Readonly<Record<string, {
 *     readonly source: string,
 *     readonly mutants: readonly Mutant[],
 *   }>>,
 * }} Report
 * @typedef {{ readonly why: string, readonly mutants: readonly string[] }} Explanation
 */
