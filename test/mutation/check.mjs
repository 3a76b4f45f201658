/** Ends `npm run test:mutation`: each mutant that survived must be explained in survivors.json. */
import { readFileSync } from "node:fs";
import { compare } from "./survivors.mjs";

const read = (/** @type {string | URL} */ file) => JSON.parse(readFileSync(file, "utf8"));
const explanations = read(new URL("survivors.json", import.meta.url));
const { unexplained, outdated } = compare(read("reports/mutation.json"), explanations);

for (const key of unexplained) console.log(`not explained: ${JSON.stringify(key)}`);
for (const key of outdated)
  console.log(`explained, but not among the survivors: ${JSON.stringify(key)}`);
console.log(`${unexplained.length} not explained, ${outdated.length} explanations too many`);
if (unexplained.length + outdated.length > 0) process.exitCode = 1;
