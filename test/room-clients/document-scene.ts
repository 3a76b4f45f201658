import { onTestFinished } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";
import { example } from "./document-examples.ts";
import { Member } from "./document-member.ts";
import { type Place, untilPrinted } from "./document-places.ts";

const END = `
if "channel" in globals():
    channel.clear_handlers()
    channel.auto_reconnect = False
    await channel.close()
`;

const MOUNT = `
from metafor import core
for callback in core.mounted:
    callback()
`;

const DISPOSE = `
from metafor import core
for callback in core.disposed:
    callback()
`;

const IS_READY =
  "channel.is_connected and all([await channel.join(room) for room in channel.get_rooms()])";

/** Examples that run one after another, and share their names. */
export class Scene {
  readonly #place: Place;

  private constructor(place: Place) {
    this.#place = place;
  }

  /** Starts without any names; the channel is closed when the test ends. */
  static async begin(place: Place): Promise<Scene> {
    await place.begin();
    onTestFinished(() => place.run(END));
    return new Scene(place);
  }

  /** Runs an example as printed, but for the address of its server. */
  async run(url: string, section: string, heading: string, index = 0): Promise<void> {
    await this.#place.run(at(url, example(section, heading, index)));
  }

  /** Runs other Python. */
  async python(code: string): Promise<void> {
    await this.#place.run(code);
  }

  /** A connected channel, as most examples suppose. */
  async connect(url: string, ...rooms: readonly string[]): Promise<void> {
    await this.#place.run(`
import asyncio
from metafor.channels import *
channel = Channel("${url}")
await channel.connect()
for room in ${JSON.stringify(rooms)}:
    await channel.join(room)`);
  }

  /** Waits until a line was printed. */
  async printed(line: string): Promise<void> {
    await untilPrinted(this.#place, line);
  }

  /** All that was printed. */
  lines(): Promise<readonly string[]> {
    return this.#place.printed();
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    await this.#place.run(`
import asyncio as _asyncio
for _ in range(1000):
    if ${expression}:
        break
    await _asyncio.sleep(0.005)
else:
    raise TimeoutError(${JSON.stringify(expression)})`);
  }

  /** Does what happens when a component appears, until its channel is connected. */
  async mount(): Promise<void> {
    await this.#place.run(MOUNT);
    await this.until(IS_READY);
  }

  /** Does what happens when a component disappears, until its channel is closed. */
  async dispose(): Promise<void> {
    await this.#place.run(DISPOSE);
    await this.until('channel.state.value == "closed"');
  }
}

/** The code with the address of the test's server instead of the printed one. */
export function at(url: string, code: string): string {
  return code.replaceAll(/wss?:\/\/[^"]+/g, url);
}

/** A server and somebody else on it. */
export interface Meeting {
  readonly server: TestServer;
  /** Where plain clients connect. */
  readonly url: string;
  readonly member: Member;
}

/** A server on which messages without a room go to everyone, and another member. */
export async function meet(...rooms: readonly string[]): Promise<Meeting> {
  const server = await startServer({ plain: { withoutRoom: "broadcast" } });
  const url = `${server.wsUrl}/ws`;
  return { server, url, member: await Member.join(url, ...rooms) };
}
