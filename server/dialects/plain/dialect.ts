import type { Dialect } from "../../connections/dialect.ts";
import { isPlain } from "./codec.ts";
import { type PlainContext, PlainSession } from "./session.ts";

/** Clients that write `_join`, `_leave` and `_room` in JSON, with or without a library. */
export function createPlainDialect(context: PlainContext): Dialect {
  return {
    name: "plain",
    claims: isPlain,
    open: (connection, socket) => new PlainSession(connection, socket, context),
  };
}
