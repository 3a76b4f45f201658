import type { Dialect } from "../../connections/dialect.ts";
import type { TowerContext } from "./context.ts";
import { isTower } from "./request.ts";
import { TowerSession } from "./session.ts";

/** Clients that ask AWX or Ansible Tower for event groups. */
export function createTowerDialect(context: TowerContext): Dialect {
  return {
    name: "tower",
    claims: isTower,
    open: (connection, socket) => new TowerSession(connection, socket, context),
  };
}
