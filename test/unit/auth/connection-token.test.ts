import { describe, expect, it } from "vitest";
import { connectionToken } from "../../../server/auth/connection-token.ts";

/** A handshake that shows nothing but what is given. */
function tokenOf({ auth = {}, query = {}, authorization = "" }) {
  return connectionToken({ auth, query, headers: { authorization } });
}

describe("the token of a connection", () => {
  const everywhere = {
    auth: { token: "auth" },
    query: { userToken: "user", token: "query" },
    authorization: "Bearer header",
  };

  it("is Socket.IO's own before all others", () => {
    expect(tokenOf(everywhere)).toBe("auth");
  });

  it("is then userToken, token, and the header's, in this order", () => {
    expect(tokenOf({ ...everywhere, auth: {} })).toBe("user");
    expect(tokenOf({ ...everywhere, auth: {}, query: { token: "query" } })).toBe("query");
    expect(tokenOf({ authorization: everywhere.authorization })).toBe("header");
  });

  it("is not one that is empty or no text: the next place counts", () => {
    expect(tokenOf({ ...everywhere, auth: { token: "" } })).toBe("user");
    expect(tokenOf({ ...everywhere, auth: { token: 7 } })).toBe("user");
    expect(tokenOf({ auth: { token: ["a"] }, query: { userToken: ["a"], token: null } })).toBe(
      undefined,
    );
  });

  it("is none where none is shown", () => {
    expect(tokenOf({})).toBeUndefined();
    expect(tokenOf({ authorization: "Basic YTpi" })).toBeUndefined();
    expect(connectionToken({ auth: {}, query: {}, headers: {} })).toBeUndefined();
  });

  it.each([
    ["bearer   header", "header"],
    ["Bearer", undefined],
    ["Bearer a b", undefined],
    ["xBearer header", undefined],
  ])("in the header %j is %j", (authorization, token) => {
    expect(tokenOf({ authorization })).toBe(token);
  });
});
