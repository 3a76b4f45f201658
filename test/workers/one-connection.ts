import { Agent, request } from "node:http";
import { onTestFinished } from "vitest";
import { within } from "../support/until.ts";
import type { WorkersProcess } from "./workers-process.ts";

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The TCP connection that brought it. */
  readonly connection: object;
}

/** Sends requests one after the other over one connection, as a proxy does. */
export function useOneConnection(server: WorkersProcess) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> =>
    within(
      `an answer to ${path}`,
      new Promise((resolve, reject) => {
        const method = body === undefined ? "GET" : "POST";
        const asked = request(`${server.url}${path}`, { agent, method, headers }, (answer) => {
          const { statusCode = 0, socket: connection } = answer;
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({ status: statusCode, body: Buffer.concat(chunks).toString(), connection }),
          );
        });
        asked.on("error", reject);
        asked.end(body);
      }),
    );
}
