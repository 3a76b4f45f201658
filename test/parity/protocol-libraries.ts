import { onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import {
  ColoniesClient,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { connectPlain } from "../support/plain-client.ts";
import type { RawClient } from "../support/raw-client.ts";
import { openTower, type TowerClient } from "../support/tower-client.ts";
import { within } from "../support/until.ts";
import type { Heard, Library, Reply } from "./library.ts";

const NEWLINE = 10;
const MESSAGE = "message";

/** A page without a library: JSON on a WebSocket. */
export async function usePlain(port: number): Promise<Library> {
  const heard: Heard[] = [];
  const replies = new Map<unknown, (reply: Reply) => void>();
  const connect = async (): Promise<RawClient> => {
    const client = await connectPlain({ wsUrl: `ws://127.0.0.1:${port}` });
    client.webSocket.on("error", () => {});
    client.webSocket.on("message", (data: Buffer, isBinary: boolean) => {
      const end = isBinary ? data.indexOf(NEWLINE) : data.length;
      const frame = JSON.parse(data.toString("utf8", 0, end));
      const { _re, _room, _event = MESSAGE, data: value, ...fields } = frame;
      if (_re !== undefined) replies.get(_re)?.(fields);
      else heard.push([_event, isBinary ? data.subarray(end + 1) : (value ?? fields)]);
    });
    return client;
  };
  let client = await connect();
  let ids = 0;
  const ask = (send: (id: number) => unknown): Promise<Reply> => {
    ids += 1;
    const id = ids;
    const reply = new Promise<Reply>((resolve) => replies.set(id, resolve));
    client.send(send(id));
    return within("a reply", reply);
  };
  const join = (room: string, params: object): Promise<Reply> => {
    const wishes = { presence: true, binary: true };
    return ask((_id) => ({ type: "_join", room, _id, ...wishes, ...params }));
  };
  return {
    heard,
    get isConnected() {
      return client.isOpen;
    },
    comeBack: async (room) => {
      client = await connect();
      return join(room, {});
    },
    join,
    leave: (room) => ask((_id) => ({ type: "_leave", room, _id })),
    push: (_room, _event, payload) =>
      ask((_id) => {
        if (!(payload instanceof Uint8Array)) return { ...payload, _room, _event, _id };
        const head = JSON.stringify({ _room, _event, _id });
        return Buffer.concat([Buffer.from(`${head}\n`), payload]);
      }),
  };
}

/** A page as AWX's own: it names the groups that it wants. The room is the group `<room>-1`. */
export async function useTower(port: number, token?: string): Promise<Library> {
  const heard: Heard[] = [];
  const query = token === undefined ? "" : `?token=${token}`;
  const connect = async (): Promise<TowerClient> => {
    const client = await openTower(`ws://127.0.0.1:${port}/websocket/${query}`);
    client.webSocket.on("error", () => {});
    return client;
  };
  let client = await connect();
  const ask = async (groups: Readonly<Record<string, unknown>>): Promise<Reply> => {
    client.ask(groups);
    const reason = /^\{"error": "(.*)"\}$/.exec(await client.next())?.[1];
    client.webSocket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString());
      if (!("groups_current" in message)) heard.push([MESSAGE, message]);
    });
    const response = reason === undefined ? {} : { reason };
    return { status: reason === undefined ? "ok" : "error", response };
  };
  return {
    heard,
    onlyEvent: MESSAGE,
    get isConnected() {
      return client.webSocket.readyState === client.webSocket.OPEN;
    },
    comeBack: async (room) => {
      client = await connect();
      return ask({ [room]: [1] });
    },
    join: (room) => ask({ [room]: [1] }),
    leave: () => ask({}),
    push: undefined,
  };
}

/** ColonyOS: the room is the channel of a process. With a token there is none: nobody knows it. */
export async function useColonies(port: number, token?: string): Promise<Library> {
  const client = new ColoniesMember({ host: "127.0.0.1", port });
  client.setPrivateKey(generatePrivateKey());
  const processId = token === undefined ? await client.submit() : "0".repeat(64);
  const heard: Heard[] = [];
  let connection: WebSocket | undefined;
  let sequence = 0;
  const join = async (): Promise<Reply> => {
    const followed = client.follow(processId, (payload) => heard.push([MESSAGE, payload]));
    connection = followed.connection;
    const reason = token === undefined ? undefined : await followed.failure();
    return reason === undefined
      ? { status: "ok", response: {} }
      : { status: "error", response: { reason } };
  };
  return {
    heard,
    room: `process:${processId}:${CHANNEL}`,
    onlyEvent: MESSAGE,
    get isConnected() {
      return connection?.readyState === connection?.OPEN;
    },
    comeBack: join,
    join,
    leave: async () => {
      connection?.close();
      return { status: "ok", response: {} };
    },
    push: async (_room, _event, payload) => {
      sequence += 1;
      const content = payload instanceof Uint8Array ? payload : textOf(payload);
      await client.channelAppend(processId, CHANNEL, sequence, 0, content);
      return { status: "ok", response: {} };
    },
  };
}

const CHANNEL = "room";
const SUBSCRIPTION_SECS = 60;

/** As the example's client, but with the bytes of the entries as they are. */
class ColoniesMember extends ColoniesClient {
  async submit(): Promise<string> {
    const conditions = { colonyname: "my-colony", executortype: "talker" };
    const spec = { funcname: "talk", conditions, channels: [CHANNEL] };
    return (await this.submitFunctionSpec(spec)).processid;
  }

  follow(processid: string, onPayload: (payload: unknown) => void) {
    const channel = { msgtype: "subscribechannelmsg", processid, name: CHANNEL, afterseq: 0 };
    let fail = (_reason: string): void => {};
    const failed = new Promise<string>((resolve) => {
      fail = resolve;
    });
    const connection = this.subscribe(
      { ...channel, timeout: SUBSCRIPTION_SECS },
      {
        onNotice: (entries) => {
          for (const { payload } of entries as { payload: string | null }[]) {
            onPayload(contentOf(Buffer.from(payload ?? "", "base64")));
          }
        },
        onError: ({ message }) => fail(message),
        onClose: () => {},
      },
    );
    onTestFinished(() => connection.terminate());
    return { connection, failure: () => within("why it failed", failed) };
  }
}

function contentOf(bytes: Buffer): unknown {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? { text } : bytes;
}

function textOf(payload: object): string {
  return "text" in payload ? String(payload.text) : "";
}
