import { describe, expect, it } from "vitest";
import {
  acceptFrame,
  deniedFrame,
  errorFrame,
  groupsFrame,
} from "../../../../server/dialects/tower/frames.ts";
import { groupOf } from "../../../../server/dialects/tower/group.ts";

describe("a frame of the server's own, as AWX writes it,", () => {
  it.each([
    [7, '{"accept": true, "user": 7}'],
    ["ann", '{"accept": true, "user": "ann"}'],
    [null, '{"accept": true, "user": null}'],
  ])("lets user %j in", (user, frame) => {
    expect(acceptFrame(user)).toBe(frame);
  });

  it("gives the reason why a request is refused as a whole", () => {
    expect(errorFrame("request_invalid")).toBe('{"error": "request must be a JSON object"}');
  });

  it("names the group that is denied, and its resource", () => {
    expect(deniedFrame(groupOf("job_events", "42"))).toBe(
      '{"error": "access denied to channel job_events for resource id 42"}',
    );
  });

  it("lists the groups that are current, those left and those joined", () => {
    const change = { current: ["jobs-1", "jobs-2"], left: ["control-a"], joined: [] };
    expect(groupsFrame(change)).toBe(
      '{"groups_current": ["jobs-1", "jobs-2"], "groups_left": ["control-a"], "groups_joined": []}',
    );
  });
});
