/** How much of a value may be printed: nothing (`secret`), or a URL without its password. */
export type Privacy = "secret" | "url";

const longestShown = 80;

/** Text in double quotes on one line, with control characters escaped and long text cut. */
function quoted(text: string): string {
  const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A name as it is where it is plain, else quoted. */
export function named(name: string): string {
  return /^[\p{L}\p{N}_./\\:*~-]+$/u.test(name) ? name : quoted(name);
}

/** A URL that may be printed: its password and its query are left out. */
export function withoutPassword(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || !URL.canParse(url)) {
    return /[@?]/.test(url) ? "(hidden)" : url;
  }
  const parts = new URL(url);
  // An unescaped slash in a password ends the host there: the rest of it is in the path.
  if (parts.pathname.includes("@") || parts.hash.includes("@")) return "(hidden)";
  if (parts.password === "" && parts.search === "") return url;
  if (parts.password !== "") parts.password = "***";
  if (parts.search !== "") parts.search = "?***";
  return parts.href;
}

/** A wrong value as it may be printed in a message. */
export function displayed(value: unknown, privacy?: Privacy): string {
  if (privacy === "secret") return "(hidden)";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") return "a table";
  if (typeof value !== "string") return String(value);
  return quoted(privacy === "url" ? withoutPassword(value) : value);
}
