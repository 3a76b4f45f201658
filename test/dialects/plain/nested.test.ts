import { describe, expect, it } from "vitest";
import { connectPlain, heardBy } from "../../support/plain-client.ts";
import { startServer } from "../../support/server.ts";

const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

describe("a frame nested twenty thousand deep", () => {
  it("is refused as a join, and the connection goes on", async () => {
    const server = await startServer();
    const client = await connectPlain(server);
    client.send(`{"type":"_join","room":"lobby","_id":1,"meta":${DEEP}}`);
    client.send(`{"type":"_join","room":"lobby","more":${DEEP}}`);
    expect(await heardBy(client)).toMatchObject([
      { _re: 1, status: "error", response: { code: "payload_invalid" } },
      { type: "_error", code: "payload_invalid", about: "lobby" },
    ]);
    expect(server.logLines.join("")).not.toContain("crashed");
  });

  it('is refused where without_room = "echo", and the connection goes on', async () => {
    const server = await startServer({ plain: { withoutRoom: "echo" } });
    const client = await connectPlain(server);
    client.send(DEEP);
    expect(await heardBy(client)).toMatchObject([{ type: "_error", code: "payload_invalid" }]);
  });

  it.each(["error", "broadcast"] as const)(
    "is refused as a message where without_room = %j, and the connection goes on",
    async (withoutRoom) => {
      const server = await startServer({ plain: { withoutRoom, sendWithoutJoin: "allow" } });
      const client = await connectPlain(server);
      client.send(DEEP);
      client.send(`{"_room":"lobby","deep":${DEEP}}`);
      const refusal = { type: "_error" };
      expect(await heardBy(client)).toMatchObject([refusal, refusal]);
    },
  );
});
