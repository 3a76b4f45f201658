import type { Dialect } from "../../connections/dialect.ts";
import { type EventsContext, EventsSession } from "./session.ts";

/** Server-sent events, for the client of one request: it follows the room that its path names. */
export function createEventsDialect(context: EventsContext): Dialect {
  return {
    name: "events",
    // It has addresses of its own, and its clients send nothing.
    claims: () => false,
    open: (connection, socket) => new EventsSession(connection, socket, context),
  };
}
