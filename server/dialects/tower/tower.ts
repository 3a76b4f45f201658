import { randomBytes } from "node:crypto";
import type { Adapter } from "socket.io-adapter";
import type { Clock } from "../../clock.ts";
import type { Dialect } from "../../connections/dialect.ts";
import type { Gate } from "../../connections/gate.ts";
import type { Addresses } from "../../connections/upgrades.ts";
import type { Limits, TowerOptions } from "../../options.ts";
import { MESSAGE } from "../../rooms/own-events.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { towerAddresses } from "./addresses.ts";
import { createTowerDialect } from "./dialect.ts";
import type { HookCalls } from "./hook-calls.ts";
import type { CanSee } from "./hooks.ts";
import { watchOtherMembers } from "./other-members.ts";
import { Permissions } from "./permissions.ts";
import { relayAddresses } from "./relay-addresses.ts";
import { RelayHeaders } from "./relay-header.ts";
import { RelayLinks } from "./relay-links.ts";
import { Subscribers } from "./subscribers.ts";
import type { Visitors } from "./visitors.ts";

/** What the Tower dialect needs of its surroundings. */
export interface TowerSurroundings {
  readonly rooms: Rooms;
  readonly adapter: Pick<Adapter, "on">;
  readonly gate: Gate;
  readonly visitors: Visitors;
  readonly calls: HookCalls;
  readonly canSee: CanSee | undefined;
  readonly settings: TowerOptions;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Takes what a request threw. */
  readonly onCrash: (error: unknown) => void;
  /** Told of each frame of a relay that is not understood. */
  readonly onBadRelayFrame: () => void;
}

/** The Tower dialect and its ways in. */
export interface Tower {
  readonly dialect: Dialect;
  readonly addresses: Addresses;
  /** Closes the links to relays, and waits for no hook any longer. */
  close(): void;
}

const NAME_BYTES = 16;

interface Relay {
  readonly subscribers: Subscribers;
  readonly links: RelayLinks;
  readonly addresses: Addresses;
}

/** Makes the Tower dialect; with a relay secret, the addresses of AWX's task nodes besides. */
export function createTower(surroundings: TowerSurroundings): Tower {
  const { rooms, gate, visitors, calls, canSee, settings, limits, onCrash } = surroundings;
  const { profile, prefixes, relaySecret } = settings;
  const relay = relaySecret === undefined ? undefined : createRelay(relaySecret, surroundings);
  const permissions = new Permissions({ canSee, calls, roomOf: (name) => rooms.roomOf(name) });
  const subscribers = relay?.subscribers;
  const context = { rooms, visitors, permissions, subscribers, profile, limits, onCrash };
  const dialect = createTowerDialect(context);
  return {
    dialect,
    addresses: new Map([
      ...towerAddresses({ gate, dialect, visitors, prefixes }),
      ...(relay?.addresses ?? []),
    ]),
    close: () => {
      calls.close();
      relay?.links.close();
    },
  };
}

function createRelay(secret: string, surroundings: TowerSurroundings): Relay {
  const { rooms, adapter, gate, limits, clock, onBadRelayFrame } = surroundings;
  const node = randomHex();
  const subscribers = new Subscribers({
    createName: () => `specific.${node}!${randomHex()}`,
    tell: (frame) => links.tell(frame),
  });
  const links = new RelayLinks({
    states: () => subscribers.states,
    // Each task node dials every web node, so that members on other nodes get it there.
    deliver: (group, payload) => rooms.deliver(rooms.roomOf(group), MESSAGE, payload),
    limits,
    clock,
    onProblem: onBadRelayFrame,
  });
  watchOtherMembers(adapter, subscribers);
  const headers = new RelayHeaders(secret, () => clock.now());
  return { subscribers, links, addresses: relayAddresses({ gate, headers, links }) };
}

/** A part of a subscriber's name; no two are alike. */
function randomHex(): string {
  return randomBytes(NAME_BYTES).toString("hex");
}
