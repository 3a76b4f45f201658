import { type Answer, type Command, isCommand } from "../protocol.ts";

/** A server under test, in its own process. */
export interface Contender {
  readonly port: number;
  /** Sends one message to all members of the room. */
  publish(): void;
}

/** Answers the driver's commands for as long as the driver lives. */
export function serve({ port, publish }: Contender): void {
  process.on("message", (message) => {
    if (!isCommand(message)) throw new Error("not a command");
    obey(message, publish);
  });
  process.on("disconnect", () => process.exit());
  tell({ kind: "listening", port });
}

function obey(command: Command, publish: () => void): void {
  if (command.kind === "stop") process.exit();
  if (command.kind === "usage") tellUsage(command.collectGarbage);
  else for (let sent = 0; sent < command.count; sent += 1) publish();
}

function tellUsage(collectGarbage: boolean): void {
  const { user, system } = process.cpuUsage();
  if (collectGarbage) collectAll();
  const { rss, heapUsed, external } = process.memoryUsage();
  tell({
    kind: "usage",
    cpuMicros: user + system,
    rssBytes: rss,
    heldBytes: heapUsed + external,
  });
}

/** A second collection frees what finalizers of the first have let go. */
function collectAll(): void {
  if (globalThis.gc === undefined) throw new Error("started without --expose-gc");
  globalThis.gc();
  globalThis.gc();
}

function tell(answer: Answer): void {
  process.send?.(answer);
}
