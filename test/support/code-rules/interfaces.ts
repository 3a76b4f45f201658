import { dirname, join } from "node:path";
import {
  type ClassDeclaration,
  type InterfaceDeclaration,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import {
  isImportDeclaration,
  isInterfaceDeclaration,
  isNamedImports,
  isStringLiteral,
} from "typescript/unstable/ast/is";
import { isDocumented, nameOf, type ParsedFiles } from "./parse.ts";

/** The members which a class has from the documented interfaces that it implements. */
export function documentedByInterface(
  path: string,
  implementing: ClassDeclaration,
  files: ParsedFiles,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const clause of implementing.heritageClauses ?? []) {
    if (clause.token !== SyntaxKind.ImplementsKeyword) continue;
    for (const { expression } of clause.types) {
      const declared = interfaceNamed(path, expression.getText(), files);
      if (declared === undefined || !isDocumented(declared, declared.getSourceFile())) continue;
      for (const member of declared.members) names.add(nameOf(member) ?? "");
    }
  }
  return names;
}

/** An interface of the file itself, or of the one from which it imports the name. */
function interfaceNamed(
  path: string,
  name: string,
  files: ParsedFiles,
): InterfaceDeclaration | undefined {
  const tree = files.get(path);
  if (tree === undefined) return undefined;
  const own = tree.statements
    .filter(isInterfaceDeclaration)
    .find(({ name: { text } }) => text === name);
  if (own !== undefined) return own;
  const imported = importOf(tree, name);
  if (imported === undefined) return undefined;
  return interfaceNamed(join(dirname(path), imported.from), imported.name, files);
}

function importOf(tree: SourceFile, local: string): { name: string; from: string } | undefined {
  for (const statement of tree.statements) {
    if (!isImportDeclaration(statement) || !isStringLiteral(statement.moduleSpecifier)) continue;
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !isNamedImports(names)) continue;
    const found = names.elements.find(({ name }) => name.text === local);
    if (found === undefined) continue;
    return { name: (found.propertyName ?? found.name).text, from: statement.moduleSpecifier.text };
  }
  return undefined;
}
