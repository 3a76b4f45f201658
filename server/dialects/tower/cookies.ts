/**
 * The cookies of a request, by their names. Double quotes around a value are left out; of a repeated
 * name the last value counts, as in Django.
 *
 * @param header the `Cookie` header, if there is one
 *
 * @example
 * readCookies('awx_sessionid="abc"; csrftoken=TOK').get("awx_sessionid"); // abc
 */
export function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  if (header === undefined) return cookies;
  for (const part of header.split(";")) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    cookies.set(part.slice(0, equals).trim(), unquoted(part.slice(equals + 1).trim()));
  }
  return cookies;
}

/** A cookie's value that may be percent-encoded, and then quoted once more. */
export function decodedCookie(value: string): string {
  try {
    return unquoted(decodeURIComponent(value));
  } catch {
    return value;
  }
}

function unquoted(text: string): string {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return isQuoted ? text.slice(1, -1) : text;
}
