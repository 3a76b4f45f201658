import { EventEmitter } from "node:events";
import type { Socket } from "socket.io";
import { describe, expect, it } from "vitest";
import type { Member, Peer } from "../../../server/rooms/member.ts";
import { Peers } from "../../../server/rooms/peers.ts";
import { Turns } from "../../../server/rooms/turns.ts";
import { Turnstile } from "../../../server/turnstile.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** As much of a socket as a peer needs. */
class FakeSocket extends EventEmitter {
  readonly rooms: string[] = [];
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }

  join(room: string): void {
    this.rooms.push(room);
  }
}

function socketOf(id: string): FakeSocket & Socket {
  return new FakeSocket(id) as unknown as FakeSocket & Socket;
}

function createPeers() {
  let ids = 0;
  const errors: unknown[] = [];
  const randomId = (): string => {
    ids += 1;
    return `id${ids}`;
  };
  const onError = (error: unknown, room: string): void => void errors.push([room, error]);
  return { peers: new Peers({ randomId, maxWaiting: 1, onError }), errors };
}

describe("a connection that joins", () => {
  it("is known from its first join until it ends, by names of its own", () => {
    const { peers } = createPeers();
    const socket = socketOf("s");
    expect(peers.known("s")).toBeUndefined();
    const peer = peers.of(socket);
    expect(peer).toMatchObject({ socket, id: "id1", madeUpId: "id2", pendingJoins: 0 });
    expect(peers.of(socket)).toBe(peer);
    expect(peers.known("s")).toBe(peer);
    expect(socket.rooms).toEqual(["\u0000connection:id1"]);
    socket.emit("disconnect");
    expect(peers.known("s")).toBeUndefined();
    expect(peers.membership("s", "a")).toBeUndefined();
  });

  it("has at most one membership of a room", () => {
    const { peers } = createPeers();
    const peer = peers.of(socketOf("s"));
    const member = { room: "a" } as Member;
    peer.memberships.set("a", member);
    expect(peers.membership("s", "a")).toBe(member);
    expect(peers.membership("s", "b")).toBeUndefined();
  });

  it("that ends lets nothing of its own go on: neither waits nor requests", async () => {
    const { peers, errors } = createPeers();
    const socket = socketOf("s");
    const peer = peers.of(socket);
    const gone: string[] = [];
    peer.waits.add(() => gone.push("first"));
    peer.waits.add(() => gone.push("second"));
    let fail = (_error: Error): void => {};
    const request = new Promise<void>((_resolve, reject) => {
      fail = reject;
    });
    peer.lanes.run("a", () => request);
    expect(peer.lanes.run("a", () => void gone.push("request"))).toBe(true);
    expect(peer.lanes.run("a", () => {})).toBe(false);
    expect(peer.isLeaving).toBe(false);
    socket.emit("disconnecting");
    expect(peer.isLeaving).toBe(true);
    fail(new Error("late"));
    await new Promise(setImmediate);
    expect(gone).toEqual(["first", "second"]);
    expect(errors).toEqual([["a", new Error("late")]]);
  });
});

describe("a join's turn", () => {
  function createTurns(maxRooms: number) {
    const clock = new ManualClock();
    const turnstile = new Turnstile({ perSec: 1, maxWaiting: 2 }, clock);
    const socket = socketOf("s");
    const peer = createPeers().peers.of(socket);
    return { clock, turnstile, socket, peer, turns: new Turns(turnstile, maxRooms) };
  }

  it("is there at once while few join, and then waits, counted among the rooms", async () => {
    const { clock, turns, peer } = createTurns(5);
    expect(turns.of(peer, "a")).toBe(true);
    const later = turns.of(peer, "b");
    expect(later).toBeInstanceOf(Promise);
    expect([peer.pendingJoins, peer.waits.size]).toEqual([1, 1]);
    clock.advance(1000);
    expect(await later).toBe(true);
    expect([peer.pendingJoins, peer.waits.size]).toEqual([0, 0]);
  });

  it("is there at once for a join that will be refused, since the rooms are used up", () => {
    const { turnstile, turns, peer } = createTurns(1);
    expect(turns.of(peer, "a")).toBe(true);
    peer.memberships.set("a", {} as Member);
    expect(turns.of(peer, "b")).toBe(true);
    expect(turnstile.waiting).toBe(0);
  });

  it("waits for one that takes the place of a membership, though the rooms are used up", async () => {
    const { clock, turns, peer } = createTurns(1);
    expect(turns.of(peer, "a")).toBe(true);
    peer.memberships.set("a", {} as Member);
    const again = turns.of(peer, "a");
    expect(again).toBeInstanceOf(Promise);
    clock.advance(1000);
    expect(await again).toBe(true);
  });

  it("counts what waits among the rooms that may be used up", () => {
    const { turnstile, turns, peer } = createTurns(2);
    expect(turns.of(peer, "a")).toBe(true);
    peer.memberships.set("a", {} as Member);
    void turns.of(peer, "b");
    expect(turns.of(peer, "c")).toBe(true);
    expect(turnstile.waiting).toBe(1);
  });

  it("comes to one join of a connection after the other, and to those of others in between", async () => {
    const { clock, turnstile, turns, peer } = createTurns(5);
    const other = createPeers().peers.of(socketOf("t"));
    const order: string[] = [];
    const come = async (who: Peer, room: string): Promise<void> => {
      order.push(`${room}: ${await turns.of(who, room)}`);
    };
    for (const room of ["a", "b", "c", "d"]) void come(peer, room);
    void come(other, "e");
    expect(turnstile.waiting).toBe(2);
    for (let second = 0; second < 5; second += 1) {
      await new Promise(setImmediate);
      clock.advance(1000);
    }
    expect(order).toEqual(["a: true", "b: true", "e: true", "c: true", "d: true"]);
  });

  it("takes one place in the queue for a connection, also for what it asks later", async () => {
    const { clock, turnstile, turns, peer } = createTurns(5);
    const [, second] = ["a", "b", "c"].map((room) => turns.of(peer, room));
    clock.advance(1000);
    expect(await second).toBe(true);
    await new Promise(setImmediate);
    void turns.of(peer, "d");
    expect([turnstile.waiting, peer.pendingJoins]).toEqual([1, 2]);
  });

  it("comes to no join of a connection that has ended, also of those that wait for another", async () => {
    const { turnstile, turns, socket, peer } = createTurns(5);
    const [, ...waits] = ["a", "b", "c", "d"].map((room) => turns.of(peer, room));
    expect(turnstile.waiting).toBe(1);
    socket.emit("disconnecting");
    await new Promise(setImmediate);
    expect([turnstile.waiting, peer.pendingJoins]).toEqual([0, 0]);
    expect(await Promise.all(waits)).toEqual([false, false, false]);
  });

  it("does not come for a connection that ends, nor when the server stops", async () => {
    const { turns, peer } = createTurns(5);
    expect(turns.of(peer, "a")).toBe(true);
    const [first, second] = [turns.of(peer, "b"), turns.of(peer, "c")];
    for (const giveUp of [...peer.waits].slice(0, 1)) giveUp();
    expect(await first).toBe(false);
    turns.stop();
    expect(await second).toBe(false);
    expect(turns.of(peer, "d")).toBe(false);
    expect(peer.pendingJoins).toBe(0);
  });
});
