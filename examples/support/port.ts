/**
 * Reads the value of a flag that is a port; 0 stands for a free one.
 *
 * @throws Error with one line for the user if it is none
 */
export function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Error(`${flag} is a number from 0 to 65535, not "${text}"`);
}
