import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Reply, refuse } from "./reply.ts";

/** What a schema says of a value. */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reply: Reply };

/**
 * Checks a value. A value that does not fit is refused with `payload_invalid` and
 * `issues: [{path, message}]`, where a path is a list of keys.
 *
 * @param schema without one, every value fits
 */
export function check(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
): Checked | Promise<Checked> {
  if (schema === undefined) return { ok: true, value };
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(toChecked) : toChecked(result);
}

function toChecked(result: StandardSchemaV1.Result<unknown>): Checked {
  if (result.issues === undefined) return { ok: true, value: result.value };
  const issues = result.issues.map(({ path = [], message }) => ({
    path: path.map((segment) => String(typeof segment === "object" ? segment.key : segment)),
    message,
  }));
  return { ok: false, reply: refuse("payload_invalid", { issues }) };
}
