import { afterAll, describe, expect, it } from "vitest";
import { undocumented } from "../support/code-rules/documentation.ts";
import { anyTypes, ignoreComments } from "../support/code-rules/escapes.ts";
import { type ParsedFiles, Parser } from "../support/code-rules/parse.ts";
import { longFile, longFunctions } from "../support/code-rules/sizes.ts";
import { sourceFiles } from "../support/source-files.ts";

const maxFileLines = 400;
const maxFunctionLines = 80;

const parser = new Parser();
afterAll(() => parser.close());

/** What each rule finds in a file. */
const rules: Readonly<Record<string, (path: string, files: ParsedFiles) => string[]>> = {
  "has more than 400 lines": (path, files) => longFile(treeOf(path, files), maxFileLines),
  "has a function of more than 80 lines": (path, files) =>
    longFunctions(treeOf(path, files), maxFunctionLines),
  "gives up its types with any": (path, files) => anyTypes(treeOf(path, files)),
  "switches a check off in a comment": (path, files) => ignoreComments(treeOf(path, files)),
  "exports something without a documentation comment": (path, files) =>
    isShipped(path) ? undocumented(path, files) : [],
};

function treeOf(path: string, files: ParsedFiles) {
  const tree = files.get(path);
  if (tree === undefined) throw new Error(`${path} is not parsed`);
  return tree;
}

/** Tests and examples say what they export by their names. */
function isShipped(path: string): boolean {
  return /^(?:server|client-shim)\//.test(path);
}

describe("code", () => {
  const paths = ["server", "client-shim", "test", "examples"].flatMap(sourceFiles);
  const files = parser.parseFiles(paths);

  it.each(Object.entries(rules))("never %s", (_rule, findIn) => {
    const found = paths.flatMap((path) => findIn(path, files).map((place) => `${path} ${place}`));
    expect(found).toEqual([]);
  });
});

/** What a rule finds in a text that stands in a file of the server. */
function foundBy(rule: string, text: string, others: Readonly<Record<string, string>> = {}) {
  const findIn = rules[rule];
  if (findIn === undefined) throw new Error(`no rule: ${rule}`);
  const path = "server/made-up.ts";
  return findIn(path, parser.parseTexts({ [path]: text, ...others }));
}

describe("the rules for code", () => {
  const lines = (count: number) => "\n".repeat(count);

  it("see a file that is one line too long", () => {
    const rule = "has more than 400 lines";
    expect(foundBy(rule, lines(400))).toEqual([]);
    expect(foundBy(rule, lines(401))).toEqual(["401 lines"]);
    expect(foundBy(rule, `${lines(400)}//`)).toEqual(["401 lines"]);
  });

  const rule = "has a function of more than 80 lines";

  it.each([
    ["function", (body: string) => `function f() {${body}}`],
    ["arrow function", (body: string) => `const f = () => {${body}};`],
    ["arrow function without braces", (body: string) => `const f = () =>${body}1;`],
    ["function expression", (body: string) => `run(function () {${body}});`],
    ["constructor", (body: string) => `class A { constructor() {${body}} }`],
    ["method", (body: string) => `class A { m() {${body}} }`],
    ["private method", (body: string) => `class A { #m() {${body}} }`],
    ["getter", (body: string) => `class A { get m() {${body}return 1; } }`],
    ["method of an object", (body: string) => `const a = { m() {${body}} };`],
    ["parameter list", (body: string) => `function f(${body}) {}`],
    ["test", (body: string) => `describe("d", () => { it("i", () => {${body}}); });`],
  ])("see a %s that is one line too long", (_what, wrap) => {
    expect(foundBy(rule, wrap(lines(79)))).toEqual([]);
    expect(foundBy(rule, wrap(lines(80)))).toEqual(["line 1: a function of 81 lines"]);
  });

  it.each(["describe", "describe.skip", "describe.each([1])", "describe.skipIf(true)"])(
    "let what %s is given be longer",
    (describing) => {
      expect(foundBy(rule, `${describing}("d", () => {${lines(100)}});`)).toEqual([]);
    },
  );

  it("see any, wherever a type can be", () => {
    const rule = "gives up its types with any";
    expect(foundBy(rule, "let any: unknown; // any\nany = 'any';")).toEqual([]);
    expect(foundBy(rule, "let a: any;")).toEqual(["line 1: any"]);
    expect(foundBy(rule, "\nlet a = b as unknown as Map<string, any[]>;")).toEqual(["line 2: any"]);
  });

  it.each([
    "// @ts-ignore",
    "// @ts-expect-error: a reason",
    "// @ts-nocheck",
    "// biome-ignore lint/style/useConst: a reason",
    "/* eslint-disable */",
    "/* v8 ignore next */",
  ])("see %s in a comment, and not in a text", (comment) => {
    const rule = "switches a check off in a comment";
    const words = /@?[a-z]\w*[- ][-a-z]+/.exec(comment)?.[0];
    expect(foundBy(rule, `let a = "${comment}" + \`${comment}\`;`)).toEqual([]);
    expect(foundBy(rule, `let a = 1;\n${comment}\nlet b = a;`)).toEqual([`line 2: ${words}`]);
    expect(foundBy(rule, `run(\n${comment}\n);`)).toEqual([`line 2: ${words}`]);
  });
});

describe("the rule for documentation", () => {
  const found = (text: string, others?: Readonly<Record<string, string>>) =>
    foundBy("exports something without a documentation comment", text, others);

  it.each([
    ["function", "export function a() {}"],
    ["class", "export class a {}"],
    ["abstract class", "export abstract class a {}"],
    ["interface", "export interface a {}"],
    ["type", "export type a = 1;"],
    ["constant", "export const a = 1;"],
    ["name at the end", "const a = 1;\nexport { a as b };"],
  ])("sees an exported %s", (_what, text) => {
    expect(found(text)).toEqual(["a"]);
    expect(found(`/** */ ${text}`)).toEqual(["a"]);
    expect(found(`// What it is.\n${text}`)).toEqual(["a"]);
    expect(found(`/** What it is. */\n${text}`)).toEqual([]);
  });

  it("asks nothing of what is not exported, or declared elsewhere", () => {
    expect(
      found('class A { b() {} }\nexport { c } from "./c.ts";\nexport * from "./d.ts";'),
    ).toEqual([]);
  });

  it("lets a value and its type of the same name share a comment", () => {
    expect(found("/** Both. */ export const a = 1;\nexport type a = 1;")).toEqual([]);
  });

  const inClass = (members: string, head = "class A") =>
    `/** A. */ export ${head} {\n${members}\n}`;

  it.each(["b() {}", "b = 1;", "readonly b: number;", "static b() {}", "get b() { return 1; }"])(
    "sees the public member `%s`",
    (member) => {
      expect(found(inClass(member))).toEqual(["line 2: b"]);
      expect(found(inClass(`/** B. */ ${member}`))).toEqual([]);
    },
  );

  it.each(["#b() {}", "private b() {}", "protected b = 1;", "override b() {}", "constructor() {}"])(
    "asks nothing of `%s`",
    (member) => {
      expect(found(inClass(member))).toEqual([]);
    },
  );

  it("lets a getter and its setter share a comment", () => {
    expect(found(inClass("/** B. */ get b() { return 1; }\nset b(c) {}"))).toEqual([]);
  });

  it("lets a documented interface speak for its members in a class, and only for these", () => {
    const members = inClass("b() {}\nc() {}", "class A implements B");
    const imported = `import type { I as B } from "./i.ts";\n${members}`;
    const lacking = ["line 3: b", "line 4: c"];
    expect(
      found(imported, { "server/i.ts": "/** I. */ export interface I { b(): void }" }),
    ).toEqual(lacking.slice(1));
    expect(found(imported, { "server/i.ts": "export interface I { b(): void }" })).toEqual(lacking);
    expect(found(`/** I. */ interface B { b(): void; c(): void }\n${members}`)).toEqual([]);
  });
});
