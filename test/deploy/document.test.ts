import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createCounters } from "../../server/counters.ts";
import { optionsSchema } from "../../server/options.ts";
import { settings } from "../../server/settings/setting.ts";
import { loadSettings } from "../../server/settings.ts";
import { startServer } from "../support/server.ts";
import { sourceFiles } from "../support/source-files.ts";
import { startProtectedRedis } from "./protected-redis.ts";

const text = readFileSync("docs/deploy.md", "utf8");

/** What stands in the blocks of a language. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...text.matchAll(fence)].map(([, block]) => block ?? "");
}

/** The texts in backticks within the section of a heading. */
function quotedIn(heading: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/`([^`\n]+)`/g)].map(([, quoted]) => quoted ?? "");
}

describe("docs/deploy.md", () => {
  it("links to files and headings that there are", () => {
    const targets = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target ?? "");
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) =>
      anchorOf(heading ?? ""),
    );
    expect(targets.length).toBeGreaterThan(10);
    for (const target of targets) {
      const [path = "", anchor = ""] = target.split("#");
      if (path === "") expect(headings).toContain(anchor);
      else expect([target, existsSync(`docs/${path}`)]).toEqual([target, true]);
    }
  });

  it("names settings that there are, with their defaults", () => {
    const keys = new Set(settings.map(({ key }) => key));
    const named = [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, key]) => key ?? "");
    const others = [
      "client_max_body_size",
      "worker_rlimit_nofile",
      "worker_connections",
      "set_real_ip_from",
      "real_ip_header",
    ];
    const codes = ["too_many_waiting", "log_unavailable"];
    for (const key of named) {
      if (![...others, ...codes].includes(key)) expect(keys).toContain(key);
    }
    const { limits } = optionsSchema.parse({});
    for (const [key, value] of [
      ["connects_per_sec", limits.connectsPerSec],
      ["max_waiting_connects", limits.maxWaitingConnects],
      ["joins_per_sec", limits.joinsPerSec],
      ["max_waiting_joins", limits.maxWaitingJoins],
    ] as const) {
      expect(text).toContain(`| \`${key}\` | ${value.toLocaleString("en-US")} |`);
    }
  });

  it("has settings files that can be loaded", () => {
    const files = blocks("toml");
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const flags = new Map([["config", "commonroom.toml"]]);
      const loaded = loadSettings({ flags, environment: {}, readFile: () => file });
      expect(loaded).toMatchObject({ ok: true });
    }
  });

  it("sets environment variables that a node starts with", () => {
    const commands = blocks("sh")
      .flatMap((block) => block.split("\n"))
      .filter((line) => line.includes("cli.js serve"));
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const pairs = [...command.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name = "", value = ""]) => {
        expect(settings.map(({ variable }) => variable)).toContain(name);
        return [name, value] as const;
      });
      const environment = Object.fromEntries(pairs);
      const loaded = loadSettings({ flags: new Map(), environment, readFile: () => "" });
      expect(loaded).toMatchObject({ ok: true, options: { auth: { tokenEndpoint: "off" } } });
    }
  });

  it("has lines for redis.conf that Redis takes", async () => {
    const lines = blocks("conf");
    expect(lines).toHaveLength(2);
    await startProtectedRedis((acl) => [acl, ...lines].join("\n"));
  });

  it("lists every channel and key that the ACL gives to nodes", () => {
    const acl = readFileSync("docs/deploy/redis-acl.conf", "utf8");
    const [gateway = ""] = acl.split("\n").filter((line) => line.startsWith("user gateway"));
    const patterns = [...gateway.matchAll(/ [&~](\S+)/g)].map(([, pattern]) => pattern ?? "");
    const listed = quotedIn("Redis").join(" ");
    expect(patterns.length).toBeGreaterThan(5);
    for (const pattern of patterns) {
      expect(listed).toContain(
        pattern.startsWith("commonroom") ? pattern : pattern.replace("*", ""),
      );
    }
  });

  it("names what /health answers, and counters that there are", async () => {
    const { url } = await startServer();
    const health = (await (await fetch(`${url}/health`)).json()) as object;
    const names = quotedIn("What to watch");
    for (const name of Object.keys(health)) {
      if (name !== "counters") expect(names).toContain(name);
    }
    const counters = names.flatMap((name) => /^counters\.(\w+)$/.exec(name)?.[1] ?? []);
    expect(counters.length).toBeGreaterThan(0);
    for (const counter of counters) expect(Object.keys(createCounters())).toContain(counter);
  });

  it("quotes lines of the log as they are", () => {
    const sources = sourceFiles("server").map((file) => readFileSync(file, "utf8"));
    const lines = quotedIn("What to watch").filter((quoted) => quoted.includes(" "));
    for (const line of lines) {
      if (line.startsWith("GET ")) continue;
      expect([line, sources.some((source) => source.includes(`"${line}"`))]).toEqual([line, true]);
    }
  });
});

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
