import type { IncomingMessage } from "node:http";
import { urlOf } from "../../connections/entrance.ts";
import { after, type Eventual } from "../../eventual.ts";
import type { Passes } from "../../rooms/passes.ts";
import { bearerOf } from "../../shown-tokens.ts";
import { decodedCookie, readCookies } from "./cookies.ts";
import { type HookCalls, NO_ANSWER } from "./hook-calls.ts";
import type { ResolveUser, TowerUser } from "./hooks.ts";

/** Who a Tower client is. */
export interface Visitor {
  /** Undefined for nobody in particular, in an open house. */
  readonly user: TowerUser | undefined;
  /** The token that the client showed, if it counts. */
  readonly token: string | undefined;
  /** Stands for a user whom the application knows, in the place of a token. */
  readonly pass: string | undefined;
}

/** What the visitors need of their surroundings. */
export interface VisitorsContext {
  readonly resolveUser: ResolveUser | undefined;
  readonly calls: HookCalls;
  readonly passes: Passes;
  /** Whose token it is; undefined where it does not count. */
  readonly holderOf: (token: string) => string | undefined;
  /** Whether everyone is welcome. */
  readonly isOpenHouse: boolean;
}

const NOBODY: Visitor = { user: undefined, token: undefined, pass: undefined };

/** Who the Tower clients are. */
export class Visitors {
  readonly #context: VisitorsContext;
  readonly #known = new WeakMap<IncomingMessage, Visitor>();

  constructor(context: VisitorsContext) {
    this.#context = context;
  }

  /** Who sent a request, if that has been found out. */
  of(request: IncomingMessage): Visitor | undefined {
    return this.#known.get(request);
  }

  /**
   * Finds out who sent a request: the application is asked first, then tokens are looked at.
   *
   * @param shown a token that came in neither the query, nor `Authorization`, nor a cookie
   * @returns undefined for one who may not connect
   */
  identify(request: IncomingMessage, shown?: string): Eventual<Visitor | undefined> {
    const cookies = readCookies(request.headers.cookie);
    const query = new Map(urlOf(request)?.searchParams ?? []);
    const { resolveUser, calls } = this.#context;
    const { headers, url = "/", socket } = request;
    const address = socket.remoteAddress ?? "";
    const user =
      resolveUser &&
      calls.call("resolveUser", () => resolveUser({ cookies, query, headers, url, address }));
    return after(user, (found) => {
      if (found === NO_ANSWER) return undefined;
      const bearer = bearerOf(headers);
      const tokens = [query.get("token"), shown, bearer];
      const visitor = found ? this.#byUser(found) : this.#byToken(tokens, cookies.get("token"));
      if (visitor !== undefined) this.#known.set(request, visitor);
      return visitor;
    });
  }

  /** What counts as the connection's token, where the client is one of this dialect's. */
  tokenOf(request: IncomingMessage): string | undefined {
    const visitor = this.#known.get(request);
    return visitor?.pass ?? visitor?.token;
  }

  #byUser(user: TowerUser): Visitor {
    const pass = this.#context.passes.passFor(String(user.id));
    return { user, token: undefined, pass };
  }

  #byToken(
    tokens: readonly (string | undefined)[],
    cookie: string | undefined,
  ): Visitor | undefined {
    const { holderOf, isOpenHouse } = this.#context;
    const shown = [
      ...tokens.map((token) => ({ token, byCookie: false })),
      { token: cookie && decodedCookie(cookie), byCookie: true },
    ];
    for (const { token, byCookie } of shown) {
      const id = token === undefined ? undefined : holderOf(token);
      if (id !== undefined) return { user: { id, byCookie }, token, pass: undefined };
    }
    return isOpenHouse ? NOBODY : undefined;
  }
}
