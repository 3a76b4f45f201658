import { randomInt, randomUUID, timingSafeEqual } from "node:crypto";
import express, { type ErrorRequestHandler, Router } from "express";
import jwt from "jsonwebtoken";
import { z } from "zod";

const TOKEN_LIFE = "12h";
/** Without letters and digits that are easily mistaken for others. */
const CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const CODE_LENGTH = 12;

const MISUNDERSTOOD = "expected a private room and an invitation code";

/** A `*` at the room's end would make the token one for many rooms. */
const request = z.object({
  room: z.string().regex(/^private:[^*]+$/),
  code: z.string().max(100),
});

/** An invitation code for one run: 59 bits, in groups of four. */
export function createCode(): string {
  const letters = Array.from({ length: CODE_LENGTH }, () => {
    return CODE_LETTERS.charAt(randomInt(CODE_LETTERS.length));
  });
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

/**
 * The example's own endpoint for tokens: `POST /invite {room, code}` answers `{token}`, a token for
 * exactly that room. An application would ask its own users here instead of for a code.
 */
export function createInvitation(code: string, jwtSecret: string): Router {
  const router = Router();
  router.post("/invite", express.json({ limit: "4kb" }), (asked, response) => {
    const { success, data } = request.safeParse(asked.body);
    if (!success) {
      response.status(400).json({ reason: MISUNDERSTOOD });
    } else if (!isSame(data.code.trim(), code)) {
      response.status(403).json({ reason: "this invitation code is not right" });
    } else {
      const claims = { id: `guest-${randomUUID()}`, channel: data.room };
      response.json({ token: jwt.sign(claims, jwtSecret, { expiresIn: TOKEN_LIFE }) });
    }
  });
  router.use(((error: unknown, _asked, response, next) => {
    // A body that is too large, or no JSON.
    if (isClientError(error)) response.status(400).json({ reason: MISUNDERSTOOD });
    else next(error);
  }) satisfies ErrorRequestHandler);
  return router;
}

/** Takes the same time wherever the texts differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function isClientError(error: unknown): boolean {
  return error instanceof Error && "expose" in error && error.expose === true;
}
