import { expect, it } from "vitest";
import { startServer } from "../../support/server.ts";
import { secret } from "../../support/tokens.ts";
import { postToken, serve } from "./serve.ts";

const key = "key-0123456789abcdef";
const otherKey = "schlüssel-0123456789";
const json = { "content-type": "application/json" };
const apiKeys = [key, otherKey];

it.each([
  { tokenEndpoint: "loopback", loopbackOnly: true, open: true },
  { tokenEndpoint: "loopback", loopbackOnly: false, open: false },
  { tokenEndpoint: "open", loopbackOnly: true, open: true },
  { tokenEndpoint: "open", loopbackOnly: false, open: true },
  { tokenEndpoint: "off", loopbackOnly: true, open: false },
  { tokenEndpoint: "off", loopbackOnly: false, open: false },
] as const)("$tokenEndpoint with loopbackOnly $loopbackOnly is open: $open", async (row) => {
  const { tokenEndpoint, loopbackOnly, open } = row;
  const keyless = await serve({ auth: { tokenEndpoint }, loopbackOnly });
  expect((await postToken(keyless, { channel: "a" })).status).toBe(open ? 200 : 403);

  const keyed = await serve({ auth: { tokenEndpoint, apiKeys }, loopbackOnly });
  expect((await postToken(keyed, { channel: "a" })).status).toBe(open ? 200 : 401);
  const headers = { ...json, authorization: `Bearer ${key}` };
  expect((await postToken(keyed, { channel: "a" }, headers)).status).toBe(200);
});

it.each([
  ["https://rooms.example.org", 403],
  ["http://localhost:8080", 200],
  ["http://[::1]:8080", 200],
  [undefined, 200],
])("on loopback, with the public address %s, is answered %i", async (publicUrl, status) => {
  const { port } = await startServer({ auth: { jwtSecret: secret }, publicUrl });
  const answer = await postToken({ url: `http://127.0.0.1:${port}`, errors: [] }, { channel: "a" });
  expect(answer.status).toBe(status);
});

it("where it is off, 403 says how to open it", async () => {
  const response = await postToken(await serve({ loopbackOnly: false }), { channel: "a" });
  expect(response.status).toBe(403);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(await response.text()).toBe(
    'the token endpoint is off; set [auth] token_endpoint = "open" or give it an API key',
  );
});

it.each([
  ["no key", undefined],
  ["another key", "Bearer key-0123456789abcdeX"],
  ["the start of a key", `Bearer ${key.slice(0, -1)}`],
  ["a key and more", `Bearer ${key}x`],
  ["an empty key", "Bearer "],
  ["another scheme", `Basic ${key}`],
  ["no scheme", key],
  ["two keys", `Bearer ${key} ${key}`],
])("%s answers 401 and asks for a key", async (_name, authorization) => {
  const served = await serve({ auth: { tokenEndpoint: "off", apiKeys } });
  const headers = authorization === undefined ? json : { ...json, authorization };
  const response = await postToken(served, { channel: "a" }, headers);
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  expect(await response.text()).not.toContain(key.slice(0, 8));
});

it.each([
  ["the first key", `Bearer ${key}`],
  ["the scheme in small letters", `bearer ${key}`],
  ["a key beyond ASCII, as UTF-8", `Bearer ${Buffer.from(otherKey).toString("latin1")}`],
])("%s answers 200", async (_name, authorization) => {
  const served = await serve({ auth: { tokenEndpoint: "off", apiKeys } });
  const response = await postToken(served, { channel: "a" }, { ...json, authorization });
  expect(response.status).toBe(200);
});

it("a wrong key does no harm where everyone may ask", async () => {
  const served = await serve({ auth: { tokenEndpoint: "open", apiKeys } });
  const headers = { ...json, authorization: "Bearer wrong" };
  expect((await postToken(served, { channel: "a" }, headers)).status).toBe(200);
});

it("who may not ask learns nothing about the body", async () => {
  const served = await serve({ loopbackOnly: false });
  expect((await postToken(served, "{")).status).toBe(403);
  expect((await postToken(served, "{", { "content-type": "text/plain" })).status).toBe(403);
  expect((await postToken(served, "x".repeat(10_000))).status).toBe(403);
});

it("without a secret to sign with, 501 says so, but only to those who may ask", async () => {
  const response = await postToken(await serve({ tokenSecret: undefined }), { channel: "a" });
  expect(response.status).toBe(501);
  expect(await response.text()).toMatch(/no secret to sign tokens with/);

  const closed = await serve({ tokenSecret: undefined, loopbackOnly: false });
  expect((await postToken(closed, { channel: "a" })).status).toBe(403);
});
