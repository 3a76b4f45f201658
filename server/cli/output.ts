/** Prints lines on standard output. */
export function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Prints problems on standard error, each on a line that begins with the command's name. */
export function printProblems(problems: readonly string[]): void {
  process.stderr.write(problems.map((problem) => `commonroom: ${problem}\n`).join(""));
}

/** Goes on where nobody reads standard output or error any more: what they are told is lost. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
