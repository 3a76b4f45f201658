/** How `POST /publish` was answered. */
export interface PublishAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Calls `POST /publish`. A body that is not text or bytes is sent as JSON. */
export async function publish(
  { url }: { readonly url: string },
  body: unknown,
  headers: Record<string, string> = {},
): Promise<PublishAnswer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(`${url}/publish`, {
    method: "POST",
    body: isRaw ? Buffer.from(body) : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/** The header that carries an API key or a token. */
export function bearer(credential: string): { readonly authorization: string } {
  return { authorization: `Bearer ${credential}` };
}
