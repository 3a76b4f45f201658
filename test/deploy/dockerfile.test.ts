import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { outputOf } from "../support/process-output.ts";
import { freePort } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { secret } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);

/** An instruction and what it says. */
type Instruction = readonly [name: string, text: string];

/** The stages of the Dockerfile, in their order; each begins with its FROM. */
const stages: readonly (readonly Instruction[])[] = readFileSync("docs/deploy/Dockerfile", "utf8")
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) =>
    stage
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line): Instruction => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1)]),
  );
const [build = [], final = []] = stages;

function textsOf(stage: readonly Instruction[], name: string): string[] {
  return stage.filter(([own]) => own === name).map(([, text]) => text);
}

/** The command of an instruction in its exec form. */
function commandOf(name: string): [string, ...string[]] {
  const [text = ""] = textsOf(final, name);
  return JSON.parse(text.slice(text.indexOf("["))) as [string, ...string[]];
}

/** Files that a stage takes from the project. */
function copiedBy(stage: readonly Instruction[]): string[] {
  const own = textsOf(stage, "COPY").filter((text) => !text.startsWith("--from"));
  return own.flatMap((text) => text.split(" ").slice(0, -1));
}

/** Runs the image's command on a free port, in the environment that the image has. */
async function start(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const image = Object.fromEntries(
    textsOf(final, "ENV").flatMap((text) => text.split(" ").map((pair) => pair.split("="))),
  ) as Record<string, string>;
  const [program, ...args] = commandOf("CMD");
  const path = { PATH: process.env["PATH"] ?? "" };
  const env = { ...path, ...image, PORT: String(await freePort()), ...environment };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

describe("the Dockerfile", () => {
  it("copies what is there, and all that the build reads", () => {
    const copied = copiedBy(build);
    for (const path of [...copied, ...copiedBy(final)])
      expect([path, existsSync(path)]).toEqual([path, true]);
    const { include } = JSON.parse(readFileSync("tsconfig.build.json", "utf8")) as {
      readonly include: readonly string[];
    };
    expect(copied).toEqual(expect.arrayContaining([...include]));
  });

  it("has in its context exactly what it copies", () => {
    const ignore = readFileSync("docs/deploy/Dockerfile.dockerignore", "utf8").split("\n");
    const admitted = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(ignore).toContain("*");
    expect(new Set(admitted)).toEqual(new Set([...copiedBy(build), ...copiedBy(final)]));
  });

  it("installs for the build what the lock file says, and for the run no tools", () => {
    expect(textsOf(build, "RUN")).toEqual(["npm ci", "npm run build"]);
    expect(textsOf(final, "RUN")).toEqual(["npm ci --omit=dev && npm cache clean --force"]);
  });

  it("runs as somebody who is not root", () => {
    const [user = ""] = textsOf(final, "USER");
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it("checks health by a command that knows a living node from none", async () => {
    const { port, commonroom } = await startServer();
    const [program, ...args] = commandOf("HEALTHCHECK");
    const env = { ...process.env, PORT: String(port) };
    await run(program, args, { env });
    await commonroom.close();
    await expect(run(program, args, { env })).rejects.toMatchObject({ code: 1 });
  });

  it("starts a node that ends in good order at SIGTERM", async () => {
    const child = await start({ JWT_SECRET: secret });
    const output = outputOf(child);
    await until("the node to listen", () => output().includes("Live page"), 10_000);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("starts nothing without a secret, and says so", async () => {
    const child = await start({});
    const output = outputOf(child);
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(output()).toContain("refusing to listen on 0.0.0.0 without a secret");
  });
});
