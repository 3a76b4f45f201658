import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const folder = "test/room-clients/document-examples";
const EXTENSION = ".py";

/** One piece of Python of the Metafor document, with the heading above it. */
export interface Example {
  readonly heading: string;
  readonly code: string;
}

/** The names of the document's sections that have Python, as their files are called. */
export const sectionNames: readonly string[] = readdirSync(folder)
  .map((name) => basename(name, EXTENSION))
  .sort();

/** The examples of a section, in the document's order. */
export function examplesOf(section: string): readonly Example[] {
  const cells = readFileSync(join(folder, `${section}${EXTENSION}`), "utf8").split(/^# %% /m);
  return cells.slice(1).map((cell) => {
    const [heading = "", ...lines] = cell.split("\n");
    return { heading, code: lines.join("\n").trim() };
  });
}

const used = new Set<string>();

/** One example of a section. `index` counts those below one heading. */
export function example(section: string, heading: string, index = 0): string {
  const found = examplesOf(section).filter((each) => each.heading === heading)[index];
  if (found === undefined) throw new Error(`no example ${heading} in ${section}`);
  used.add(found.code);
  return found.code;
}

/** The examples of some sections that nobody has asked for so far. */
export function unusedExamples(sections: readonly string[]): readonly Example[] {
  return sections.flatMap(examplesOf).filter(({ code }) => !used.has(code));
}

/** All Python of the document itself, by section. */
export function readDocument(text: string): ReadonlyMap<string, readonly Example[]> {
  const sections = new Map<string, Example[]>();
  let examples: Example[] = [];
  let heading = "";
  const parts = text.matchAll(/^(#{2,4}) (.*)$|^ *```(\w+)\n([\s\S]*?)^ *```/gm);
  for (const [, level, title = "", language, code = ""] of parts) {
    if (level === "##") {
      examples = [];
      sections.set(title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), examples);
    } else if (level !== undefined) {
      heading = title;
    } else if (language === "python") {
      examples.push({ heading, code: dedent(code).trim() });
    }
  }
  return new Map([...sections].filter(([, found]) => found.length > 0));
}

/** The Python between the first braces of a component, which itself is not Python. */
export function scriptOf(component: string): string {
  const start = component.indexOf("{\n") + 2;
  return dedent(component.slice(start, component.indexOf("\n}", start)));
}

function dedent(code: string): string {
  const lines = code.split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  // Lines of nothing but spaces become empty: the files have no trailing spaces.
  return lines.map((line) => line.slice(indent).trimEnd()).join("\n");
}
