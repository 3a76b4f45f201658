import express, { type Request, type Response, Router } from "express";
import { z } from "zod";
import type { Terminal } from "./terminal.ts";

const said = z.strictObject({ text: z.string().min(1).max(1000) });

/** The terminals by their names: `GET` follows one, as an event stream, and `POST` makes it speak. */
export function createTerminalRoutes(terminals: ReadonlyMap<string, Terminal>): Router {
  const router = Router();
  router.get("/terminals/:name", (request, response) => {
    const terminal = find(terminals, request, response);
    if (terminal !== undefined) follow(terminal, response);
  });
  router.post("/terminals/:name", express.json(), async (request, response) => {
    const terminal = find(terminals, request, response);
    if (terminal === undefined) return;
    const { success, data } = said.safeParse(request.body);
    if (success) await terminal.say(data.text);
    response.sendStatus(success ? 204 : 422);
  });
  return router;
}

function find(
  terminals: ReadonlyMap<string, Terminal>,
  request: Request<{ readonly name: string }>,
  response: Response,
): Terminal | undefined {
  const terminal = terminals.get(request.params.name);
  if (terminal === undefined) response.sendStatus(404);
  return terminal;
}

function follow(terminal: Terminal, response: Response): void {
  response.type("text/event-stream").flushHeaders();
  const stop = terminal.follow((line) => response.write(`data: ${JSON.stringify(line)}\n\n`));
  response.on("close", stop);
}
