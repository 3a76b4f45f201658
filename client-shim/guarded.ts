import { quiet } from "./deferred.ts";
import { ChannelError, ChannelMessageError } from "./errors.ts";

/** Runs a task, and makes whatever it fails with a ChannelError. */
export function guarded<Value>(
  task: () => Value | Promise<Value>,
  room?: string,
  Kind: typeof ChannelError = ChannelMessageError,
): Promise<Value> {
  const attempt = new Promise<Value>((resolve) => resolve(task()));
  return quiet(
    attempt.catch((cause) => {
      throw cause instanceof ChannelError ? cause : new Kind("invalid", room, cause, cause);
    }),
  );
}
