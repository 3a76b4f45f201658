import { expect, it } from "vitest";
import { followEvents } from "../support/event-stream.ts";
import { until } from "../support/until.ts";
import { startBehindNginx } from "./behind-nginx.ts";

it("a room's events come through nginx one by one, and it tells of who hangs up", async () => {
  const { front, node } = await startBehindNginx();
  const client = await followEvents(front, "lobby");
  const { io } = node.commonroom;
  for (const n of [1, 2]) {
    io.to("lobby").emit("hi", { n });
    await until(`to hear ${n}`, () => client.events.length === n);
  }
  expect(client.heard).toEqual([
    ["hi", { n: 1 }],
    ["hi", { n: 2 }],
  ]);
  client.close();
  await until("it to be gone", () => io.of("/").sockets.size === 0);
});
