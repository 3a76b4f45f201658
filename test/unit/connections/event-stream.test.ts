import { type IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Engine, Handshake } from "../../../server/connections/engine.ts";
import { EventStream } from "../../../server/connections/event-stream.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until } from "../../support/until.ts";

const HANDSHAKE: Handshake = {
  dialect: undefined,
  query: new Map(),
  token: undefined,
  subprotocol: undefined,
};
const FAULT = new Error("a fault of ours");

/** Opens a stream whose engine is broken, and tells all that was answered and reported. */
async function openBroken({ isAccepted }: { readonly isAccepted: boolean }) {
  const told: unknown[] = [];
  const crashes: unknown[] = [];
  const engine = {
    accept: () => {
      throw FAULT;
    },
  };
  const streams = new EventStream({
    engine: engine as unknown as Engine,
    enter: async (_request, _room, asker) => {
      if (isAccepted) asker.accept();
      return HANDSHAKE;
    },
    farewell: () => undefined,
    onRefused: () => {},
    onCrash: (error) => crashes.push(error),
    clock: new ManualClock(),
  });
  const request = { method: "GET", httpVersionMajor: 1, httpVersionMinor: 1, headers: {} };
  const response = new ServerResponse(request as IncomingMessage);
  streams.open(request as IncomingMessage, response, "lobby", {
    accept: () => told.push("accepted"),
    refuse: (...refusal) => told.push(refusal),
  });
  await until("the crash to be reported", () => crashes.length > 0);
  return { told, crashes };
}

describe("a stream of events that a fault of ours ends", () => {
  it("is refused with 500, and the fault is reported", async () => {
    const { told, crashes } = await openBroken({ isAccepted: false });
    expect(told).toEqual([[500, { reason: "internal error", code: "crashed" }]]);
    expect(crashes).toEqual([FAULT]);
  });

  it("is not refused where its answer has begun", async () => {
    const { told } = await openBroken({ isAccepted: true });
    expect(told).toEqual(["accepted"]);
  });
});
