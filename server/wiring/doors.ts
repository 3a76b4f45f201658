import { connectionToken } from "../auth/connection-token.ts";
import type { ConnectHook } from "../connections/connect.ts";
import { Gate } from "../connections/gate.ts";
import { Identities } from "../connections/identities.ts";
import { allowRequestBy, guardNatives } from "../connections/native-gate.ts";
import { createOriginCheck, type OriginCheck } from "../connections/origin.ts";
import type { Refused } from "../connections/refused.ts";
import { createSocketIo } from "../connections/socket-io.ts";
import type { Options } from "../options.ts";
import { Turnstile } from "../turnstile.ts";
import type { Base } from "./base.ts";

/** Who may connect, and the Socket.IO server behind it. */
export type Doors = ReturnType<typeof createDoors>;

/** Makes the gate that all clients pass, and the Socket.IO server. */
export function createDoors(base: Base, connect: ConnectHook | undefined) {
  const { settings, clock, log, outgoing, scaleOut } = base;
  const { limits } = settings;
  const gate = new Gate({
    isOriginAllowed: originCheckOf(settings),
    connect,
    timeoutMs: limits.dialectTimeoutMs,
    turnstile: new Turnstile(
      { perSec: limits.connectsPerSec, maxWaiting: limits.maxWaitingConnects },
      clock,
    ),
    clock,
    onNamed: (request, id) => identities.name(request, id),
    onCrash: (error) => log.error({ err: error }, "connect hook failed"),
  });
  // What a client brings is never logged, nor what it was told: both may hold secrets.
  const onRefused = ({ status }: Refused): void => log.debug({ status }, "client refused");
  const allowRequest = allowRequestBy(gate, onRefused);
  const io = createSocketIo(outgoing, scaleOut.createAdapter, limits, allowRequest);
  const identities = new Identities(io, scaleOut.presenceLink !== undefined);
  guardNatives(io, { gate, tokenOf: ({ handshake }) => connectionToken(handshake), onRefused });
  return { gate, io, identities, onRefused };
}

/** Makes the check of which pages may connect. */
export function originCheckOf(settings: Options): OriginCheck {
  return createOriginCheck(settings.auth.checkOrigin, ownHost(settings));
}

/** The host that browsers know this server by. */
function ownHost({ publicUrl, host }: Pick<Options, "publicUrl" | "host">): string {
  return publicUrl === undefined ? host : new URL(publicUrl).hostname;
}
