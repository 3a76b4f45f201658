import { describe, expect, it } from "vitest";
import { upgradeProblem } from "../../../server/http/websocket-route.ts";
import { send, serve } from "./serve.ts";

const paths = ["/websocket", "/websocket/websocket", "/socket/websocket"];
const upgrade = {
  connection: "keep-alive, Upgrade",
  upgrade: "WebSocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

describe.each(paths)("%s", (path) => {
  it("GET without an upgrade answers 400 and says so (H5)", async () => {
    const response = await fetch(`${(await serve()).url}${path}?vsn=2.0.0&userToken=x`);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toBe("Connection header did not include 'upgrade'");
  });

  it("HEAD answers 400 without a body", async () => {
    const answer = await send(await serve(), path, { method: "HEAD" });
    expect([answer.status, answer.text]).toStrictEqual([400, ""]);
  });

  it.each(["POST", "PUT", "DELETE"])("%s answers 405 and allows GET, HEAD", async (method) => {
    const answer = await send(await serve(), path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers).toMatchObject({ allow: "GET, HEAD" });
    expect(answer.text).toBe("");
  });
});

describe("what is missing", () => {
  const { connection, upgrade: _, ...key } = upgrade;
  it.each([
    ["no Upgrade header", { connection }, "`Upgrade` header did not include 'websocket'"],
    [
      "another protocol",
      { ...upgrade, upgrade: "h2c" },
      "`Upgrade` header did not include 'websocket'",
    ],
    [
      "no key",
      { ...upgrade, "sec-websocket-key": undefined },
      "`Sec-WebSocket-Key` header missing",
    ],
    [
      "another version",
      { ...upgrade, "sec-websocket-version": "8" },
      "`Sec-WebSocket-Version` header did not include '13'",
    ],
    ["no Connection header", key, "Connection header did not include 'upgrade'"],
  ])("%s is named", (_name, headers, problem) => {
    expect(upgradeProblem(headers)).toBe(problem);
  });

  it("a whole upgrade has no problem", () => {
    expect(upgradeProblem(upgrade)).toBeUndefined();
  });

  it.each([
    [{ connection: "upgrade" }, "`Upgrade` header did not include 'websocket'"],
    [{ connection: "upgrade", upgrade: "websocket" }, "`Sec-WebSocket-Key` header missing"],
    [
      { ...upgrade, "sec-websocket-version": "8" },
      "`Sec-WebSocket-Version` header did not include '13'",
    ],
    [upgrade, "the server takes no upgrades here"],
  ])("a server that does not listen for upgrades answers 400 to %j", async (headers, text) => {
    const answer = await send(await serve(), "/websocket", { headers });
    expect([answer.status, answer.text]).toStrictEqual([400, text]);
  });
});
