import { randomBytes } from "node:crypto";
import { type RequestHandler, Router } from "express";
import type { CanSee, ResolveUser } from "../../server/index.ts";
import type { Jobs } from "./jobs.ts";
import { templates } from "./templates.ts";

/** What AWX would do besides telling events: signs pages in, and answers what they ask by HTTP. */
export interface Visitors {
  /** Signs every visitor in, and lists the jobs. */
  readonly routes: Router;
  readonly resolveUser: ResolveUser;
  readonly canSee: CanSee;
}

const SESSION_COOKIE = "awx_sessionid";
const CSRF_COOKIE = "csrftoken";
const USER_ID = 1;

/** Makes the pages' side of a small AWX, which has one session and one user. */
export function createVisitors(jobs: Jobs): Visitors {
  const session = randomBytes(16).toString("hex");
  const signIn: RequestHandler = (_request, response, next) => {
    // The server is another port of the same host, which gets the cookies, too.
    response.cookie(SESSION_COOKIE, session, { httpOnly: true, sameSite: "strict" });
    response.cookie(CSRF_COOKIE, randomBytes(16).toString("hex"), { sameSite: "strict" });
    next();
  };
  const routes = Router();
  routes.get(["/", "/index.html"], signIn);
  routes.get("/api/v2/unified_jobs.json", (_request, response) => {
    response.json(jobs.list());
  });
  routes.get("/api/v2/job_templates.json", (_request, response) => {
    response.json(templates);
  });
  return {
    routes,
    resolveUser: ({ cookies }) =>
      cookies.get(SESSION_COOKIE) === session ? { id: USER_ID, byCookie: true } : undefined,
    canSee: (user, group, id) =>
      user?.id === USER_ID && group === "job_events" && jobs.has(Number(id)),
  };
}
