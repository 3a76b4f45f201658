import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freePort } from "./redis-server.ts";
import { until } from "./until.ts";

const MISSING = "nginx is missing: apt-get install nginx";
/** The configuration that the documents give. */
const CONFIGURATION = "docs/deploy/nginx.conf";
const LOGS = "/var/log/nginx";

/** What stands in the place of what the configuration says. */
export interface NginxOptions {
  /** Ports of the nodes. */
  readonly nodePorts: readonly number[];
  /** Times in the place of others, to wait less: `{ "75s": "2s" }`. */
  readonly times?: Readonly<Record<string, string>>;
}

/** A running nginx. */
export interface Nginx {
  readonly port: number;
  readonly url: string;
  readonly wsUrl: string;
  /** All that it has logged so far. */
  logged(): Promise<string>;
}

/**
 * Starts the real nginx on a free port, with the configuration of docs/deploy; only its ports, its
 * nodes and the folder of its logs are replaced. It ends with the test.
 */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-nginx-"));
  const port = await freePort();
  const file = join(directory, "nginx.conf");
  await writeFile(file, configure(await readFile(CONFIGURATION, "utf8"), port, directory, options));
  const flags = ["-p", directory, "-c", file, "-e", join(directory, "start.log")];
  const globals = `daemon off; pid ${join(directory, "nginx.pid")};`;
  // Debian puts it where only root's PATH looks.
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
  const child = spawn("nginx", [...flags, "-g", globals], { env, stdio: "ignore" });
  const missing = new Promise<never>((_resolve, reject) => {
    child.on("error", () => reject(new Error(MISSING)));
  });
  onTestFinished(async () => {
    await end(child);
    await rm(directory, { recursive: true, force: true });
  });
  const read = (name: string) => readFile(join(directory, name), "utf8");
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${await read("start.log")}`);
    return fetch(`${url}/token`).then(
      ({ status }) => status === 404,
      () => false,
    );
  };
  await Promise.race([until("nginx to answer", answers), missing]);
  const logged = async () => `${await read("access.log")}${await read("error.log")}`;
  return { port, url, wsUrl: `ws://127.0.0.1:${port}`, logged };
}

function configure(
  text: string,
  port: number,
  directory: string,
  { nodePorts, times = {} }: NginxOptions,
): string {
  const nodes = nodePorts.map((nodePort) => `server 127.0.0.1:${nodePort};`).join(" ");
  const replacements = [
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["server 127.0.0.1:2347;", nodes],
    [LOGS, directory],
    ...Object.entries(times).map(([from, to]) => [` ${from};`, ` ${to};`] as const),
  ] as const;
  return replacements.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`not in ${CONFIGURATION}: ${from}`);
    return changed.replaceAll(from, to);
  }, text);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
