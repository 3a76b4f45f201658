import { createClient } from "redis";
import type { Stop } from "../support/stop-list.ts";

/** What a job's runner has told of it last. */
export interface JobStatus {
  readonly unified_job_id: number;
  readonly status: string;
}

/** The jobs of this run, which pages ask for when they open: notifications are not kept. */
export interface Jobs {
  /** The latest statuses, the newest job first. */
  list(): readonly JobStatus[];
  has(id: number): boolean;
}

const CHANNEL = "to:jobs-status_changed:message";
const MAX_LISTED = 20;

/** Follows the statuses that the runner tells, as a backend's database would have them. */
export async function followJobs(
  redisUrl: string,
): Promise<{ readonly jobs: Jobs; readonly stop: Stop }> {
  const statuses = new Map<number, JobStatus>();
  const client = createClient({ url: redisUrl });
  // It connects again by itself; the runner says that Redis is away.
  client.on("error", () => {});
  await client.connect();
  await client.subscribe(CHANNEL, (text) => {
    const status = JSON.parse(text) as JobStatus;
    statuses.set(status.unified_job_id, status);
  });
  return {
    jobs: {
      list: () => [...statuses.values()].reverse().slice(0, MAX_LISTED),
      has: (id) => statuses.has(id),
    },
    stop: async () => client.destroy(),
  };
}
