import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy in front of a server, to cut its clients off and let them back. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut: boolean = false;
  #isSwallowing: boolean = false;
  readonly #silentPorts = new Set<number>();
  #bytesToClients = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Starts a proxy on a free port; it is stopped when the test ends. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on("connection", (client) => proxy.#forward(client, targetPort));
    onTestFinished(() => proxy.stop());
    return proxy;
  }

  /** How many bytes the clients have been sent. */
  get bytesToClients(): number {
    return this.#bytesToClients;
  }

  /** Cuts all connections, and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets whatever is sent vanish, and keeps all connections open; takes new ones, too. */
  swallow(): void {
    this.#isSwallowing = true;
  }

  /** Does so with one connection alone, by the port that the server sees. */
  swallowOne(port: number): void {
    this.#silentPorts.add(port);
  }

  /** Passes on what is sent from now on. What has vanished stays so. */
  passOn(): void {
    this.#isSwallowing = false;
    this.#silentPorts.clear();
  }

  /** Takes connections again. */
  restore(): void {
    this.#isCut = false;
  }

  /** Harmless when repeated. */
  stop(): void {
    this.cut();
    this.#server.close();
  }

  #forward(client: Socket, targetPort: number): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const target = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on("data", (bytes: Buffer) => {
        if (this.#isSwallowing || this.#silentPorts.has(target.localPort ?? 0)) return;
        if (socket === target) this.#bytesToClients += bytes.length;
        other.write(bytes);
      });
    }
  }
}
