import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  deriveId,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { secret } from "../support/tokens.ts";

/** Name of the one colony. */
export const CROWD_COLONY = "crowd";

/** What the settings of a crowd's nodes say. */
export interface CrowdSettings {
  readonly presenceTimeoutMs: number;
  /** Of who may use ColonyOS. */
  readonly userId: string;
}

/** Writes the settings file of a crowd's nodes, which is there as long as the test. */
export async function writeSettings({ presenceTimeoutMs, userId }: CrowdSettings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-crowd-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "settings.toml");
  const lines = [
    "[channel]",
    `jwt_secret = "${secret}"`,
    "[limits]",
    `presence_timeout_ms = ${presenceTimeoutMs}`,
    "long_poll_window_ms = 5000",
    "[[rooms]]",
    'match = "jobs-kept*"',
    "log = { size = 100000 }",
    "[[colonies.colonies]]",
    `name = "${CROWD_COLONY}"`,
    `id = "${deriveId(generatePrivateKey())}"`,
    "[[colonies.users]]",
    `colony = "${CROWD_COLONY}"`,
    'name = "ann"',
    `id = "${userId}"`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}
