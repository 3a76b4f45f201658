import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import {
  createOriginCheck,
  isOriginPattern,
  type OriginRule,
} from "../../../server/connections/origin.ts";
import { optionsSchema } from "../../../server/options.ts";

function request(origin: string | undefined, host = "rooms.example.org", isTls = false) {
  const socket = isTls ? Object.assign(new Socket(), { encrypted: true }) : new Socket();
  const message = new IncomingMessage(socket);
  message.headers = { host, ...(origin === undefined ? {} : { origin }) };
  return message;
}

const isAllowed = (rule: OriginRule, origin: string | undefined, ownHost = "rooms.example.org") =>
  createOriginCheck(rule, ownHost)(request(origin));

const nowhere = ["null", "file://", "", "nonsense"];

describe("an origin check", () => {
  it.each([true, "conn", ["//a.com"]] as const)("of %s lets in who sends no origin", (rule) => {
    expect(isAllowed(rule, undefined)).toBe(true);
  });

  it.each(["https://anywhere.com", ...nowhere])("of false lets in '%s'", (origin) => {
    expect(isAllowed(false, origin)).toBe(true);
  });

  describe.each([[true], ["conn" as const], [["//a.com", "//*.a.com"]]])("of %s", (rule) => {
    it.each(nowhere)("refuses '%s', which has no host", (origin) => {
      expect(isAllowed(rule, origin)).toBe(false);
    });
  });

  it.each([
    ["https://rooms.example.org", true],
    ["http://rooms.example.org:8080", true],
    ["https://ROOMS.example.org", true],
    ["https://example.org", false],
    ["https://x.rooms.example.org", false],
    ["https://rooms.example.org.evil.com", false],
  ])("of true compares the host alone: %s", (origin, allowed) => {
    expect(isAllowed(true, origin)).toBe(allowed);
  });

  it.each([
    ["http://localhost:2347", true],
    ["http://127.0.0.1:3000", true],
    ["http://[::1]:3000", true],
    ["http://evil.com", false],
  ])("of true takes loopback's names for one: %s", (origin, allowed) => {
    expect(isAllowed(true, origin, "127.0.0.1")).toBe(allowed);
    expect(isAllowed(true, origin, "::1")).toBe(allowed);
  });

  it.each<[string, string, boolean]>([
    ["https://a.com", "https://a.com", true],
    ["https://a.com", "https://a.com:443", true],
    ["https://a.com", "http://a.com", false],
    ["https://a.com", "https://a.com:8443", false],
    ["https://a.com", "https://b.com", false],
    ["https://a.com", "https://x.a.com", false],
    ["https://a.com:8443", "https://a.com:8443", true],
    ["http://a.com", "http://a.com", true],
    ["//a.com", "http://a.com", true],
    ["//a.com", "https://a.com:8443", true],
    ["//a.com", "https://x.a.com", false],
    ["//a.com", "https://xa.com", false],
    ["//a.com:81", "http://a.com:81", true],
    ["//a.com:81", "https://a.com:81", true],
    ["//a.com:81", "http://a.com", false],
    ["//a.com:80", "http://a.com", true],
    ["//*.a.com", "https://a.com", true],
    ["//*.a.com", "https://x.a.com", true],
    ["//*.a.com", "https://y.x.a.com", true],
    ["//*.a.com", "https://xa.com", false],
    ["//*.a.com", "https://a.com.evil.com", false],
    ["https://*.a.com:8443", "https://x.a.com:8443", true],
    ["https://*.a.com:8443", "https://x.a.com", false],
    ["//A.com", "https://a.COM", true],
    ["//bücher.example", "https://xn--bcher-kva.example", true],
    ["//[::1]:3000", "http://[::1]:3000", true],
    ["chrome-extension://abcdef", "chrome-extension://abcdef", true],
    ["ionic://localhost", "ionic://localhost", true],
  ])("of the list [%s] judges %s: %s", (pattern, origin, allowed) => {
    expect(isAllowed(["//other.org", pattern], origin)).toBe(allowed);
  });

  it.each<[string, string, boolean, boolean]>([
    ["http://a.com:4000", "a.com:4000", false, true],
    ["http://a.com", "a.com", false, true],
    ["http://a.com:80", "a.com", false, true],
    ["https://a.com", "a.com", true, true],
    ["https://a.com", "a.com:443", true, true],
    ["https://a.com", "a.com", false, false],
    ["http://a.com", "a.com", true, false],
    ["http://a.com:4000", "a.com", false, false],
    ["http://b.com", "a.com", false, false],
    ["ws://a.com", "a.com", false, false],
    ["http://a.com", "", false, false],
  ])("of conn compares %s with the request's host %s (TLS: %s): %s", (origin, host, tls, ok) => {
    expect(createOriginCheck("conn", "ignored")(request(origin, host, tls))).toBe(ok);
  });

  it("is each check's own", () => {
    const [first, second] = [["//a.com"], ["//b.com"]].map((list) => createOriginCheck(list, ""));
    expect(first?.(request("http://a.com"))).toBe(true);
    expect(second?.(request("http://a.com"))).toBe(false);
  });
});

describe("a pattern", () => {
  it.each([
    "a.com",
    "",
    "//",
    "https://",
    "//*",
    "//*.*.com",
    "//a.*.com",
    "//a.com/path",
    "//user@a.com",
    "https:a.com",
    "//a.com:port",
    "//a b.com",
  ])("'%s' is none, and is refused among the options", (text) => {
    expect(isOriginPattern(text)).toBe(false);
    const options = optionsSchema.safeParse({ auth: { checkOrigin: [text] } });
    expect(options.success).toBe(false);
    expect(() => createOriginCheck([text], "")).toThrow(TypeError);
  });
});
