import { schemaAt } from "./expectation.ts";
import type { Setting } from "./setting.ts";

/** A value that one of the sources gives to an option. */
export interface Given {
  readonly setting: Pick<Setting, "path" | "privacy" | "allowed" | "remedy">;
  /** Source and key as the user wrote them: `tangram.toml: [channel] port`, `--port`. */
  readonly origin: string;
  readonly value: unknown;
}

/** What one source says, and what is wrong with the way it says it. */
export interface Reading {
  readonly given: readonly Given[];
  readonly problems: readonly string[];
}

/** A setting from a flag or the environment, where numbers and lists arrive as text. */
export function givenAsText(setting: Setting, origin: string, text: string): Given {
  return { setting, origin, value: fromText(setting, text) };
}

function fromText(setting: Setting, text: string): unknown {
  switch (schemaAt(setting.path)?.type) {
    case "integer":
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case "array":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    default:
      return text;
  }
}
