import { join, resolve } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** Parsed files by their path, as it was given. */
export type ParsedFiles = ReadonlyMap<string, SourceFile>;

/** Parses files with TypeScript, each by itself: what they import is not looked at. */
export class Parser {
  readonly #configs = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  readonly #api = new API({
    fs: { readFile: (name) => this.#configs.get(name) ?? this.#texts.get(name) },
  });

  /** Parses files of the working folder. */
  parseFiles(paths: readonly string[]): ParsedFiles {
    return this.#parse(paths, resolve("."));
  }

  /** Parses texts as if they were files of these paths. */
  parseTexts(texts: Readonly<Record<string, string>>): ParsedFiles {
    const folder = resolve(`texts-${this.#configs.size}`);
    for (const [path, text] of Object.entries(texts)) this.#texts.set(join(folder, path), text);
    return this.#parse(Object.keys(texts), folder);
  }

  /** Ends TypeScript's process. */
  close(): void {
    this.#api.close();
  }

  #parse(paths: readonly string[], folder: string): ParsedFiles {
    // This file, too, is only told to TypeScript.
    const project = join(folder, `code-rules-${this.#configs.size}.json`);
    const compilerOptions = { noLib: true, noResolve: true, types: [] };
    this.#configs.set(project, JSON.stringify({ compilerOptions, files: paths }));
    const program = this.#api
      .updateSnapshot({ openProjects: [project] })
      .getProject(project)?.program;
    return new Map(
      paths.map((path) => {
        const tree = program?.getSourceFile(join(folder, path));
        if (tree === undefined) throw new Error(`TypeScript did not read ${path}`);
        return [path, tree];
      }),
    );
  }
}

/** Calls `visit` for a node and for each below it. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** The name that a declaration or a member gives, as it is written. */
export function nameOf(node: Node): string | undefined {
  return "name" in node ? (node.name as Node | undefined)?.getText() : undefined;
}

/** Whether a documentation comment with at least a word in it stands before a node. */
export function isDocumented(node: Node, tree: SourceFile): boolean {
  return (node.jsDoc ?? []).some((comment) =>
    /\w/.test(tree.text.slice(comment.getStart(tree, true), comment.end)),
  );
}

/** The line on which a position of a file's text is, counted from 1. */
export function lineOf(tree: SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}
