/** What the server's own frames are made of. */
export type PythonJson =
  | string
  | number
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [key: string]: PythonJson };

/** All that Python's encoder escapes and JavaScript's does not. */
const NOT_ASCII = /[\u007f-\uffff]/g;

/**
 * JSON text as Python's `json.dumps` writes it: `", "` and `": "` between the parts, and non-ASCII
 * characters as `\uXXXX`.
 */
export function pythonJson(value: PythonJson): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(pythonJson).join(", ")}]`;
  const members = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonJson(item)}`);
  return `{${members.join(", ")}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isList(value: object): value is readonly PythonJson[] {
  return Array.isArray(value);
}
