import { fileURLToPath } from "node:url";
import { packageFolder } from "../support/folders.ts";
import { startProgram } from "../support/program.ts";
import type { Stop } from "../support/stop-list.ts";

/**
 * Starts the executor, a process of its own.
 *
 * @param onEnd called if it ends without having been told to
 */
export function startExecutor(
  { port, privateKey }: { readonly port: number; readonly privateKey: string },
  onEnd: () => void,
): Stop {
  const program = fileURLToPath(new URL("executor.js", import.meta.url));
  const variables = {
    COLONIES_SERVER_HOST: "127.0.0.1",
    COLONIES_SERVER_PORT: String(port),
    COLONIES_PRVKEY: privateKey,
  };
  const options = { name: "executor", variables, folder: packageFolder, onEnd };
  return startProgram([process.execPath, program], options);
}
