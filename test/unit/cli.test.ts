import { type ChildProcess, execFile, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:net";
import jwt from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import { readArguments } from "../../server/cli/arguments.ts";
import { serveCommand, tokenCommand } from "../../server/cli/command.ts";
import { commandHelp } from "../../server/cli/help.ts";
import { closeOnSignal } from "../../server/cli/signal.ts";
import { tokenFor } from "../../server/cli/token.ts";
import { readWorkerCount, workersProblems } from "../../server/cli/workers.ts";
import { parseDurationSecs } from "../../server/duration.ts";
import { type CommonroomOptions, optionsSchema } from "../../server/options.ts";
import { settings } from "../../server/settings/setting.ts";

const cli = ["dist/server/cli.js"];

interface Run {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function commonroom(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"], ...environment }, timeout: 20_000 };
    execFile(process.execPath, [...cli, ...args], options, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? (error === null ? 0 : "killed"), stdout, stderr });
    });
  });
}

function failure(problem: string): Run {
  return { exitCode: 1, stdout: "", stderr: `commonroom: ${problem}\n` };
}

describe("help", () => {
  it("commonroom --help and the commands' own help end with 0", async () => {
    for (const args of [["--help"], ["-h"], ["serve", "--help"], ["token", "-h"]]) {
      const { exitCode, stdout, stderr } = await commonroom(args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: commonroom /);
    }
  });

  it("commonroom alone prints the help and ends with 1", async () => {
    const { exitCode, stdout } = await commonroom([]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^Usage: commonroom <command>/);
  });

  it("commonroom --version prints the version of the package", async () => {
    const { stdout } = await commonroom(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("names every setting with its flag, its variable, its key and its default", () => {
    const help = commandHelp(serveCommand);
    for (const { flag, variable, table, key } of settings) {
      if (flag !== undefined) expect(help).toContain(`--${flag} `);
      if (variable !== undefined) expect(help).toContain(`environment ${variable}`);
      expect(help).toMatch(new RegExp(`\\[${table}\\]\\s+${key}\\b`));
    }
    expect(help).toContain("(default: 2347)");
  });
});

describe("arguments", () => {
  function read(args: readonly string[], command = serveCommand) {
    const result = readArguments(command, args);
    return result.ok ? Object.fromEntries(result.values) : result.problems;
  }

  it("a flag takes its value after a space or an equals sign", () => {
    expect(read(["--host", "::1", "--port=0"])).toEqual({ host: ["::1"], port: ["0"] });
  });

  it("a repeated flag keeps every value", () => {
    const args = ["--channel", "a", "--channel", "b:*"];
    expect(read(args, tokenCommand)).toEqual({ channel: ["a", "b:*"] });
  });

  it.each([
    [["--prot", "1"], "unknown flag --prot; did you mean --port?"],
    [["--jwt-secert=s3cret"], "unknown flag --jwt-secert; did you mean --jwt-secret?"],
    [["--__proto__=1"], "unknown flag --__proto__; see commonroom serve --help"],
    [["-x"], "unknown flag -x; see commonroom serve --help"],
    [["--host"], "--host needs a value: --host HOST"],
    [
      ["--host", "--port", "1"],
      "--host needs a value; write --host=VALUE for one that starts with a dash",
    ],
    [["--help=now"], "--help takes no value"],
  ])("%j is refused in one line", (args, problem) => {
    expect(read(args)).toContain(problem);
  });

  it("a stray argument is not quoted: it may be the rest of a secret", () => {
    expect(read(["--jwt-secret", "my", "s3cret"])).toEqual([
      "argument 3 after serve is not a flag; a value with spaces needs quotes",
    ]);
  });

  it("who asks for help gets it, whatever else is wrong", () => {
    expect(read(["--prot", "--help"])).toHaveProperty("help");
  });
});

describe("a wrong call", () => {
  it.each([
    [["help"], "unknown command help; see commonroom --help"],
    [["sevre"], "unknown command sevre; did you mean serve?"],
    [["--port", "1"], "unknown flag before a command: --port; see commonroom --help"],
    [["--jwt-secret=s3cret"], "unknown flag before a command: --jwt-secret; see commonroom --help"],
    [["serve", "--port"], "--port needs a value: --port PORT"],
    [["serve", "--port", "abc"], '--port = "abc": expected a whole number from 0 to 65535'],
    [["serve", "--config", "no.toml"], "no.toml: no such file (from --config)"],
    [["serve", "--config", "server"], "server: a directory, not a file (from --config)"],
    [
      ["serve", "--host", "0.0.0.0"],
      "refusing to listen on 0.0.0.0 without a secret: set --jwt-secret, JWT_SECRET or [channel] jwt_secret",
    ],
  ])("%j ends with 1, one line and no stack", async (args, problem) => {
    expect(await commonroom(args)).toEqual(failure(problem));
  });

  it("every wrong setting has its own line", async () => {
    const { stderr } = await commonroom(["serve", "--port", "x"], { LOG_LEVEL: "loud" });
    expect(stderr.match(/^commonroom: /gm)).toHaveLength(2);
  });
});

describe("commonroom token", () => {
  it("prints a token and nothing else", async () => {
    const args = ["token", "--channel", "chat:*", "--id", "client1", "--ttl", "1h"];
    const { exitCode, stdout, stderr } = await commonroom(args, { JWT_SECRET: "s" });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = jwt.verify(stdout.trim(), "s");
    expect(claims).toMatchObject({ id: "client1", channel: "chat:*" });
  });

  it("signs with a public address configured, for it does not listen", async () => {
    const args = ["token", "--channel", "a", "--jwt-secret", "s"];
    expect(await commonroom(args, { HOST: "0.0.0.0" })).toMatchObject({ exitCode: 0 });
  });

  it("without a secret says where to set one", async () => {
    const { exitCode, stdout, stderr } = await commonroom(["token", "--channel", "a"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^commonroom: no secret to sign with: set --jwt-secret, .*\n$/);
  });

  const options = optionsSchema.parse({ auth: { jwtSecret: "s", jwtExpirationSecs: 60 } });

  function sign(flags: Readonly<Record<string, readonly string[]>>) {
    return tokenFor(new Map(Object.entries(flags)), options, 1_000_000);
  }

  function claims(flags: Readonly<Record<string, readonly string[]>>): unknown {
    const result = sign(flags);
    return result.ok ? jwt.decode(result.token) : result.problems;
  }

  it("several channels become a list, one stays a text", () => {
    expect(claims({ channel: ["a", "b:*"], id: ["i"], ttl: ["1m"] })).toEqual({
      id: "i",
      channel: ["a", "b:*"],
      exp: 1060,
    });
    expect(claims({ channel: ["a"] })).toMatchObject({ channel: "a" });
  });

  it("--publish names rooms to publish in, with or without --channel", () => {
    expect(claims({ publish: ["jobs"], id: ["ci"] })).toEqual({
      id: "ci",
      publish: "jobs",
      exp: 1060,
    });
    expect(claims({ channel: ["a"], publish: ["b", "c:*"] })).toMatchObject({
      channel: "a",
      publish: ["b", "c:*"],
    });
    expect(claims({ publish: ["a*b"] })).toEqual([
      '--publish = "a*b": expected a room, with * only as its last character',
    ]);
  });

  it("without --id and --ttl: a random id, and the life that the settings say", () => {
    expect(claims({ channel: ["a"] })).toMatchObject({
      id: expect.stringMatching(/^[A-Za-z0-9]{8}$/),
      exp: 1060,
    });
  });

  it("names what is missing or wrong, one line each", () => {
    expect(claims({ id: [""], ttl: ["soon"] })).toEqual([
      "--channel is missing: a room, or a pattern such as 'chat:*'",
      "--id needs a value: --id ID",
      '--ttl = "soon": expected a time such as 30s, 15m, 1h, 7d or seconds',
    ]);
    expect(claims({ channel: ["a*b"] })).toEqual([
      '--channel = "a*b": expected a room, with * only as its last character',
    ]);
  });

  it.each([
    ["30s", 30],
    ["15m", 900],
    ["1h", 3600],
    ["7d", 604_800],
    ["90", 90],
  ])("a time of %s is %i seconds", (text, secs) => expect(parseDurationSecs(text)).toBe(secs));

  it.each(["", "0", "0h", "1.5h", "-1", "1w", "h", "1 h", "9".repeat(20)])(
    "a time of %j is refused",
    (text) => expect(parseDurationSecs(text)).toBeUndefined(),
  );
});

describe("workers", () => {
  function count(flag: string | undefined, environment = {}) {
    const read = readWorkerCount(flag, environment, () => 8);
    return read.ok ? read.count : read.problem;
  }

  it("are one unless the flag or the environment says more; the flag wins", () => {
    expect(count(undefined)).toBe(1);
    expect(count(undefined, { COMMONROOM_WORKERS: "" })).toBe(1);
    expect(count(undefined, { COMMONROOM_WORKERS: "3" })).toBe(3);
    expect(count("2", { COMMONROOM_WORKERS: "3" })).toBe(2);
  });

  it("are as many as the machine has cores with auto", () => {
    expect(count("auto")).toBe(8);
    expect(count(undefined, { COMMONROOM_WORKERS: "auto" })).toBe(8);
  });

  it.each(["0", "", "1.5", "1025", "99999", "0x2", " 2", "many", "AUTO"])(
    "are refused as %j, with what is allowed",
    (text) => {
      const allowed = "expected a whole number from 1 to 1024, or auto";
      expect(count(text)).toBe(`--workers = ${JSON.stringify(text)}: ${allowed}`);
      if (text === "") return;
      expect(count(undefined, { COMMONROOM_WORKERS: text })).toMatch(/^COMMONROOM_WORKERS = /);
    },
  );

  function problems(workers: number, options: CommonroomOptions) {
    return workersProblems(workers, optionsSchema.parse(options));
  }

  const logged: CommonroomOptions = { rooms: [{ match: "chat:*", log: {} }, { match: "*" }] };

  it("of several without Redis are no place for logs: the rooms are named, and the remedy", () => {
    expect(problems(2, logged)).toEqual([
      "the log of the rooms chat:* needs Redis where there are several workers: set --redis, or --workers 1",
    ]);
    expect(problems(1, logged)).toEqual([]);
    expect(problems(2, { ...logged, redisUrl: "redis://redis:6379" })).toEqual([]);
    expect(problems(2, {})).toEqual([]);
  });

  it.each<CommonroomOptions["colonies"]>([
    { serverId: "a".repeat(64) },
    { port: 50_080 },
    { colonies: [{ name: "c", id: "b".repeat(64) }] },
  ])("of several without Redis are no place for ColonyOS: %j", (colonies) => {
    expect(problems(2, { colonies })).toHaveLength(1);
    expect(problems(1, { colonies })).toEqual([]);
  });
});

describe("signals", () => {
  function signalled(close: () => Promise<void>) {
    const signals = new EventEmitter();
    const exitCodes: number[] = [];
    closeOnSignal(signals, close, (code) => exitCodes.push(code));
    return { signals, exitCodes };
  }

  it("the first closes, and the process exits with 0 once that is done", async () => {
    const { signals, exitCodes } = signalled(() => Promise.resolve());
    signals.emit("SIGTERM");
    expect(exitCodes).toEqual([]);
    await Promise.resolve();
    expect(exitCodes).toEqual([0]);
  });

  it("a second, of either kind, exits with 1 at once", () => {
    const { signals, exitCodes } = signalled(() => new Promise(() => {}));
    signals.emit("SIGTERM");
    signals.emit("SIGINT");
    expect(exitCodes).toEqual([1]);
  });
});

describe("commonroom serve", { timeout: 30_000 }, () => {
  async function textUntil(child: ChildProcess, expected: RegExp): Promise<string> {
    let text = "";
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      if (expected.test(text)) return text;
    }
    throw new Error(`the server ended without ${expected}: ${text}`);
  }

  it.each(["SIGTERM", "SIGINT"] as const)(
    "starts, says where, and ends with 0 at %s",
    async (signal) => {
      const env = { PATH: process.env["PATH"], LOG_LEVEL: "silent" };
      const child = spawn(process.execPath, [...cli, "serve", "--port", "0"], {
        env,
        stdio: ["ignore", "pipe", "inherit"],
        timeout: 20_000,
        killSignal: "SIGKILL",
      });
      const exit = once(child, "exit");
      const text = await textUntil(child, /Tokens .*\n/);
      const [, url = ""] = /Live page\s+(\S+)/.exec(text) ?? [];
      expect((await fetch(new URL("/health", url))).status).toBe(200);
      child.kill(signal);
      expect(await exit).toEqual([0, null]);
    },
  );

  it("a port that is taken: one line, and 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const run = await commonroom(["serve", "--port", String(port)], { LOG_LEVEL: "silent" });
    taken.close();
    const problem = `port ${port} on 127.0.0.1 is taken; choose another with --port`;
    expect(run).toEqual(failure(problem));
  });
});
