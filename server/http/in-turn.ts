import type { RequestHandler } from "express";

/**
 * Lets a request wait that came behind another one on its TCP connection, until that one has been
 * answered: before its turn, nothing tells its answer that the client has hung up.
 */
export const inTurn: RequestHandler = (_request, response, next) => {
  if (response.socket === null) response.once("socket", () => next());
  else next();
};
