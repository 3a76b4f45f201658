import type { IncomingHttpHeaders } from "node:http";

/** A Tower client that wants to connect, as the application's hook sees it. Nothing is logged. */
export interface TowerUpgrade {
  /** Its cookies by name, without the double quotes that some clients put around values. */
  readonly cookies: ReadonlyMap<string, string>;
  /** The query; of a repeated key, the last value. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Path and query of the request, as they came. */
  readonly url: string;
  /** IP address of the peer, which may be a proxy's. */
  readonly address: string;
}

/** Whom a Tower client speaks for. An application may give more members to its own. */
export interface TowerUser {
  /** Told to the client in its first frame. */
  readonly id: string | number;
  /**
   * Whether the client showed a cookie. If so, each of its messages must repeat the value of the
   * cookie `csrftoken` as `xrftoken`: pages of other origins can send cookies, and cannot read them.
   */
  readonly byCookie: boolean;
}

/**
 * Tells who a Tower client is, or undefined if its request shows nobody: then a token is looked for.
 * While it is pending the client waits, at most `limits.dialectTimeoutMs`. One that throws refuses
 * the client, and is logged.
 *
 * @example
 * const resolveUser: ResolveUser = async ({ cookies }) => {
 *   const session = await findSession(cookies.get("awx_sessionid"));
 *   return session && { id: session.userId, byCookie: true };
 * };
 */
export type ResolveUser = (
  request: TowerUpgrade,
) => TowerUser | undefined | Promise<TowerUser | undefined>;

/**
 * Tells whether a user may see a resource. Asked for each id in a Tower client's request, for the
 * groups `job_events`, `ad_hoc_command_events`, `workflow_events`, `project_update_events`,
 * `inventory_update_events` and `system_job_events`, and for each group of a user of
 * {@link ResolveUser} that is none of AWX's `jobs`, `schedules`, `inventories` and `control`: any
 * room may have such a name. One that throws refuses the id, and is logged;
 * so does one that has not answered within `limits.dialectTimeoutMs`.
 *
 * @param user what {@link ResolveUser} gave; or the `id` of the client's token; or undefined for
 * nobody in particular, where no secret is configured
 * @param group such as `job_events`
 * @param id what follows the hyphen: of a resource, an integer as text
 */
export type CanSee = (
  user: TowerUser | undefined,
  group: string,
  id: string,
) => boolean | Promise<boolean>;
