import { type Expression, type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import { lineOf, walk } from "./parse.ts";

const functions: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** Says so when a file has more lines than `maxLines`. */
export function longFile(tree: SourceFile, maxLines: number): string[] {
  const lines = tree.text.split("\n").length - (tree.text.endsWith("\n") ? 1 : 0);
  return lines > maxLines ? [`${lines} lines`] : [];
}

/** The functions of a file with more lines than `maxLines`. What `describe` is given is no function of its own. */
export function longFunctions(tree: SourceFile, maxLines: number): string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (!functions.has(node.kind) || isDescribed(node)) return;
    const first = lineOf(tree, node.getStart(tree));
    const lines = lineOf(tree, node.end) - first + 1;
    if (lines > maxLines) found.push(`line ${first}: a function of ${lines} lines`);
  });
  return found;
}

function isDescribed(node: Node): boolean {
  const call = node.parent;
  return isCallExpression(call) && call.expression !== node && startsWith(call, "describe");
}

/** Whether a call is of `name(…)`, `name.each(…)(…)` and the like. */
function startsWith(expression: Expression, name: string): boolean {
  if (isIdentifier(expression)) return expression.text === name;
  const wrapped = isCallExpression(expression) || isPropertyAccessExpression(expression);
  return wrapped && startsWith(expression.expression, name);
}
