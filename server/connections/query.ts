/** The value of one param: text, a list, or params of its own. */
export type Param = string | readonly Param[] | Params;

/**
 * A query, nested as its brackets say. It has no prototype, so that every key is an ordinary one,
 * `__proto__` and `constructor` too.
 */
export interface Params {
  readonly [key: string]: Param;
}

type Node = string | Node[] | Branch;
type Branch = Map<string, Node>;

const MAX_KEYS = 1000;
const MAX_DEPTH = 32;

/**
 * Nests a query as Plug does: `a[b]=1` is a map in a map, `a[]=1` an item of a list. A scalar that
 * is given twice has its last value; where two keys contradict each other, the last one counts.
 *
 * @returns undefined for more than 1000 keys, or brackets nested more than 32 deep
 *
 * @example
 * parseParams(new URLSearchParams("user[name]=ann&user[tags][]=a&user[tags][]=b"));
 * // { user: { name: "ann", tags: ["a", "b"] } }
 */
export function parseParams(query: URLSearchParams): Params | undefined {
  const pairs = [...query];
  if (pairs.length > MAX_KEYS) return undefined;
  const root: Branch = new Map();
  // From the last to the first: what is there already wins.
  for (const [key, value] of pairs.reverse()) {
    const path = pathOf(key);
    if (path.length > MAX_DEPTH) return undefined;
    assign(root, path, value);
  }
  return toParams(root);
}

/** The keys from the outermost to the innermost; an empty one stands for a list's next item. */
function pathOf(key: string): string[] {
  if (!key.endsWith("]")) return [key];
  const inner = key.slice(0, -1);
  const bracket = inner.indexOf("[");
  if (bracket === -1) return [inner];
  return [inner.slice(0, bracket), ...inner.slice(bracket + 1).split("][")];
}

function assign(into: Branch, path: readonly string[], value: string): void {
  const [key = "", ...rest] = path;
  const known = into.get(key);
  if (rest.length === 0) {
    if (known === undefined) into.set(key, value);
  } else if (rest[0] === "") {
    const list = known ?? [];
    if (Array.isArray(list)) list.push(item(rest.slice(1), value));
    into.set(key, list);
  } else {
    const branch = known ?? new Map<string, Node>();
    if (branch instanceof Map) assign(branch, rest, value);
    into.set(key, branch);
  }
}

function item(path: readonly string[], value: string): Node {
  if (path.length === 0) return value;
  const branch: Branch = new Map();
  assign(branch, path, value);
  return branch;
}

function toParam(node: Node): Param {
  if (typeof node === "string") return node;
  return Array.isArray(node) ? node.map(toParam).reverse() : toParams(node);
}

function toParams(branch: Branch): Params {
  const entries = [...branch].map(([key, node]) => [key, toParam(node)] as const);
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}
