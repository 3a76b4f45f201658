import { listenRefusal } from "./loopback.ts";
import { type Options, optionsSchema } from "./options.ts";
import { named } from "./settings/display.ts";
import { readSettingsFile } from "./settings/file.ts";
import { type Given, givenAsText, type Reading } from "./settings/given.ts";
import { problem } from "./settings/problem.ts";
import { settings } from "./settings/setting.ts";

/** Environment variable that names the settings file. */
export const configVariable = "COMMONROOM_CONFIG";

/** Where settings come from. Flags win over the environment, which wins over the file. */
export interface SettingsSources {
  /** Flags by name without dashes: `port`, `redis`, `config`. Others are passed over. */
  readonly flags: ReadonlyMap<string, string>;
  /** Environment variables, such as `process.env`. An empty one counts as unset. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Returns a file's text, or throws an error with a `code` as `node:fs` does. */
  readonly readFile: (path: string) => string;
  /**
   * What the settings are for: a server that listens may not do so without a secret outside
   * loopback. Default: `listen`.
   */
  readonly purpose?: "listen" | "sign";
}

/**
 * Complete options and, for each that was given, its source and key as the user wrote them
 * (`auth.jwtSecret`: `environment: JWT_SECRET`), or what is wrong: one line a problem, with no
 * secret in it.
 */
export type SettingsResult =
  | {
      readonly ok: true;
      readonly options: Options;
      readonly origins: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Merges flags, environment and settings file, and checks them against the schema of the options.
 * Changes nothing and never throws for what a user wrote.
 *
 * @example
 * const settings = loadSettings({
 *   flags: new Map([["port", "3000"]]),
 *   environment: process.env,
 *   readFile: (path) => readFileSync(path, "utf8"),
 * });
 * if (settings.ok) console.log(settings.options.port); // 3000
 */
export function loadSettings(sources: SettingsSources): SettingsResult {
  const file = readFileSource(sources);
  const given = lastOfEach([...file.given, ...fromEnvironment(sources), ...fromFlags(sources)]);
  const parsed = optionsSchema.safeParse(assembled(given));
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => problem(issue, given));
  const problems = [...new Set([...file.problems, ...wrong])];
  if (problems.length > 0 || !parsed.success) return { ok: false, problems };
  const refusal = sources.purpose === "sign" ? undefined : listenRefusal(parsed.data);
  if (refusal !== undefined) return { ok: false, problems: [refusal] };
  const origins = new Map(given.map(({ setting, origin }) => [setting.path.join("."), origin]));
  return { ok: true, options: parsed.data, origins };
}

function fromFlags({ flags }: SettingsSources): Given[] {
  return settings.flatMap((setting) => {
    const text = setting.flag === undefined ? undefined : flags.get(setting.flag);
    return text === undefined ? [] : [givenAsText(setting, `--${setting.flag}`, text)];
  });
}

function variable({ environment }: SettingsSources, name: string | undefined): string | undefined {
  if (name === undefined || !Object.hasOwn(environment, name)) return undefined;
  return environment[name] === "" ? undefined : environment[name];
}

function fromEnvironment(sources: SettingsSources): Given[] {
  return settings.flatMap((setting) => {
    const text = variable(sources, setting.variable);
    const origin = `environment: ${setting.variable}`;
    return text === undefined ? [] : [givenAsText(setting, origin, text)];
  });
}

function readFileSource(sources: SettingsSources): Reading {
  const path = sources.flags.get("config") ?? variable(sources, configVariable);
  if (path === undefined) return { given: [], problems: [] };
  if (path === "") return { given: [], problems: ["--config needs a value: --config FILE"] };
  let text: string;
  try {
    text = sources.readFile(path);
  } catch (error) {
    const from = sources.flags.has("config") ? "--config" : configVariable;
    return { given: [], problems: [`${named(path)}: ${unreadable(error)} (from ${from})`] };
  }
  return readSettingsFile(text, named(path));
}

const readErrors: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "no such file"],
  ["ENOTDIR", "no such file"],
  ["EACCES", "no permission to read it"],
  ["EISDIR", "a directory, not a file"],
  ["ERR_ENCODING_INVALID_ENCODED_DATA", "not UTF-8 text"],
]);

function unreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return readErrors.get(code) ?? `cannot be read (${code ?? error})`;
}

function lastOfEach(given: readonly Given[]): readonly Given[] {
  return [...new Map(given.map((entry) => [entry.setting.path.join("."), entry])).values()];
}

function assembled(given: readonly Given[]): unknown {
  const top = new Map<string, unknown>();
  const groups = new Map<string, Map<string, unknown>>();
  for (const { setting, value } of given) {
    const [first, second] = setting.path;
    if (second === undefined) top.set(first, value);
    else groups.set(first, (groups.get(first) ?? new Map()).set(second, value));
  }
  for (const [name, group] of groups) top.set(name, Object.fromEntries(group));
  return Object.fromEntries(top);
}
