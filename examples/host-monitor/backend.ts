import { createClient } from "redis";
import { CpuLoad, ramUsage, uptime } from "./host.ts";

const CHANNEL = "to:system:update-node";
const PERIOD_MS = 250;

// Without an offline queue: figures that could not be told in time are of no use later.
const client = createClient({
  url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379",
  disableOfflineQueue: true,
});
let isDown = false;
client.on("ready", () => {
  if (isDown) console.error("backend: Redis is back");
  isDown = false;
});
client.on("error", (error: Error) => {
  if (!isDown) console.error(`backend: Redis is not reachable, trying again (${error.message})`);
  isDown = true;
});

const cpuLoad = new CpuLoad();
const timer = setInterval(() => void publish(), PERIOD_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
await client.connect();

async function publish(): Promise<void> {
  const cpu = cpuLoad.read();
  if (!client.isReady) return;
  const messages = [
    { el: "uptime", value: uptime() },
    { el: "info_utc", value: Date.now() },
    { el: "cpu_load", value: `${cpu.toFixed(2)}%` },
    { el: "ram_usage", value: `${ramUsage().toFixed(2)}%` },
  ];
  const sent = messages.map((message) => client.publish(CHANNEL, JSON.stringify(message)));
  // A loss of the connection is told by its "error" event.
  await Promise.allSettled(sent);
}

function stop(): void {
  clearInterval(timer);
  process.exit(0);
}
