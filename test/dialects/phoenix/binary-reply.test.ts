import { describe, expect, it } from "vitest";
import { encodeBinaryReply } from "../../../server/dialects/phoenix/binary-codec.ts";
import { reply } from "../../../server/index.ts";
import { openLongPoll } from "../../support/long-poll-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const refused = {
  status: "error",
  response: { reason: "reply is binary", code: "binary_unsupported" },
};

async function startThumbnails(): Promise<TestServer> {
  const server = await startServer();
  server.commonroom.channel("room:*", {
    on: {
      thumbnail: { handle: () => reply(Buffer.from("010203ff", "hex")) },
      wordy: { handle: () => ({ status: "x".repeat(256), response: Buffer.from([1]) }) },
    },
  });
  return server;
}

describe("a reply that is bytes", () => {
  it("is laid out as Phoenix's own vectors", () => {
    const data = Buffer.from("656667", "hex");
    const fields = ["12", "123", "topic", "ok"];
    const expected = `0102030502${Buffer.from("12123topicok").toString("hex")}656667`;
    expect(Buffer.from(encodeBinaryReply(fields, data) ?? []).toString("hex")).toBe(expected);
    expect(encodeBinaryReply(["1", "x".repeat(256), "topic", "ok"], data)).toBeUndefined();
  });

  it("reaches a V2 client as a binary frame, whatever kind of frame it answers", async () => {
    const { wsUrl } = await startThumbnails();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const expected = Buffer.from("01010106023132726f6f6d3a616f6b010203ff", "hex");
    client.send(["1", "1", "room:a", "phx_join", {}]);
    await client.next();
    client.send(["1", "2", "room:a", "thumbnail", {}]);
    expect(await client.next()).toEqual(expected);
    const text = Buffer.from("12room:athumbnail").toString("hex");
    client.send(Buffer.from(`0001010609${text}00`, "hex"));
    expect(await client.next()).toEqual(expected);
  });

  it("with a status that is too long for a binary frame is an error", async () => {
    const { wsUrl } = await startThumbnails();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "room:a", "phx_join", {}]);
    await client.next();
    client.send(["1", "2", "room:a", "wordy", {}]);
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", refused]);
  });

  it("is an error to a V1 client", async () => {
    const { wsUrl } = await startThumbnails();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=1.0.0`);
    client.send({ topic: "room:a", event: "phx_join", payload: {}, ref: "1" });
    await client.next();
    client.send({ topic: "room:a", event: "thumbnail", payload: {}, ref: "2" });
    expect(await client.next()).toMatchObject({ event: "phx_reply", payload: refused, ref: "2" });
  });

  it("is an error over long-polling", async () => {
    const { url } = await startThumbnails();
    const client = await openLongPoll(`${url}/longpoll?vsn=2.0.0`);
    await client.postLines(["1", "1", "room:a", "phx_join", {}]);
    await client.frames();
    await client.postLines(["1", "2", "room:a", "thumbnail", {}]);
    expect(await client.frames()).toEqual([["1", "2", "room:a", "phx_reply", refused]]);
  });
});
