import type { z } from "zod";
import { displayed } from "./display.ts";
import { expectation } from "./expectation.ts";
import type { Given } from "./given.ts";

/** One line for a value that the schema refuses: source, key, value and what is allowed. */
export function problem(issue: z.core.$ZodIssue, given: readonly Given[]): string {
  const entry = given.find(({ setting }) =>
    setting.path.every((name, index) => name === issue.path[index]),
  );
  if (entry === undefined) return `${issue.path.join(".")}: ${issue.message}`;
  const below = issue.path.slice(entry.setting.path.length);
  const origin = [entry.origin, ...below.map(position)].join(" ");
  const expected = requirement(issue, entry);
  const value = valueAt(entry.value, below);
  if (value === undefined) return `${origin}: missing; ${expected}`;
  return `${origin} = ${displayed(value, entry.setting.privacy)}: ${expected}`;
}

function position(name: PropertyKey): string {
  return typeof name === "number" ? `#${name + 1}` : String(name);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  return valueAt(member(value, name), rest);
}

function member(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function requirement(issue: z.core.$ZodIssue, { setting }: Given): string {
  const isPattern = issue.code === "invalid_format" && issue.format === "regex";
  const saysItself = isPattern || issue.code === "custom";
  const allowed = saysItself ? undefined : (setting.allowed ?? expectation(issue.path));
  return allowed === undefined ? issue.message : `expected ${allowed}`;
}
