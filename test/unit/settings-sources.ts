import { loadSettings } from "../../server/settings.ts";

/** Where settings come from. A file is called tangram.toml. */
export interface Sources {
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly purpose?: "listen" | "sign";
}

/** Reads settings as the command does. */
export function load({ flags = {}, environment = {}, file, purpose = "listen" }: Sources) {
  const config = file === undefined ? {} : { config: "tangram.toml" };
  return loadSettings({
    flags: new Map(Object.entries({ ...config, ...flags })),
    environment,
    purpose,
    readFile: (path) => {
      if (path === "tangram.toml" && file !== undefined) return file;
      throw Object.assign(new Error(`open ${path}`), { code: "ENOENT" });
    },
  });
}

/** The options of settings that are right. */
export function optionsOf(sources: Sources) {
  const result = load(sources);
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.options;
}

/** What is wrong with settings. */
export function problemsOf(sources: Sources): readonly string[] {
  const result = load(sources);
  return result.ok ? [] : result.problems;
}
