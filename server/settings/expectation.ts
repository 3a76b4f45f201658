import { z } from "zod";
import { optionsSchema } from "../options.ts";
import { snakeCase } from "./snake-case.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

const root: JsonSchema = z.toJSONSchema(optionsSchema, { io: "input", unrepresentable: "any" });

function step(schema: JsonSchema | undefined, name: PropertyKey): JsonSchema | undefined {
  const next =
    typeof name === "number"
      ? schema?.items
      : Object.entries(schema?.properties ?? {}).find(([property]) => property === name)?.[1];
  return typeof next === "object" && !Array.isArray(next) ? next : undefined;
}

/** The JSON schema of one option, such as `["auth", "apiKeys", 0]`. */
export function schemaAt(path: readonly PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(step, root);
}

function wholeNumber(schema: JsonSchema): string {
  const above = schema.exclusiveMinimum;
  const least = typeof above === "number" ? above + 1 : schema.minimum;
  const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  if (least !== undefined && most !== undefined) return `a whole number from ${least} to ${most}`;
  return least === undefined ? "a whole number" : `a whole number of at least ${least}`;
}

function text(schema: JsonSchema): string {
  const least = schema.minLength ?? 0;
  const most = schema.maxLength;
  if (most !== undefined) return `text of ${least} to ${most} characters`;
  if (least === 0) return "text";
  return `text of at least ${least} ${least === 1 ? "character" : "characters"}`;
}

function oneOf(values: readonly unknown[]): string {
  const names = values.map((value) => JSON.stringify(value));
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].join(" or ");
}

/** The names that a table of an option may have, as the options write them. */
export function namesAt(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys(schemaAt(path)?.properties ?? {});
}

function table(names: readonly string[]): string {
  return names.length === 0 ? "a table" : `a table with ${names.map(snakeCase).join(", ")}`;
}

/** What an option allows, in words: `a whole number from 0 to 65535`. */
export function expectation(path: readonly PropertyKey[]): string | undefined {
  const schema = schemaAt(path);
  if (schema?.enum !== undefined) return oneOf(schema.enum);
  switch (schema?.type) {
    case "integer":
      return wholeNumber(schema);
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return table(namesAt(path));
    case "string":
      return text(schema);
    default:
      return undefined;
  }
}
