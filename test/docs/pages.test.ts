import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brokenLinks } from "./page-text.ts";

/** Which test runs and checks the blocks of a page. */
const testOf: ReadonlyMap<string, string> = new Map([
  ["README.md", "test/docs/readme.test.ts"],
  ["PROTOCOL.md", "test/docs/protocol.test.ts"],
  ["docs/architecture.md", "test/docs/architecture.test.ts"],
  ["docs/deploy.md", "test/docs/deploy.test.ts"],
  ["docs/embedding.md", "test/docs/embedding.test.ts"],
  ["docs/from-colonyos.md", "test/docs/from-colonyos.test.ts"],
  ["docs/from-metafor.md", "test/docs/from-metafor.test.ts"],
  ["docs/from-phoenix.md", "test/docs/from-phoenix.test.ts"],
  ["docs/from-socket-io.md", "test/docs/from-socket-io.test.ts"],
  ["docs/from-tangram.md", "test/docs/from-tangram.test.ts"],
  ["docs/from-tower.md", "test/docs/from-tower.test.ts"],
]);

const pages = ["README.md", "PROTOCOL.md", ...readdirSync("docs").map((name) => `docs/${name}`)];
const documents = pages.filter((page) => page.endsWith(".md"));

describe("the documents", () => {
  it.each(documents)("%s has a test of its own", (page) => {
    const test = testOf.get(page);
    expect(test).toBeDefined();
    expect([test, existsSync(test ?? "")]).toEqual([test, true]);
    expect(readFileSync(test ?? "", "utf8")).toContain(`"${page}"`);
  });

  it("are all there that are tested", () => {
    expect([...testOf.keys()].filter((page) => !documents.includes(page))).toEqual([]);
  });

  it.each(documents)("%s links to files and headings that there are", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("show every picture of docs, and none that is not there", () => {
    const pictures = pages.filter((page) => page.endsWith(".png"));
    for (const picture of pictures) expect(readFileSync("README.md", "utf8")).toContain(picture);
  });
});
