import { type Node, type SourceFile, type Statement, SyntaxKind } from "typescript/unstable/ast";
import {
  isClassDeclaration,
  isExportDeclaration,
  isNamedExports,
  isVariableStatement,
} from "typescript/unstable/ast/is";
import { documentedByInterface } from "./interfaces.ts";
import { isDocumented, lineOf, nameOf, type ParsedFiles } from "./parse.ts";

const hidden: readonly SyntaxKind[] = [
  SyntaxKind.PrivateKeyword,
  SyntaxKind.ProtectedKeyword,
  SyntaxKind.OverrideKeyword,
];
const withoutName: readonly SyntaxKind[] = [
  SyntaxKind.Constructor,
  SyntaxKind.ClassStaticBlockDeclaration,
  SyntaxKind.IndexSignature,
];

/**
 * What a file exports without a documentation comment: declarations, and the public members of
 * classes. A member that an interface declares has its words there.
 * @param files where the interfaces are looked up
 */
export function undocumented(path: string, files: ParsedFiles): string[] {
  const tree = files.get(path);
  if (tree === undefined) throw new Error(`${path} is not parsed`);
  const exported = [...exportedNames(tree)];
  const lacking = exported.filter((name) => {
    const places = declarationsOf(tree, name);
    return places.length > 0 && !places.some((place) => isDocumented(place, tree));
  });
  const members = exported.flatMap((name) =>
    declarationsOf(tree, name).flatMap((place) => undocumentedMembers(path, place, files)),
  );
  return [...lacking, ...members];
}

/** The names that a file exports of its own; what it passes on is documented where it is declared. */
function exportedNames(tree: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of tree.statements) {
    if (isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (statement.moduleSpecifier !== undefined || clause === undefined) continue;
      if (!isNamedExports(clause)) continue;
      for (const { name, propertyName } of clause.elements) names.add((propertyName ?? name).text);
    } else if (hasModifier(statement, [SyntaxKind.ExportKeyword])) {
      for (const name of namesOf(statement)) names.add(name);
    }
  }
  return names;
}

function declarationsOf(tree: SourceFile, name: string): Statement[] {
  return tree.statements.filter((statement) => namesOf(statement).includes(name));
}

function namesOf(statement: Statement): string[] {
  if (isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const name = nameOf(statement);
  return name === undefined ? [] : [name];
}

function undocumentedMembers(path: string, place: Node, files: ParsedFiles): string[] {
  const tree = files.get(path);
  if (tree === undefined || !isClassDeclaration(place)) return [];
  const documented = new Set(documentedByInterface(path, place, files));
  const lacking = new Map<string, Node>();
  for (const member of place.members) {
    if (withoutName.includes(member.kind) || hasModifier(member, hidden)) continue;
    const name = nameOf(member);
    if (name === undefined || name.startsWith("#")) continue;
    if (isDocumented(member, tree)) documented.add(name);
    else lacking.set(name, member);
  }
  return [...lacking]
    .filter(([name]) => !documented.has(name))
    .map(([name, node]) => `line ${lineOf(tree, node.getStart(tree))}: ${name}`);
}

function hasModifier(node: Node, kinds: readonly SyntaxKind[]): boolean {
  const modifiers =
    "modifiers" in node ? (node.modifiers as Iterable<Node> | undefined) : undefined;
  return [...(modifiers ?? [])].some(({ kind }) => kinds.includes(kind));
}
