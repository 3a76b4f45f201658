import type { Socket } from "socket.io";
import { closes, type RefusalCode } from "../../codes.ts";
import type { Connection } from "../../connections/connection.ts";
import type { Session } from "../../connections/dialect.ts";
import { Message } from "../../connections/message.ts";
import { after, type Eventual } from "../../eventual.ts";
import { Lanes } from "../../rooms/lanes.ts";
import { isEnd } from "../../rooms/own-events.ts";
import type { TowerContext } from "./context.ts";
import { readCookies } from "./cookies.ts";
import { encodeEvent, isExpiry, isMissed } from "./events.ts";
import { acceptFrame, deniedFrame, errorFrame, groupsFrame } from "./frames.ts";
import type { Group } from "./group.ts";
import { type Changed, JoinedGroups } from "./joined-groups.ts";
import { type RequestRules, readRequest, type TowerRequest } from "./request.ts";
import type { Subscriber } from "./subscribers.ts";
import type { Visitor } from "./visitors.ts";

/** Requests of one connection are handled one after another. */
const LANE = "requests";
const CSRF_COOKIE = "csrftoken";
const ENCODING = "tower";

/** One Tower client: who it is, and its groups. */
export class TowerSession implements Session {
  readonly keepAlive = "server";
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: TowerContext;
  readonly #groups: JoinedGroups;
  readonly #lanes: Lanes;
  readonly #rules: RequestRules;
  #subscriber: Subscriber | undefined;
  #visitor: Visitor | undefined;

  constructor(connection: Connection, socket: Socket, context: TowerContext) {
    const { request } = connection;
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
    this.#groups = new JoinedGroups(socket, context.rooms);
    this.#lanes = new Lanes(context.limits.maxWaitingPushes, (error) => this.#crash(error));
    this.#rules = {
      maxGroups: context.limits.maxRoomsPerConnection,
      csrfToken: readCookies(request.headers.cookie).get(CSRF_COOKIE),
    };
    connection.once("close", () => this.#close());
    this.#lanes.run(LANE, () => after(this.#identify(), (visitor) => this.#begin(visitor)));
  }

  receive(data: string | Buffer): void {
    const request = readRequest(data, this.#rules);
    const isTaken = this.#lanes.run(LANE, () => this.#handle(request));
    if (!isTaken) this.#refuse("too_many_waiting");
  }

  encodingOf(): string {
    return ENCODING;
  }

  encodeBroadcast(_room: string, event: string, payload: unknown): Message | undefined {
    return encodeEvent(event, payload);
  }

  encodePush(room: string, event: string, payload: unknown): Message | undefined {
    if (isEnd(event)) this.#end(room, isExpiry(payload));
    // Its clients pass over an error that they do not know; an event they would take for a job's.
    if (isMissed(event, payload)) return new Message(errorFrame("messages_missed"));
    return encodeEvent(event, payload);
  }

  /** At an address of this dialect the client is known; elsewhere its first frame came before. */
  #identify(): Eventual<Visitor | undefined> {
    const { visitors } = this.#context;
    const { request } = this.#connection;
    const shown: unknown = this.#socket.handshake.auth["token"];
    return (
      visitors.of(request) ??
      visitors.identify(request, typeof shown === "string" ? shown : undefined)
    );
  }

  #begin(visitor: Visitor | undefined): void {
    if (this.#isOver) return;
    if (visitor === undefined) {
      this.#connection.end(closes.connect_unauthorized);
      return;
    }
    this.#visitor = visitor;
    this.#subscriber = this.#context.subscribers?.open(this.#socket.id);
    this.#send(acceptFrame(visitor.user?.id ?? null));
  }

  #handle(request: TowerRequest): Eventual<void> {
    if (this.#isOver) return;
    if (request.kind === "unreadable") {
      this.#refuse(request.code);
      return;
    }
    const { isGenuine, wish } = request;
    const isForged = this.#visitor?.user?.byCookie === true && !isGenuine;
    if (isForged) this.#refuse("group_denied");
    else if (wish.kind === "refused") this.#refuse(wish.code);
    else if (wish.kind === "groups") return this.#replace(wish.groups);
  }

  #replace(asked: ReadonlyMap<string, Group>): Eventual<void> {
    const visitor = this.#visitor;
    if (visitor === undefined) return undefined;
    const groups = [...asked.values()];
    return after(this.#context.permissions.judge(visitor, groups), (isAllowed) => {
      // A client that has gone meanwhile must not come into any room.
      if (this.#isOver) return;
      const denied = groups.filter((_group, index) => isAllowed[index] !== true);
      for (const group of denied) this.#send(deniedFrame(group));
      const wanted = new Map(asked);
      for (const { name } of denied) wanted.delete(name);
      return after(this.#groups.replace(wanted), (changed) => this.#tell(changed));
    });
  }

  #tell({ change, refused }: Changed): void {
    for (const group of refused) this.#send(deniedFrame(group));
    if (this.#context.profile === "current") this.#send(groupsFrame(change));
    if (this.#isOver) return;
    if (change.left.length > 0) this.#subscriber?.leave(change.left);
    this.#subscriber?.announce(change.current);
  }

  /** A membership that the server has ended: its groups are gone, and that is all. */
  #end(room: string, isExpired: boolean): void {
    const ended = this.#groups.end(room);
    if (isExpired) for (const group of ended) this.#send(deniedFrame(group));
    if (ended.length > 0) this.#subscriber?.leave(ended.map(({ name }) => name));
  }

  #close(): void {
    this.#lanes.clear();
    this.#subscriber?.close();
  }

  get #isOver(): boolean {
    return this.#connection.readyState !== "open";
  }

  #refuse(code: RefusalCode): void {
    this.#send(errorFrame(code));
  }

  #send(text: string): void {
    this.#connection.send(new Message(text));
  }

  #crash(error: unknown): void {
    this.#context.onCrash(error);
    this.#connection.end(closes.crashed);
  }
}
