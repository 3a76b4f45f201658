/** The room in which all members of a broadcast are. A Tower group may have such a name. */
export const ROOM = "bench-lobby";
export const EVENT = "message";
/** 100 bytes as JSON. */
export const PAYLOAD = { text: "x".repeat(89) };

/** The same size as bytes. */
export const BYTES = Buffer.alloc(100, "x");

/** What phoenix members get for a broadcast. The bare loop sends the very same. */
export const PHOENIX_BROADCAST = JSON.stringify([null, null, ROOM, EVENT, PAYLOAD]);

/** Nobody sends heartbeats here, so no server under test may miss them: an hour, in ms. */
export const PATIENCE_MS = 3_600_000;
