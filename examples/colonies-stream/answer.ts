import { diskText, loadText, memoryText, uptimeText } from "./machine.ts";

/** What the executor knows, by the word that asks for it. */
const topics: readonly (readonly [word: string, tell: () => string | Promise<string>])[] = [
  ["uptime", uptimeText],
  ["load", loadText],
  ["memory", memoryText],
  ["disk", diskText],
];

/** Answers a question about the machine: whichever word it knows is enough. */
export async function answerTo(question: string): Promise<string> {
  const asked = question.toLowerCase();
  const known = topics.find(([word]) => asked.includes(word));
  return known === undefined
    ? `I only know ${topics.map(([word]) => word).join(", ")}.`
    : known[1]();
}
