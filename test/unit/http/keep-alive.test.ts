import { expect, it } from "vitest";
import { startServer } from "../../support/server.ts";

it("a connection waits for its next request longer than proxies keep it", async () => {
  const { url } = await startServer();
  const { headers } = await fetch(`${url}/health`);
  expect(headers.get("keep-alive")).toBe("timeout=75");
});
