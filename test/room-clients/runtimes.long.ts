import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type BlankProject, blankProject, type Packed, packProject } from "../pack/packed.ts";
import { closesOnce, comesBack, leaving, linesOf, staying } from "./own-websocket-scenes.ts";

const INSTALLING_MS = 180_000;
let packed: Packed;
let project: BlankProject;
beforeAll(async () => {
  packed = await packProject();
  project = await blankProject(packed, "runtimes", {}, ["bun@1", "deno@2"]);
  await project.write("staying.mjs", staying);
  await project.write("leaving.mjs", leaving);
}, INSTALLING_MS);
afterAll(() => packed.remove());

describe.each([
  ["Deno", ["deno", "run", "--allow-all"]],
  ["Bun", ["bun", "run"]],
] as const)("a room client, installed, in %s", (_name, [command, ...args]) => {
  const start = (file: string) => (address: string) => {
    const { folder } = project;
    return linesOf(join(folder, "node_modules", ".bin", command), [...args, file, address], folder);
  };

  it("comes back to a server that was away, at first and again", () =>
    comesBack(start("staying.mjs")));

  it("is closed once, and without an error, while it connects", () =>
    closesOnce(start("leaving.mjs")));
});
