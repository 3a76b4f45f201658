import { readFileSync } from "node:fs";
import { transformSync } from "rolldown/utils";

const KEPT = "test/dialects/colonies/document-examples.md";

/** One piece of TypeScript of the ColonyOS document on channels, with the heading above it. */
export interface Example {
  readonly heading: string;
  readonly code: string;
}

/** All TypeScript of a text, in its order. */
export function examplesOf(text: string): readonly Example[] {
  const examples: Example[] = [];
  let heading = "";
  for (const [, title, language, code] of text.matchAll(
    /^#{1,4} (.*)$|^```(\w+)\n([\s\S]*?)^```/gm,
  )) {
    if (title !== undefined) heading = title;
    else if (language === "typescript") examples.push({ heading, code: code?.trim() ?? "" });
  }
  return examples;
}

/** The document's examples, as they are kept here. */
export const keptExamples: readonly Example[] = examplesOf(readFileSync(KEPT, "utf8"));

const used = new Set<string>();

/** The example below a heading. */
export function example(heading: string): string {
  const found = keptExamples.find((each) => each.heading === heading);
  if (found === undefined) throw new Error(`no example below ${heading}`);
  used.add(heading);
  return found.code;
}

/** The headings whose examples nobody has asked for so far. */
export function unusedExamples(): readonly string[] {
  return keptExamples.map(({ heading }) => heading).filter((heading) => !used.has(heading));
}

/** What an example stands in, and what it says. */
export interface Surroundings {
  /** Names that it uses and does not make; those of its import are among them. */
  readonly names?: Readonly<Record<string, unknown>>;
  /** Text for text: the address and the keys that it shows, and those of the test. */
  readonly replaced?: readonly (readonly [shown: string, meant: string])[];
  /** Names that it makes, and that the test wants. */
  readonly wanted?: readonly string[];
}

const AsyncFunction = (async () => {}).constructor as new (
  ...parametersAndBody: readonly string[]
) => (...values: readonly unknown[]) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Runs an example without its types and imports.
 *
 * @returns the wanted names with their values; rejects with what it throws
 */
export function run(code: string, { names = {}, replaced = [], wanted = [] }: Surroundings) {
  let text = code.replace(/^import .*$/m, "");
  for (const [shown, meant] of replaced) {
    if (!text.includes(shown)) throw new Error(`the example has no ${shown}`);
    text = text.replaceAll(shown, meant);
  }
  const end = `;return { ${wanted.join(", ")} };`;
  // Top-level await is a function's here; as a module, unused types would take names with them.
  const body = transformSync("example.ts", `async () => {\n${text}\n${end}\n}`, { lang: "ts" });
  if (body.errors.length > 0) throw new Error(body.errors.map(({ message }) => message).join());
  const wrapped = `return await (${body.code.trim().replace(/;$/, "")})();`;
  return new AsyncFunction(...Object.keys(names), wrapped)(...Object.values(names));
}
