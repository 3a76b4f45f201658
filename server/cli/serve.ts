import { createCommonroom } from "../commonroom.ts";
import type { Options } from "../options.ts";
import { bannerLines, listenProblem } from "./banner.ts";
import { print, printProblems } from "./output.ts";
import { closeOnSignal } from "./signal.ts";

/**
 * Runs a server until SIGTERM or SIGINT, then ends the process: with 0 after an orderly close,
 * with 1 where it could not start or close, or at a second signal.
 */
export async function serve(options: Options): Promise<void> {
  let isClosing = false;
  try {
    const room = createCommonroom(options);
    const close = (): Promise<void> => {
      isClosing = true;
      return room.close();
    };
    closeOnSignal(process, close, process.exit);
    const address = await room.listen();
    print(bannerLines(address, options, room.status().redis));
  } catch (error) {
    // The end of the close is the end of the process.
    if (isClosing) return;
    printProblems([listenProblem(error, options)]);
    // Half-started parts may still hold the process.
    process.exit(1);
  }
}
