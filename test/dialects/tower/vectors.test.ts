import { describe, expect, it } from "vitest";
import type { CommonroomOptions, Surroundings } from "../../../server/index.ts";
import { startServer } from "../../support/server.ts";
import { secret } from "../../support/tokens.ts";
import { connectTower, type TowerClient } from "../../support/tower-client.ts";

/** User 1, who sees the resources 1 to 5, by a session cookie; AWX's own where it was observed. */
const surroundings: Surroundings = {
  resolveUser: ({ cookies }) =>
    cookies.get("awx_sessionid") === "s1" ? { id: 1, byCookie: true } : undefined,
  canSee: (_user, group, id) => group === "project_update_events" || Number(id) <= 5,
};
const headers = { cookie: 'awx_sessionid="s1"; csrftoken=TOK' };

async function connect(options: CommonroomOptions = {}): Promise<TowerClient> {
  const server = await startServer({ auth: { jwtSecret: secret }, ...options }, surroundings);
  return connectTower(`${server.wsUrl}/websocket/`, { headers });
}

/** What the client sends, and all that it gets back; `undefined` sends nothing. */
type Step = readonly [sent: string | undefined, ...received: string[]];

/** One connection's conversation with AWX, as it was observed. */
const conversation: readonly Step[] = [
  [undefined, '{"accept": true, "user": 1}'],
  ['{"groups": {"jobs": ["summary"]}}', '{"error": "access denied to channel"}'],
  ['{"xrftoken": "TOK"}'],
  [
    '{"groups": {"jobs": ["status_changed", "summary"], "schedules": ["changed"], "control": ["limit_reached_1"]}, "xrftoken": "TOK"}',
    '{"groups_current": ["control-limit_reached_1", "jobs-status_changed", "jobs-summary", "schedules-changed"], "groups_left": [], "groups_joined": ["control-limit_reached_1", "jobs-status_changed", "jobs-summary", "schedules-changed"]}',
  ],
  [
    '{"groups": {"jobs": ["status_changed"], "inventories": ["status_changed"]}, "xrftoken": "TOK"}',
    '{"groups_current": ["jobs-status_changed", "inventories-status_changed"], "groups_left": ["control-limit_reached_1", "jobs-summary", "schedules-changed"], "groups_joined": ["inventories-status_changed"]}',
  ],
  [
    '{"groups": {"jobs": ["status_changed"], "inventories": ["status_changed"]}, "xrftoken": "TOK"}',
    '{"groups_current": ["jobs-status_changed", "inventories-status_changed"], "groups_left": [], "groups_joined": []}',
  ],
  [
    '{"groups": {}, "xrftoken": "TOK"}',
    '{"groups_current": [], "groups_left": ["jobs-status_changed", "inventories-status_changed"], "groups_joined": []}',
  ],
  [
    '{"groups": {"job_events": [1, "2", 999, 1], "project_update_events": [77]}, "xrftoken": "TOK"}',
    '{"error": "access denied to channel job_events for resource id 999"}',
    '{"groups_current": ["job_events-1", "job_events-2", "project_update_events-77"], "groups_left": [], "groups_joined": ["job_events-1", "job_events-2", "project_update_events-77"]}',
  ],
  [
    '{"groups": {"jobs": "status_changed"}, "xrftoken": "TOK"}',
    '{"error": "access denied to channel"}',
  ],
  [
    '{"groups": {"jobs": ["a","a"]}, "groups": {"jobs": ["b"]}, "xrftoken": "TOK"}',
    '{"groups_current": ["jobs-b"], "groups_left": ["job_events-1", "job_events-2", "project_update_events-77"], "groups_joined": ["jobs-b"]}',
  ],
];

describe("AWX's own conversation", () => {
  it("comes out the same, but for groups that AWX forgets and never leaves", async () => {
    const client = await connect();
    for (const [sent, ...expected] of conversation) {
      if (sent !== undefined) client.send(sent);
      for (const frame of expected) expect(sorted(await client.next())).toBe(sorted(frame));
    }
    expect(client.frames).toEqual([]);
  });

  it("has no replies in the silent profile, but errors are told", async () => {
    const client = await connect({ tower: { profile: "silent" } });
    const replies = conversation.flatMap(([, ...expected]) => expected);
    for (const [sent] of conversation) if (sent !== undefined) client.send(sent);
    for (const frame of replies.filter((text) => !text.startsWith('{"groups_current'))) {
      expect(await client.next()).toBe(frame);
    }
    expect(client.frames).toEqual([]);
  });
});

/** The same frame with the sets of a reply in one order. */
function sorted(frame: string): string {
  return frame.replace(/\[([^\]]*)\]/g, (_list, items: string) => {
    return `[${items.split(", ").sort().join(", ")}]`;
  });
}
