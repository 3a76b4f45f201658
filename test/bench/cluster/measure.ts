import { formatSetting } from "../report.ts";
import { formatGoals, idleRows, loneRows, stormRows, weightRows } from "./goals.ts";
import { type ClusterLoad, measureLoad } from "./load.ts";
import { formatLoad, loadLegend } from "./load-table.ts";
import { measureLoneRoom } from "./lone-room.ts";
import { measureStorm } from "./presence-storm.ts";
import { measureWeight } from "./presence-weight.ts";
import { fitted, type Scale } from "./scale.ts";

/** Nodes of the cluster in which presence and the room on one node are measured. */
const MOST_NODES = 4;
/** The smaller storm has as many joins a second at each node, for half as long. */
const FEWER_NODES = 2;

/** Measures a cluster and prints the tables. */
export async function measureCluster(wanted: Scale): Promise<void> {
  const scale = fitted(wanted);
  console.log(`${formatSetting()}\n\n${describe(scale)}`);
  for (const cut of cutsOf(wanted, scale)) console.log(cut);
  const loads: ClusterLoad[] = [];
  for (const nodes of scale.nodeCounts) {
    note(`messages in ${scale.rooms} rooms on ${nodes} nodes`);
    loads.push(await measureLoad(nodes, scale));
  }
  console.log(`\n${formatLoad(loads.flatMap(({ results }) => results))}\n\n${loadLegend}`);
  note("a room on one node");
  const lone = await measureLoneRoom(MOST_NODES, scale);
  note(`${scale.stormMembers} joins of one room`);
  const { stormMembers, stormMs } = scale;
  const small = await measureStorm(FEWER_NODES, Math.floor(stormMembers / 4), stormMs / 2);
  const large = await measureStorm(MOST_NODES, stormMembers, stormMs);
  note("what presences weigh");
  const weight = await measureWeight(scale);
  const rows = [
    ...idleRows(loads),
    ...loneRows(lone, scale),
    ...stormRows(large, small),
    ...weightRows(weight),
  ];
  console.log(`\n${formatGoals(rows)}`);
}

function describe({ rooms, membersPerRoom }: Scale): string {
  return (
    `${rooms} rooms of ${membersPerRoom} Phoenix members, those of each room on all nodes. ` +
    "The members are in one process, on the same machine as the nodes and Redis."
  );
}

function cutsOf(wanted: Scale, scale: Scale): string[] {
  const isCut = scale.rooms < wanted.rooms || scale.stormMembers < wanted.stormMembers;
  if (!isCut) return [];
  const given = `${scale.rooms} rooms and ${scale.stormMembers} joins`;
  const asked = `${wanted.rooms} and ${wanted.stormMembers}`;
  return [`Scaled down to ${given} instead of ${asked}: too few open files (ulimit -n).`];
}

/** Progress goes to stderr, so that stdout is the report alone. */
function note(what: string): void {
  console.error(`... ${what}`);
}
