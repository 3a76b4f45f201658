import { pyodideKind } from "./pyodide-kind.ts";
import { pythonKind } from "./python-kind.ts";
import type { RoomClientKind } from "./room-client.ts";
import { shimKinds } from "./shim-kinds.ts";

/** Every implementation of the room client, over every carrier that it has. */
export const roomClientKinds: readonly RoomClientKind[] = [...shimKinds, pythonKind, pyodideKind];
