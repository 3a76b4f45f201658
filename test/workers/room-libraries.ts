import { libraries, type Use } from "../parity/library.ts";

const NAMES = ["phoenix.js", "phoenix.js, long-polling", "Socket.IO", "room client"];

/** The client libraries that join any room, push events of any name into it, and come back. */
export const roomLibraries: readonly (readonly [name: string, use: Use])[] = [...libraries].filter(
  ([name]) => NAMES.includes(name),
);
