/** A command that jobs run. */
export interface JobTemplate {
  readonly id: number;
  /** For people. */
  readonly name: string;
  /** A program and its arguments. */
  readonly command: readonly string[];
}

/** What the example's jobs do, in turn. All of it only reads. */
export const templates: readonly JobTemplate[] = [
  {
    id: 7,
    name: "List the server's source files",
    command: ["find", "server", "-name", "*.ts", "-type", "f"],
  },
  {
    id: 8,
    name: "Measure the examples",
    command: ["du", "-a", "-k", "examples"],
  },
  {
    id: 9,
    name: "Look into a folder that is missing",
    command: ["find", "docs", "no-such-folder", "-maxdepth", "1"],
  },
];

/** Reads templates that were handed on as JSON text. */
export function templatesOf(text: string | undefined): readonly JobTemplate[] {
  return text === undefined ? templates : (JSON.parse(text) as JobTemplate[]);
}
