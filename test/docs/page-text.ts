import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The links of a page that lead to other files or headings of this project. */
export function localLinks(file: string): string[] {
  const targets = [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Those of a page's links that lead nowhere. */
export function brokenLinks(file: string): string[] {
  return localLinks(file).filter((target) => {
    const [path = "", anchor = ""] = target.split("#");
    const page = path === "" ? file : join(dirname(file), path);
    if (!existsSync(page)) return true;
    return anchor !== "" && !anchorsOf(page).includes(anchor);
  });
}

/** The rows of the table whose first line this is, each with its cells, without the head. */
export function tableRows(file: string, head: string): string[][] {
  const lines = textOf(file).split("\n");
  const start = lines.indexOf(head);
  if (start < 0) throw new Error(`${file} has no table that begins with ${head}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The page, without its blocks. */
export function textOf(file: string): string {
  return readFileSync(file, "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
