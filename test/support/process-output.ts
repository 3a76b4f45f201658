import type { ChildProcess } from "node:child_process";
import { until } from "./until.ts";

/** Keeps all that a process prints on the streams that are piped; the function gives what has come. */
export function outputOf({
  stdout,
  stderr,
}: Pick<ChildProcess, "stdout" | "stderr">): () => string {
  let output = "";
  for (const stream of [stdout, stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return () => output;
}

/** Waits until a node in a process of its own says where it listens: `http://127.0.0.1:<port>`. */
export function urlOf(node: ChildProcess, timeoutMs = 20_000): Promise<string> {
  const output = outputOf(node);
  return until(
    "the node to say where it listens",
    () => /Live page +(http:\/\/[^/\s]+)\//.exec(output())?.[1],
    timeoutMs,
  );
}
