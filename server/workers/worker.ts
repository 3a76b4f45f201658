import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { Server as SocketIoServer } from "socket.io";
import type { Clock } from "../clock.ts";
import { createLongPollToken } from "../connections/long-poll-token.ts";
import { createCounters } from "../counters.ts";
import { createWorkerAdapter } from "./adapter.ts";
import { takeOver } from "./handover.ts";
import { InnerPort } from "./inner-port.ts";
import type { Assignment, ToPrimary, ToWorker } from "./ipc.ts";
import { Losses } from "./losses.ts";
import type { WorkerPlace } from "./place.ts";
import { Post } from "./post.ts";
import { createPresenceLink } from "./presence-link.ts";
import { RequestRelay } from "./request-relay.ts";
import { frontSessions } from "./session-front.ts";
import { sessionBytes, socketIoSessionName } from "./session-name.ts";
import { sessionOwner } from "./session-owner.ts";

/** What a worker needs of its surroundings. */
export interface WorkerContext {
  readonly assignment: Assignment;
  readonly clock: Clock;
  /** Tells the primary something; `done` is called when it is on its way, or cannot be. */
  readonly tell: (message: ToPrimary, connection?: Socket, done?: () => void) => void;
  /** Takes what a message of a sibling threw. */
  readonly onCrash: (error: unknown) => void;
}

/** This process among its siblings. */
export class Worker {
  /** What its node is told of it. */
  readonly place: WorkerPlace;
  readonly #context: WorkerContext;
  readonly #post: Post;
  readonly #losses: Losses;
  readonly #relay: RequestRelay;
  #ports: ReadonlyMap<number, number> = new Map();
  #http: HttpServer | undefined;
  #inner: InnerPort | undefined;

  constructor(context: WorkerContext) {
    this.#context = context;
    const { assignment, clock, tell, onCrash } = context;
    const { worker: number, runSecret } = assignment;
    this.#post = new Post({
      send: (bundle, done) => tell({ commonroom: "parcels", ...bundle }, undefined, done),
      onCrash,
    });
    const post = this.#post;
    const counters = createCounters();
    const losses = new Losses({ post, clock, counters });
    this.#losses = losses;
    this.#relay = new RequestRelay(() => this.#http?.listening !== true);
    this.place = {
      number,
      runSecret,
      counters,
      createAdapter: createWorkerAdapter({
        post,
        workers: () => this.#count,
        onLost: (rooms) => losses.note(rooms),
      }),
      presenceLink: createPresenceLink({
        post,
        countOthers: () => this.#count - 1,
        onLost: () => {
          counters.presenceMessagesLost += 1;
        },
      }),
      hearLosses: (onLost) => losses.listen(onLost),
      createLongPollToken: () => createLongPollToken((bytes) => sessionBytes(number, bytes)),
      front: (http, io) => this.#front(http, io),
    };
  }

  /** Opens the port for its siblings, and tells which it is. */
  async listen(): Promise<number> {
    return (await this.#inner?.listen()) ?? 0;
  }

  /** Takes what the primary passes on. */
  receive(message: ToWorker, connection: Socket | undefined): void {
    if (message.commonroom === "siblings") this.#ports = message.ports;
    else if (message.commonroom === "parcels") this.#post.receive(message.bytes);
    else if (message.commonroom === "lost") this.#losses.missed(message.broadcasts, message);
    else if (message.commonroom === "connection") this.#takeOver(connection, message.bytes);
  }

  /** Ends what is left when the node has closed: the last words to the siblings go out. */
  async close(): Promise<void> {
    await this.#inner?.close();
    this.#relay.close();
    this.#losses.stop();
    await this.#post.flush();
  }

  get #count(): number {
    return new Set([...this.#ports.keys(), this.place.number]).size;
  }

  #front(http: HttpServer, io: SocketIoServer): void {
    const worker = this.place.number;
    this.#http = http;
    this.#inner = new InnerPort(http, (request) => sessionOwner(request) === worker);
    io.engine.generateId = () => socketIoSessionName(worker);
    frontSessions(http, {
      worker,
      portOf: (owner) => this.#ports.get(owner),
      relay: this.#relay,
      handOver: (owner, bytes, connection) => this.#handOver(owner, bytes, connection),
    });
  }

  /**
   * A client sends nothing until its upgrade is answered, so nothing is lost between two workers.
   * Both hold the connection until it is on its way: the one that lets go of it first ends nothing.
   */
  #handOver(worker: number, bytes: Uint8Array, connection: Socket): void {
    const letGo = (): void => void connection.destroy();
    connection.on("error", letGo);
    this.#context.tell({ commonroom: "connection", worker, bytes }, connection, letGo);
  }

  #takeOver(connection: Socket | undefined, bytes: Uint8Array): void {
    // Its client may have hung up on the way.
    if (connection === undefined) return;
    if (this.#http?.listening === true) takeOver(this.#http, connection, bytes);
    else connection.destroy();
  }
}
