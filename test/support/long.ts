/** Whether the tests that take their time run, too: `npm run test:all`. */
export const isLong: boolean = process.env["LONG_TESTS"] === "1";

/** How often something is done: often in `npm run test:all`, and a few times in `npm test`. */
export function times(often: number, few: number): number {
  return isLong ? often : few;
}
