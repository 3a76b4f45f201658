import { createVerifier } from "../auth/token-verifier.ts";
import { createVisitors, type KnownVisitors } from "../dialects/tower/create-visitors.ts";
import type { CanSee, ResolveUser } from "../dialects/tower/hooks.ts";
import { createTower, type Tower } from "../dialects/tower/tower.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Base } from "./base.ts";
import type { Doors } from "./doors.ts";

/** Who Tower clients are. */
export function createTowerVisitors(
  { settings, clock, log, keys, passes }: Base,
  resolveUser: ResolveUser | undefined,
): KnownVisitors {
  const { auth, limits } = settings;
  const verify = createVerifier({ ...keys, leewaySecs: auth.leewaySecs }, () => clock.now());
  return createVisitors({
    resolveUser,
    passes,
    holderOf: (token) => {
      const verdict = verify(token);
      return verdict.ok ? verdict.token.id : undefined;
    },
    isOpenHouse: keys.isOpenHouse,
    clock,
    timeoutMs: limits.dialectTimeoutMs,
    onCrash: (error, hook) => log.error({ err: error, hook }, "hook failed"),
  });
}

/** The ways in for Tower clients and for AWX's task nodes. */
export function createTowerDoors(
  { settings, clock, log, problem }: Base,
  { gate, io }: Doors,
  known: KnownVisitors,
  rooms: Rooms,
  canSee: CanSee | undefined,
): Tower {
  return createTower({
    ...known,
    rooms,
    adapter: io.sockets.adapter,
    gate,
    canSee,
    settings: settings.tower,
    limits: settings.limits,
    clock,
    onCrash: (error) => log.error({ err: error }, "connection crashed"),
    onBadRelayFrame: () => problem("ignored what a Tower relay sent and is not understood", {}),
  });
}
