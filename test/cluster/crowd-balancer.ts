import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { RETRY_MS } from "./crowd-member.ts";

/**
 * Starts what stands before the nodes for a client that has one address. Like HAProxy with
 * `retry-on conn-failure empty-response`, it asks the next node where one gives no answer: Node's
 * EventSource would never come back after that.
 *
 * @returns the address
 */
export async function startBalancer(nextPort: () => number): Promise<string> {
  const server = createServer({ noDelay: true }, (client) => forward(client, nextPort));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function forward(client: Socket, nextPort: () => number): void {
  const said: Buffer[] = [];
  let isAnswered: boolean = false;
  let retry: NodeJS.Timeout | undefined;
  const ask = (): Socket => {
    const next = connect({ port: nextPort(), host: "127.0.0.1", noDelay: true });
    for (const bytes of said) next.write(bytes);
    next.on("data", (bytes: Buffer) => {
      isAnswered = true;
      client.write(bytes);
    });
    // Each error is followed by the close.
    next.on("error", () => {});
    next.on("close", () => {
      if (isAnswered) client.end();
      else if (!client.destroyed) retry = setTimeout(() => (target = ask()), RETRY_MS);
    });
    return next;
  };
  let target = ask();
  client.on("data", (bytes: Buffer) => {
    said.push(bytes);
    target.write(bytes);
  });
  client.on("error", () => {});
  client.on("close", () => {
    clearTimeout(retry);
    target.destroy();
  });
}
