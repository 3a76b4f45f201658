import { setTimeout as sleep } from "node:timers/promises";
import { loadText, memoryText } from "./machine.ts";

// Tells the machine's load and memory each second, for as many seconds as it is told.
const seconds = Number(process.argv[2]);
for (let second = 1; second <= seconds; second += 1) {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${loadText()}  ${memoryText()}`);
  await sleep(1000);
}
