import { pino } from "pino";
import { onTestFinished } from "vitest";
import {
  type Commonroom,
  type CommonroomOptions,
  createCommonroom,
  type Surroundings,
} from "../../server/index.ts";

/** A running server and the addresses of its dialects. */
export interface TestServer {
  readonly commonroom: Commonroom;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `ws://127.0.0.1:<port>` */
  readonly wsUrl: string;
  readonly port: number;
  /** The log, a line each. */
  readonly logLines: readonly string[];
}

/** Starts a server on a free port; it is closed when the test ends. */
export async function startServer(
  options: CommonroomOptions = {},
  surroundings: Surroundings = {},
): Promise<TestServer> {
  const logLines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logLines.push(line) });
  const commonroom = createCommonroom({ port: 0, ...options }, { log, ...surroundings });
  const { url, port } = await commonroom.listen();
  onTestFinished(() => commonroom.close());
  return { commonroom, url, wsUrl: url.replace("http", "ws"), port, logLines };
}
