import { describe, expect, it } from "vitest";
import { joinRoom, RefusedError } from "../../client-shim/index.ts";
import { startServer } from "../support/server.ts";
import { connectSocketIo } from "../support/socket-io-client.ts";
import { secret } from "../support/tokens.ts";
import { until } from "../support/until.ts";

describe("joinRoom", () => {
  it("pushes into its room and hears only its room", async () => {
    const { url, commonroom } = await startServer();
    const ann = await joinRoom(await connectSocketIo(url), "lobby");
    const bensSocket = await connectSocketIo(url);
    const ben = await joinRoom(bensSocket, "lobby");
    const hall = await joinRoom(bensSocket, "hall");
    const heard: unknown[] = [];
    ben.on("message", (payload) => heard.push(["lobby", payload]));
    hall.on("message", (payload) => heard.push(["hall", payload]));
    expect(await ann.push("message", { text: "hi" })).toEqual({});
    await until("the message", () => heard.length === 1);
    expect(heard).toEqual([["lobby", { text: "hi" }]]);
    await ben.leave();
    commonroom.io.to("hall").emit("message", { text: "end" }, { room: "hall" });
    await until("the last message", () => heard.length === 2);
    expect(heard[1]).toEqual(["hall", { text: "end" }]);
  });

  it("rejects with the reason and the code of a refusal", async () => {
    const { url } = await startServer({ auth: { jwtSecret: secret } });
    const joining = joinRoom(await connectSocketIo(url), "lobby");
    await expect(joining).rejects.toThrow(RefusedError);
    await expect(joining).rejects.toMatchObject({
      message: "token missing",
      code: "token_missing",
    });
  });
});
