import { describe, expect, it } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";

describe("the sub-protocol", () => {
  const bearer = (token: string) => `base64url.bearer.phx.${token}`;
  const encode = (token: string) => Buffer.from(token).toString("base64").replaceAll("=", "");

  it("phoenix is selected when it is offered", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix"]);
    expect(client.webSocket.protocol).toBe("phoenix");
  });

  it.each(["base64", "base64url"] as const)("carries the token in %s", async (alphabet) => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const encoded = Buffer.from(tokenFor("lobby")).toString(alphabet).replaceAll("=", "");
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix", bearer(encoded)]);
    expect(client.webSocket.protocol).toBe("phoenix");
    client.send(["1", "1", "lobby", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
  });

  it.each([
    ["mqtt", ["mqtt"]],
    ["two tokens", ["phoenix", bearer("YQ"), bearer("Yg")]],
    ["a token that is not base64", ["phoenix", bearer("a.b")]],
  ])("refuses %s with 403", async (_what, protocols) => {
    const { wsUrl } = await startServer();
    await expect(connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, protocols)).rejects.toThrow("403");
  });

  it("with a token alone is accepted, but selects nothing, so the client gives up", async () => {
    const { wsUrl } = await startServer();
    const connecting = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, [bearer(encode("token"))]);
    await expect(connecting).rejects.toThrow("no subprotocol");
  });
});

describe("a connection's token", () => {
  it.each([
    ["userToken in the query", (token: string) => ({ query: `&userToken=${token}`, headers: {} })],
    ["token in the query", (token: string) => ({ query: `&token=${token}`, headers: {} })],
    [
      "an Authorization header",
      (token: string) => ({ query: "", headers: { authorization: `Bearer ${token}` } }),
    ],
  ])("comes as %s", async (_what, place) => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const { query, headers } = place(tokenFor("lobby"));
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0${query}`, [], headers);
    client.send(["1", "1", "lobby", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
  });

  it("never reaches the log", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const token = tokenFor("other");
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0&userToken=${token}`);
    client.send(["1", "1", "lobby", "phx_join", { token }]);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      "lobby",
      "phx_reply",
      { status: "error" },
    ]);
    client.send("not json");
    await client.end();
    expect(server.logLines.join("\n")).not.toContain(token);
  });
});
