import { request as httpRequest } from "node:http";
import { within } from "../../support/until.ts";

/** Everything of the answer to an upgrade that is refused. */
export async function refusalOf(url: string, headers: Record<string, string> = {}, method = "GET") {
  const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const request = httpRequest(url.replace("ws", "http"), {
      method,
      headers: { ...upgrade, ...headers },
    });
    request.on("error", reject);
    request.on("upgrade", () => reject(new Error("accepted")));
    request.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    request.end();
  });
  return within("the refusal", answer);
}
