import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import {
  createLongPollToken,
  isLongPollToken,
} from "../../../server/connections/long-poll-token.ts";
import {
  isSocketIoSessionName,
  sessionBytes,
  socketIoSessionName,
  workerOf,
} from "../../../server/workers/session-name.ts";
import { sessionOwner } from "../../../server/workers/session-owner.ts";

const tokenOf = (worker: number) => createLongPollToken((bytes) => sessionBytes(worker, bytes));

function ownerOf(url: string, headers: Record<string, string> = {}): number | undefined {
  return sessionOwner(Object.assign(new IncomingMessage(new Socket()), { url, headers }));
}

describe("the name of a session", () => {
  it.each([1, 2, 255, 256, 1024, 16_777_215])("says that worker %i has it", (worker) => {
    expect(workerOf(socketIoSessionName(worker))).toBe(worker);
    expect(workerOf(tokenOf(worker))).toBe(worker);
  });

  it("has the form that each kind has without workers, or a longer one", () => {
    expect(isLongPollToken(tokenOf(7))).toBe(true);
    expect(isSocketIoSessionName(socketIoSessionName(7))).toBe(true);
    expect(socketIoSessionName(7)).toHaveLength(24);
  });

  it("is no two times the same", () => {
    const names = new Set(Array.from({ length: 1000 }, () => socketIoSessionName(1)));
    expect(names.size).toBe(1000);
  });
});

describe("the owner of a request's session", () => {
  it("is found by Socket.IO's sid, for polls and upgrades", () => {
    const sid = socketIoSessionName(3);
    expect(ownerOf(`/socket.io/?EIO=4&transport=polling&t=x&sid=${sid}`)).toBe(3);
    expect(ownerOf(`/socket.io/?EIO=4&sid=${sid}&transport=websocket`)).toBe(3);
  });

  it("is found by Phoenix's token, in the query or in its header", () => {
    const token = tokenOf(2);
    expect(ownerOf(`/socket/longpoll?vsn=2.0.0&token=${token}`)).toBe(2);
    expect(ownerOf(`/socket/longpoll/?vsn=2.0.0&token=${token}`)).toBe(2);
    expect(ownerOf("/longpoll?vsn=2.0.0", { "x-phoenix-longpoll-token": token })).toBe(2);
  });

  it.each([
    "/",
    "/health",
    "/websocket?vsn=2.0.0",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket",
    "/socket.io/?sid=",
    "/socket.io/?sid=__proto__",
    `/socket.io/?sid=${"A".repeat(25)}`,
    "/socket/longpoll?vsn=2.0.0&token=eyJhbGciOiJIUzI1NiJ9.e30.x",
    "/socket/longpoll?vsn=2.0.0&token=null",
    "/token?x=/longpoll",
    "http://[/longpoll",
    `/ws?sid=${"A".repeat(24)}`,
  ])("is nobody for %s", (url) => {
    expect(ownerOf(url)).toBeUndefined();
  });
});
