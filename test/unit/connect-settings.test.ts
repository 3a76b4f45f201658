import { describe, expect, it } from "vitest";
import { loadSettings } from "../../server/settings.ts";

function load(text: string) {
  const flags = new Map([["config", "c.toml"]]);
  return loadSettings({ flags, environment: {}, readFile: () => text });
}

describe("the settings file", () => {
  it.each([
    ["true", true],
    ["false", false],
    ['"conn"', "conn"],
    ['["https://a.com", "//*.b.org"]', ["https://a.com", "//*.b.org"]],
  ])("takes check_origin = %s", (text, checkOrigin) => {
    expect(load(`[auth]\ncheck_origin = ${text}`)).toMatchObject({
      options: { auth: { checkOrigin } },
    });
  });

  it.each(['"yes"', "5"])("names a check_origin of %s, and what is allowed", (text) => {
    const loaded = load(`[auth]\ncheck_origin = ${text}`);
    expect(loaded).toEqual({
      ok: false,
      problems: [
        expect.stringMatching(/^c\.toml: \[auth\] check_origin.*expected true, false, "conn" or a/),
      ],
    });
  });

  it("names the item of check_origin that is no origin", () => {
    expect(load('[auth]\ncheck_origin = ["//b.com", "a.com"]')).toMatchObject({
      problems: [
        'c.toml: [auth] check_origin #2 = "a.com": must be an origin such as https://a.com, //a.com:81 or //*.a.com',
      ],
    });
  });

  it("refuses check_origin = true where the server has no name of its own", () => {
    const secret = '[channel]\nhost = "0.0.0.0"\njwt_secret = "s"\n';
    const rule = "[auth]\ncheck_origin = true\n";
    expect(load(secret + rule)).toMatchObject({
      problems: [expect.stringContaining("true needs publicUrl")],
    });
    expect(load(`${secret}public_url = "https://a.com"\n${rule}`)).toMatchObject({ ok: true });
  });

  it("takes the way of refusing, and the drain's batches", () => {
    const text =
      '[connect]\nrefusal = "close"\n[limits]\ndrain_batch_size = 5\ndrain_every_ms = 0\n';
    expect(load(text)).toMatchObject({
      options: { connect: { refusal: "close" }, limits: { drainBatchSize: 5, drainEveryMs: 0 } },
    });
    expect(load('[connect]\nrefusal = "shout"')).toMatchObject({
      problems: ['c.toml: [connect] refusal = "shout": expected "status" or "close"'],
    });
  });
});
