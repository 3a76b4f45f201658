import { expect, it } from "vitest";
import { randomId } from "../../../server/auth/random-id.ts";

it("an id is 8 letters or digits", () => {
  for (let i = 0; i < 100; i++) expect(randomId()).toMatch(/^[A-Za-z0-9]{8}$/);
});

it("two ids differ", () => {
  expect(randomId()).not.toBe(randomId());
});

it("the ends of the alphabet can be picked", () => {
  expect(randomId(() => 0)).toBe("AAAAAAAA");
  expect(randomId((below) => below - 1)).toBe("99999999");
});
