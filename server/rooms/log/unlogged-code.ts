import type { RefusalCode } from "../../codes.ts";
import type { UnloggedReason } from "./log-store.ts";

/** The refusal of a message that was not logged. */
export function unloggedCode(reason: UnloggedReason): RefusalCode {
  return reason === "full" ? "log_full" : "log_unavailable";
}
