import { parse, TomlError } from "smol-toml";
import { roomSettingsSchema } from "../options.ts";
import { displayed, named } from "./display.ts";
import type { Given, Reading } from "./given.ts";
import { nameAdvice, nearMiss } from "./near-miss.ts";
import { type Setting, settings } from "./setting.ts";
import { snakeCase } from "./snake-case.ts";

type Keys = ReadonlyMap<string, Setting>;

const tables: ReadonlyMap<string, Keys> = new Map(
  [...new Set(settings.map(({ table }) => table))].map((table) => [
    table,
    new Map(settings.filter((row) => row.table === table).map((row) => [row.key, row])),
  ]),
);
const tableNames = [...tables.keys(), "rooms"];

/** Room settings by their keys in the file. */
const roomKeys: ReadonlyMap<string, string> = new Map(
  Object.keys(roomSettingsSchema.shape).map((name) => [snakeCase(name), name]),
);

/** Keys of Tangram that mean nothing here, as they mean nothing there. */
const unusedKeys = new Set(["[channel] id_length"]);

class Findings implements Reading {
  readonly given: Given[] = [];
  readonly problems: string[] = [];
}

/**
 * Reads a TOML settings file. Tables of Tangram are passed over, and so are its keys in `[core]`;
 * a misspelt table or key of ours is a problem.
 *
 * @param label The file's name as messages give it.
 */
export function readSettingsFile(text: string, label: string): Reading {
  const findings = new Findings();
  let document: Record<string, unknown>;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    findings.problems.push(`${label}: ${syntaxProblem(error)}`);
    return findings;
  }
  for (const [name, value] of Object.entries(document)) {
    const keys = tables.get(name);
    if (name === "rooms") readRooms(value, label, findings);
    else if (keys !== undefined) readTable(name, keys, value, label, findings);
    else readUnknown(name, value, label, findings);
  }
  return findings;
}

function syntaxProblem({ line, column, message }: TomlError): string {
  // The further lines of the message quote the file, and with it perhaps a secret.
  const [reason = ""] = message.split("\n", 1);
  return `line ${line}, column ${column}: ${reason.replace("Invalid TOML document: ", "")}`;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function readTable(name: string, keys: Keys, value: unknown, label: string, found: Findings): void {
  if (!isTable(value)) {
    found.problems.push(`${label}: ${name}: expected a table [${name}]`);
    return;
  }
  for (const [key, entry] of Object.entries(value)) {
    const setting = keys.get(key);
    const origin = `${label}: [${name}] ${named(key)}`;
    if (setting !== undefined) found.given.push({ setting, origin, value: entry });
    else if (!isOfTangram(name, key, keys)) {
      found.problems.push(`${origin}: unknown key; ${keyAdvice(key, keys.keys())}`);
    }
  }
}

/** In `[core]` any key may be Tangram's, but for one that is almost a long one of ours. */
function isOfTangram(table: string, key: string, keys: Keys): boolean {
  if (table !== "core") return unusedKeys.has(`[${table}] ${key}`);
  const long = [...keys.keys()].filter(({ length }) => length > 4);
  return nearMiss(key, long) === undefined;
}

function readRooms(value: unknown, label: string, found: Findings): void {
  if (!Array.isArray(value) || !value.every(isTable)) {
    found.problems.push(`${label}: rooms: expected tables, each headed [[rooms]]`);
    return;
  }
  const entries = value.map((entry, index) =>
    readRoom(entry, `${label}: [[rooms]] #${index + 1}`, found),
  );
  found.given.push({
    setting: { path: ["rooms"] },
    origin: `${label}: [[rooms]]`,
    value: entries,
  });
}

function readRoom(entry: Record<string, unknown>, origin: string, found: Findings): unknown {
  const known = new Map<string, unknown>();
  for (const [key, value] of Object.entries(entry)) {
    const name = roomKeys.get(key);
    if (name !== undefined) known.set(name, value);
    else {
      const advice = keyAdvice(key, roomKeys.keys());
      found.problems.push(`${origin} ${named(key)}: unknown key; ${advice}`);
    }
  }
  return Object.fromEntries(known);
}

function keyAdvice(key: string, known: Iterable<string>): string {
  const names = [...known];
  const home = settings.find((row) => row.key === key);
  const isElsewhere = home !== undefined && nearMiss(key, names) === undefined;
  return isElsewhere ? `it belongs in [${home.table}]` : nameAdvice(key, names);
}

function readUnknown(name: string, value: unknown, label: string, found: Findings): void {
  const origin = `${label}: ${named(name)}`;
  const near = nearMiss(name, tableNames);
  const home = settings.find((row) => row.key === name);
  if (!isTable(value) && home !== undefined) {
    const shown = displayed(value, home.privacy);
    found.problems.push(
      `${origin} = ${shown}: a key outside a table; it belongs in [${home.table}]`,
    );
  } else if (near !== undefined) {
    const heading = near === "rooms" ? "[[rooms]]" : `[${near}]`;
    found.problems.push(`${label}: [${named(name)}]: unknown table; did you mean ${heading}?`);
  }
}
