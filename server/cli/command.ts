import { type Setting, settings } from "../settings/setting.ts";
import { configVariable } from "../settings.ts";
import { workersVariable } from "./workers.ts";

/** A flag of a command: what the command line is read by, and what the help text is made of. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** What the help text calls its value; a flag without one takes no value. */
  readonly placeholder?: string;
  readonly summary: string;
  /** Environment variable that says the same. */
  readonly variable?: string;
  /** The option that it sets, where it sets one. */
  readonly setting?: Setting;
}

/** A command of the command line. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

const help: Flag = { name: "help", summary: "Show this text" };
const config: Flag = {
  name: "config",
  placeholder: "FILE",
  variable: configVariable,
  summary: "Settings file (TOML); a tangram.toml works as it is",
};
const workers: Flag = {
  name: "workers",
  placeholder: "N",
  variable: workersVariable,
  summary: "Worker processes: a number, or auto for one for each core (default: 1)",
};

function settingFlag(setting: Setting): readonly Flag[] {
  const { flag, placeholder = "VALUE", summary, variable } = setting;
  if (flag === undefined) return [];
  return [
    { name: flag, placeholder, summary, setting, ...(variable !== undefined && { variable }) },
  ];
}

/** `commonroom serve`. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Start the server",
  flags: [...settings.flatMap(settingFlag), workers, config, help],
};

/** `commonroom token`. */
export const tokenCommand: Command = {
  name: "token",
  summary: "Sign a token and print it",
  flags: [
    {
      name: "channel",
      placeholder: "ROOM",
      summary: "Room it opens, or a pattern such as 'chat:*'; may be repeated",
    },
    {
      name: "publish",
      placeholder: "ROOM",
      summary: "Room where POST /publish takes it, or a pattern; may be repeated",
    },
    { name: "id", placeholder: "ID", summary: "Presence key of its holder (default: random)" },
    {
      name: "ttl",
      placeholder: "TIME",
      summary: "Life of the token: 30s, 15m, 1h, 7d or seconds (default: jwt_expiration_secs)",
    },
    ...settings.filter(({ flag }) => flag === "jwt-secret").flatMap(settingFlag),
    config,
    help,
  ],
};

/** Every command by its name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [serveCommand, tokenCommand].map((command) => [command.name, command]),
);
