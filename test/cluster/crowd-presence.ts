import type { PresenceState } from "../../server/rooms/presence.ts";
import type { CrowdMember } from "./crowd-member.ts";
import type { CrowdNode } from "./crowd-node.ts";
import { CrowdPhoenixMember } from "./crowd-phoenix.ts";

/** What a node says of who is in a room. */
async function askPresence(
  { url }: CrowdNode,
  room: string,
  token: string,
): Promise<PresenceState> {
  const response = await fetch(`${url}/rooms/${encodeURIComponent(room)}/presence`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return (await response.json()) as PresenceState;
}

/** The keys in a state, each as often as it is there. */
function keysOf(state: PresenceState): string[] {
  return Object.entries(state)
    .flatMap(([key, { metas }]) => metas.map(() => key))
    .sort();
}

/**
 * What is wrong with the presence in a room: on each node, and as each member with phoenix.js sees
 * it.
 */
export async function presenceProblems(
  room: string,
  nodes: readonly CrowdNode[],
  members: readonly CrowdMember[],
): Promise<string[]> {
  const truth = members.map(({ presenceKey }) => presenceKey).sort();
  const token = members[0]?.seat.token ?? "";
  const states = await Promise.all(nodes.map((node) => askPresence(node, room, token)));
  const problems = states.flatMap((state, index) => {
    const told = difference(truth, keysOf(state));
    const isSame = refsOf(state) === refsOf(states[0] ?? {});
    return told === "" && isSame ? [] : [`${room} on node ${index}: ${told || "other refs"}`];
  });
  const views = members.flatMap((member) => {
    if (!(member instanceof CrowdPhoenixMember)) return [];
    const told = difference(truth, member.view);
    return told === "" ? [] : [`${room} as ${member.seat.name} sees it: ${told}`];
  });
  return [...problems, ...views];
}

function difference(truth: readonly string[], told: readonly string[]): string {
  if (truth.join() === told.join()) return "";
  const missing = truth.filter((key) => !told.includes(key));
  const foreign = told.filter((key, index) => !truth.includes(key) || told[index - 1] === key);
  return `${told.length} for ${truth.length}, without ${missing.join()}, besides ${foreign.join()}`;
}

function refsOf(state: PresenceState): string {
  const metas = Object.values(state).flatMap((person) => person.metas);
  return metas
    .map(({ phx_ref: ref }) => ref)
    .sort()
    .join();
}
