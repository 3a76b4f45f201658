import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLong } from "../support/long.ts";
import { SECRET, type WrongStart, wrongStarts } from "./wrong-start-table.ts";

const cli = resolve("dist/server/cli.js");

let folder = "";
let takenPort = 0;
const taken = createServer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "commonroom-starts-"));
  await mkdir(join(folder, "folder.toml"));
  await writeFile(join(folder, "latin1.toml"), Buffer.from('[core]\nnode = "caf\xe9"\n', "latin1"));
  taken.listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  takenPort = address.port;
});

afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command with nothing in its environment but what is named. */
function commonroom(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  const env = { PATH: process.env["PATH"], LOG_LEVEL: "silent", ...environment };
  const options = { env, cwd: folder, timeout: 15_000, killSignal: "SIGKILL" as const };
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      done({ exitCode: error?.code ?? (error === null ? 0 : "killed"), stdout, stderr });
    });
  });
}

function withTakenPort(text: string): string {
  return text.replaceAll("<port>", String(takenPort));
}

async function start({ flags = [], command, environment = {}, file }: WrongStart): Promise<Run> {
  if (file !== undefined) await writeFile(join(folder, "settings.toml"), file);
  const config = file === undefined ? [] : ["--config", "settings.toml"];
  const args = command ?? ["serve", "--port", "0", ...config, ...flags];
  const named = Object.entries(environment).map(([name, value]) => [name, withTakenPort(value)]);
  return commonroom(args.map(withTakenPort), Object.fromEntries(named));
}

/** A process for each takes its time: `npm test` tries each third. */
function some<Item>(items: readonly Item[]): Item[] {
  return items.filter((_, index) => isLong || index % 3 === 0);
}

describe.each(Object.entries(wrongStarts))("a wrong start: %s", (_, starts) => {
  it.each(some(Object.entries(starts)))(
    "%s is told in one line, and exit code 1",
    async (_name, wrong) => {
      const run = await start(wrong);
      expect(run).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: `commonroom: ${withTakenPort(wrong.says)}\n`,
      });
      expect(run.stderr).not.toContain(SECRET);
    },
  );
});
