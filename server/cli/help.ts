import { optionsSchema, roomSettingsSchema } from "../options.ts";
import { type Setting, settings } from "../settings/setting.ts";
import { snakeCase } from "../settings/snake-case.ts";
import { type Command, commands, type Flag, serveCommand } from "./command.ts";

const column = 24;
const defaults: unknown = optionsSchema.parse({});

function defaultOf(setting: Setting): string {
  const value = setting.path.reduce<unknown>(
    (level, name) =>
      typeof level === "object" && level !== null ? Reflect.get(level, name) : undefined,
    defaults,
  );
  return typeof value === "string" || typeof value === "number" ? ` (default: ${value})` : "";
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(column - 2)}${right}`;
}

function sources(variable: string | undefined, setting: Setting | undefined): readonly string[] {
  const names = [
    ...(variable === undefined ? [] : [`environment ${variable}`]),
    ...(setting === undefined ? [] : [`file [${setting.table}] ${setting.key}`]),
  ];
  return names.length === 0 ? [] : [row("", names.join(", "))];
}

function flagRows({ name, placeholder, summary, variable, setting }: Flag): readonly string[] {
  const usage = `${name === "help" ? "-h, " : ""}--${name}`;
  const left = placeholder === undefined ? usage : `${usage} ${placeholder}`;
  const initial = setting === undefined ? "" : defaultOf(setting);
  return [row(left, `${summary}${initial}`), ...sources(variable, setting)];
}

function settingRows(setting: Setting): readonly string[] {
  const initial = defaultOf(setting);
  const place = `[${setting.table}] ${setting.key}`;
  const variable = setting.variable === undefined ? "" : `, environment ${setting.variable}`;
  return [`  ${place}${variable}`, row("", `${setting.summary}${initial}`)];
}

/** Help for one command, made of its flags. Ends without a newline. */
export function commandHelp(command: Command): string {
  const lines = [
    `Usage: commonroom ${command.name} [flags]`,
    "",
    `${command.summary}. Flags win over the environment, which wins over the settings file.`,
    "",
    ...command.flags.flatMap(flagRows),
  ];
  if (command === serveCommand) {
    lines.push("", "Settings without a flag:", "");
    lines.push(...settings.filter(({ flag }) => flag === undefined).flatMap(settingRows));
    lines.push(`  [[rooms]] ${Object.keys(roomSettingsSchema.shape).map(snakeCase).join(", ")}`);
    lines.push(row("", "Settings of the rooms that match; the first match wins"));
  }
  return lines.join("\n");
}

/** Help for the command line as a whole. Ends without a newline. */
export function generalHelp(): string {
  return [
    "Usage: commonroom <command> [flags]",
    "",
    ...[...commands.values()].map(({ name, summary }) => row(name, summary)),
    "",
    row("-h, --help", "Show this text, or that of a command: commonroom serve --help"),
    row("-v, --version", "Show the version"),
  ].join("\n");
}
