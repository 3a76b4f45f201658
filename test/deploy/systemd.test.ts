import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { optionsSchema } from "../../server/options.ts";
import { outputOf } from "../support/process-output.ts";
import { secret } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const text = readFileSync("docs/deploy/commonroom.service", "utf8");

/** What the unit says of a name. */
function settingOf(name: string): string {
  return new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
}

/** Runs the unit's command as systemd does, on a free port, with what the administrator has added. */
function start(added: Readonly<Record<string, string>>): ChildProcess {
  const [program = "", ...args] = settingOf("ExecStart").split(" ");
  const pairs = settingOf("Environment")
    .split(" ")
    .map((pair) => pair.split("="));
  const env = {
    PATH: process.env["PATH"] ?? "",
    PORT: "0",
    ...Object.fromEntries(pairs),
    ...added,
  };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

describe("the unit for systemd", () => {
  it("starts a node that ends in good order, workers and all, at SIGTERM", async () => {
    const child = start({ JWT_SECRET: secret });
    const output = outputOf(child);
    await until("the node to listen", () => output().includes("Live page"), 15_000);
    expect(output()).toContain("a join needs a token");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("gives a node the time that it takes to end", () => {
    const { shutdownTimeoutMs } = optionsSchema.parse({}).limits;
    expect(Number(settingOf("TimeoutStopSec")) * 1000).toBeGreaterThan(2 * shutdownTimeoutMs);
  });
});
