import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Arguments, readArguments } from "../support/arguments.ts";
import { packageFolder } from "../support/folders.ts";
import { startPage } from "../support/page-server.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { createCode, createInvitation } from "./invitation.ts";
import { createChatServer } from "./server.ts";

/** Merges presences for Socket.IO, which has no library for it; the server's live page has one. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/presence-list.js", join(packageFolder, "server/http/page/presence-list.js")],
]);

await runExample((run) => start(readArguments(process.argv.slice(2)), run));

/** Starts the server and the page. */
async function start({ port, pagePort }: Arguments, { stops }: Run): Promise<void> {
  const jwtSecret = process.env["JWT_SECRET"] ?? randomBytes(32).toString("base64url");
  const code = createCode();

  const commonroom = createChatServer(port, jwtSecret);
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const page = await startPage({
    port: pagePort,
    example: "chat",
    serverUrl: server.url,
    libraries,
    routes: createInvitation(code, jwtSecret),
  });
  stops.add(page.stop);

  console.log(`
  Chat         ${page.url}
  Server       ${server.url}
  Invitation   ${code} (for the rooms private:*)

  Ctrl+C stops all of it.`);
}
