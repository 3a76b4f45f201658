import { randomInt } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * A made-up id of 8 characters `[A-Za-z0-9]`, as Tangram's `POST /token` gives to those who bring
 * none.
 *
 * @param pick - gives a random integer from 0 up to, not including, its argument.
 */
export function randomId(pick: (below: number) => number = (below) => randomInt(below)): string {
  return Array.from({ length: 8 }, () => alphabet.charAt(pick(alphabet.length))).join("");
}
