import { randomUUID } from "node:crypto";
import { Router } from "express";
import jwt from "jsonwebtoken";
import { runnables } from "./commands.ts";

const TOKEN_LIFE = "12h";
/** The rooms of every process's channels: whoever visits may see and ask all of them. */
const ROOMS = "process:*";

/** `GET /api/visit` tells a page what can be run, and gives it a token for the rooms. */
export function createVisits(jwtSecret: string): Router {
  const router = Router();
  router.get("/api/visit", (_request, response) => {
    const claims = { id: `visitor-${randomUUID()}`, channel: ROOMS };
    const token = jwt.sign(claims, jwtSecret, { expiresIn: TOKEN_LIFE });
    const commands = runnables.map(({ name, title }) => ({ name, title }));
    response.set("cache-control", "no-store").json({ token, commands });
  });
  return router;
}
