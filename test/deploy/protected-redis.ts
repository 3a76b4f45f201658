import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { answers, freePort } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const FILE = "docs/deploy/redis-acl.conf";

/** A Redis with the users of docs/deploy, and their addresses. */
export interface ProtectedRedis {
  readonly admin: string;
  readonly gateway: string;
  readonly backend: string;
  /** Without a name. */
  readonly nobody: string;
}

/**
 * Starts a real Redis with the ACL of docs/deploy; it ends with the test.
 *
 * @param change what else is done with the ACL's text
 */
export async function startProtectedRedis(
  change: (acl: string) => string = (acl) => acl,
): Promise<ProtectedRedis> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-acl-"));
  const port = await freePort();
  const file = join(directory, "redis.conf");
  await writeFile(file, change(await readFile(FILE, "utf8")));
  const flags = [file, "--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir"];
  const child = spawn("redis-server", [...flags, directory], { stdio: "ignore" });
  onTestFinished(async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  });
  const addressOf = (user: string): string =>
    `redis://${user}:change-the-${user}-password@127.0.0.1:${port}`;
  const admin = addressOf("admin");
  await until("Redis to answer", () => {
    if (child.exitCode !== null) throw new Error("redis-server refuses the ACL");
    return answers(admin);
  });
  return {
    admin,
    gateway: addressOf("gateway"),
    backend: addressOf("backend"),
    nobody: `redis://127.0.0.1:${port}`,
  };
}
