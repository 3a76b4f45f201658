import { type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { lineOf, walk } from "./parse.ts";

const ignores =
  /@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable|(?:v8|c8|istanbul) ignore/g;

const literals: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
]);

/** The places where a file's types are given up: each `any`. */
export function anyTypes(tree: SourceFile): string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (node.kind === SyntaxKind.AnyKeyword) {
      found.push(`line ${lineOf(tree, node.getStart(tree))}: any`);
    }
  });
  return found;
}

/** The comments of a file which switch a check off. The same words in a text are no comment. */
export function ignoreComments(tree: SourceFile): string[] {
  const places = [...tree.text.matchAll(ignores)];
  if (places.length === 0) return [];
  const texts: [start: number, end: number][] = [];
  walk(tree, (node) => {
    if (literals.has(node.kind)) texts.push([node.getStart(tree), node.end]);
  });
  return places
    .filter(({ index }) => !texts.some(([start, end]) => start <= index && index < end))
    .map(({ 0: words, index }) => `line ${lineOf(tree, index)}: ${words}`);
}
