import { describe, expect, it } from "vitest";
import { codeBlocksOf } from "../support/code-blocks.ts";

describe("codeBlocks", () => {
  it("finds language, text, line and the heading above", () => {
    const page = [
      "# One",
      "",
      "```js title",
      "a();",
      "",
      "b();",
      "```",
      "## Two ##",
      "```",
      "x",
      "```",
    ];
    expect(codeBlocksOf(page.join("\n"))).toEqual([
      { language: "js", text: "a();\n\nb();", line: 3, heading: "One" },
      { language: "", text: "x", line: 9, heading: "Two" },
    ]);
  });

  it("takes fences within longer ones, and what looks like a heading, as text", () => {
    const page = ["````md", "# No heading", "```js", "```", "````"];
    expect(codeBlocksOf(page.join("\n"))).toEqual([
      { language: "md", text: "# No heading\n```js\n```", line: 1, heading: "" },
    ]);
  });

  it("takes the indent of a list's block away, and no more", () => {
    const page = ["- item", "", "  ```sh", "  one", "    two", "  ```"];
    expect(codeBlocksOf(page.join("\n"))).toMatchObject([{ text: "one\n  two", line: 3 }]);
  });

  it("does not overlook a block that is not closed", () => {
    expect(() => codeBlocksOf("text\n```js\na();", "page.md")).toThrow("page.md:2");
  });
});
