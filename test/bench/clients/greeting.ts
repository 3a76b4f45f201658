/** How a client becomes a member: where it connects, what it says, and what it waits for. */
export interface Greeting {
  readonly path: string;
  /** In order: each step waits for a text that starts so, if any, and then says its own. */
  readonly steps: readonly { readonly awaited?: string; readonly said?: string }[];
}

/** Joins a room as a member that speaks Phoenix V2. Its join_ref is `1`. */
export function greetAsPhoenix(room: string): Greeting {
  return {
    path: "/socket/websocket?vsn=2.0.0",
    steps: [
      { said: JSON.stringify(["1", "1", room, "phx_join", {}]) },
      { awaited: `["1","1",${JSON.stringify(room)},"phx_reply",{"status":"ok"` },
    ],
  };
}

/** Joins a room as a member that speaks Phoenix V1. */
export function greetAsPhoenixV1(room: string): Greeting {
  const join = { topic: room, event: "phx_join", payload: {}, ref: "1" };
  return {
    path: "/socket/websocket?vsn=1.0.0",
    steps: [
      { said: JSON.stringify(join) },
      { awaited: `{"topic":${JSON.stringify(room)},"event":"phx_reply","payload":{"status":"ok"` },
    ],
  };
}

/** Joins a room as a native Socket.IO member: Engine.IO's `open`, the namespace, the join. */
export function greetAsSocketIo(room: string): Greeting {
  return {
    path: "/socket.io/?EIO=4&transport=websocket",
    steps: [
      { awaited: "0{", said: "40" },
      { awaited: "40{", said: `420${JSON.stringify(["join", room, {}])}` },
      { awaited: '430[{"status":"ok"' },
    ],
  };
}

/** Joins a room as a member that speaks plain JSON. */
export function greetAsPlain(room: string): Greeting {
  return {
    path: "/ws",
    steps: [
      { said: JSON.stringify({ type: "_join", room, _id: 1 }) },
      { awaited: '{"_re":1,"status":"ok"' },
    ],
  };
}

/** Joins a room as a Tower client: a group's name is a key, a hyphen and an item. */
export function greetAsTower(room: string): Greeting {
  const [key = "", ...items] = room.split("-");
  return {
    path: "/websocket/",
    steps: [
      {
        awaited: '{"accept": true',
        said: JSON.stringify({ groups: { [key]: [items.join("-")] } }),
      },
      { awaited: '{"groups_current"' },
    ],
  };
}

/** Only connects: a bare server sends everything to everybody. */
export function greetBare(): Greeting {
  return { path: "/", steps: [] };
}
