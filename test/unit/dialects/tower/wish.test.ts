import { expect, it } from "vitest";
import { readRequest } from "../../../../server/dialects/tower/request.ts";

it("a request without groups wishes for nothing", () => {
  const rules = { maxGroups: 1, csrfToken: "T" };
  expect(readRequest('{"xrftoken": "T"}', rules)).toEqual({
    kind: "readable",
    isGenuine: true,
    wish: { kind: "nothing" },
  });
});
