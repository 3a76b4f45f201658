import { describe, expect, it } from "vitest";
import { isTower, readRequest } from "../../../../server/dialects/tower/request.ts";

const rules = { maxGroups: 100, csrfToken: "TOK" };

/** The names that a request asks for, or the code of its refusal. */
function wish(groups: string): unknown {
  const request = readRequest(`{"groups": ${groups}}`, rules);
  if (request.kind !== "readable") return request.code;
  if (request.wish.kind === "groups") return [...request.wish.groups.keys()];
  return request.wish.kind === "refused" ? request.wish.code : request.wish.kind;
}

describe("the groups of a request", () => {
  it.each([
    ['{"jobs": ["status_changed"]}', ["jobs-status_changed"]],
    ['{"job_events": [42]}', ["job_events-42"]],
    ['{"job_events": ["42", 42]}', ["job_events-42"]],
    ['{"control": ["limit_reached_7"]}', ["control-limit_reached_7"]],
    ['{"jobs": [true, false, null, 3.0, 1.5]}', "True False None 3.0 1.5"],
    ['{"job_events": [12345678901234567890]}', ["job_events-12345678901234567890"]],
    ["{}", []],
    ['{"jobs": []}', []],
    ['{"__proto__": ["a"], "constructor": ["b"]}', ["__proto__-a", "constructor-b"]],
    ['{"b": ["1"], "2": ["1"], "1": ["1"]}', ["b-1", "2-1", "1-1"]],
    ['{"jobs": ["a"], "jobs": ["b"]}', ["jobs-b"]],
    ['{"jobs": ["n5", "s5", "\\u0061"]}', ["jobs-n5", "jobs-s5", "jobs-a"]],
  ])("of %s are named as in Python", (groups, expected) => {
    const names = typeof expected === "string" ? expected.split(" ") : expected;
    const prefix = typeof expected === "string" ? "jobs-" : "";
    expect(wish(groups)).toEqual(names.map((name) => prefix + name));
  });

  it.each([
    ["null", "groups_invalid"],
    ["[]", "groups_invalid"],
    ['"jobs"', "groups_invalid"],
    ["5", "groups_invalid"],
    ["true", "groups_invalid"],
    ['{"jobs": "status_changed"}', "group_denied"],
    ['{"jobs": {"status_changed": true}}', "group_denied"],
    ['{"jobs": null}', "group_denied"],
    ['{"jobs": ["a"], "more": 5}', "group_denied"],
    ['{"job_events": [{"id": 1}]}', "groups_invalid"],
    ['{"job_events": [[]]}', "groups_invalid"],
    ['{"jobs": ["a b"]}', "group_name_invalid"],
    ['{"jobs": ["ü"]}', "group_name_invalid"],
    ['{"jobs": ["a:b"]}', "group_name_invalid"],
    ['{"jobs": ["1e16", 1e16]}', "group_name_invalid"],
    ['{"jobs": ["a\\n"]}', "group_name_invalid"],
    [`{"jobs": ["${"x".repeat(95)}"]}`, "group_name_invalid"],
  ])("cannot be %s", (groups, code) => {
    expect(wish(groups)).toBe(code);
  });

  it("may have names of 99 characters, and there may be as many as the limit says", () => {
    expect(wish(`{"jobs": ["${"x".repeat(94)}"]}`)).toEqual([`jobs-${"x".repeat(94)}`]);
    const ids = (count: number) => JSON.stringify({ job_events: [...Array(count).keys()] });
    expect(wish(ids(100))).toHaveLength(100);
    expect(wish(ids(101))).toBe("rooms_exhausted");
  });
});

describe("a request", () => {
  it.each(["", "hello", "{", '{"groups": {"jobs": [NaN]}}', "{'groups': {}}", Buffer.from("{}")])(
    "is unreadable if it is %j",
    (data) => {
      expect(readRequest(data, rules)).toEqual({ kind: "unreadable", code: "frame_invalid" });
    },
  );

  it.each(["[1]", "null", "5", '"groups"', "true"])("is no object if it is %s", (data) => {
    expect(readRequest(data, rules)).toEqual({ kind: "unreadable", code: "request_invalid" });
  });

  it.each([
    ['{"xrftoken": "TOK"}', "TOK", true],
    ['{"xrftoken": "T\\u004fK"}', "TOK", true],
    ['{"xrftoken": "TOKE"}', "TOK", false],
    ['{"xrftoken": ["TOK"]}', "TOK", false],
    ['{"xrftoken": 5}', "5", false],
    ['{"xrftoken": ""}', "", false],
    ['{"xrftoken": null}', undefined, false],
    ["{}", undefined, false],
  ])("%s beside the cookie %j is genuine: %s", (data, csrfToken, isGenuine) => {
    expect(readRequest(data, { maxGroups: 1, csrfToken })).toMatchObject({ isGenuine });
  });

  it("of a mebibyte of escapes is read", () => {
    const request = readRequest(`{"other": "${"\\n".repeat(500_000)}", "groups": {}}`, rules);
    expect(request).toMatchObject({ kind: "readable", wish: { kind: "groups" } });
  });

  it("shows the dialect by naming groups or a token, whatever they are", () => {
    const tower = ['{"groups": {}}', '{"xrftoken": "x"}', '{"groups": null}'];
    const others = ["{}", "[]", '{"topic": "groups"}', "groups", Buffer.from('{"groups": {}}')];
    expect(tower.map(isTower)).toEqual([true, true, true]);
    expect(others.map(isTower)).toEqual([false, false, false, false, false]);
  });
});
