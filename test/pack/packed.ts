import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What a copy of the tree has no use for. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", "dist", ".git"]);

/** The package as `npm pack` makes it, from a copy of this tree: the tree's own build stays. */
export interface Packed {
  readonly tarball: string;
  /** The copy that it was made of. */
  readonly tree: string;
  /** Folder for blank projects; it is removed, with all the rest, by {@link remove}. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** Packs the project, with its `prepack`: everything is built anew. */
export async function packProject(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-pack-"));
  const tree = join(folder, "tree");
  await cp(resolve("."), tree, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(basename(path)),
  });
  await symlink(resolve("node_modules"), join(tree, "node_modules"));
  await run("npm", ["pack", "--pack-destination", folder], tree);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack has made no tarball");
  return {
    tarball: join(folder, tarball),
    tree,
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A project that has nothing but the package, and what it was told to install beside it. */
export interface BlankProject {
  readonly folder: string;
  write(name: string, text: string): Promise<void>;
  /** Runs a command there and returns what it prints. Rejects if it does not end with 0. */
  run(command: string, args: readonly string[]): Promise<string>;
}

/**
 * Makes an empty project and installs the package, with its dependencies from the registry.
 *
 * @param manifest what its `package.json` says besides its name
 * @param packages what is installed besides
 */
export async function blankProject(
  { tarball, folder }: Pick<Packed, "tarball" | "folder">,
  name: string,
  manifest: Readonly<Record<string, unknown>> = {},
  packages: readonly string[] = [],
): Promise<BlankProject> {
  const project = join(folder, name);
  await mkdir(project);
  const write = (file: string, text: string) => writeFile(join(project, file), text);
  await write("package.json", JSON.stringify({ name, private: true, ...manifest }));
  await run("npm", ["install", "--no-audit", tarball, ...packages], project);
  return { folder: project, write, run: (command, args) => run(command, args, project) };
}

/** The environment as a user has it: without what npm and Vitest add for their own processes. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const added = /^(npm_(package|lifecycle|config_local_prefix|command|execpath)|VITEST|NODE_ENV$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name)));
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: userEnvironment(), maxBuffer: 2 ** 26 };
  try {
    return (await execute(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
