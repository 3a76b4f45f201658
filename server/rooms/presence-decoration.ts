import type { Eventual } from "../eventual.ts";
import { mustBeEncodable } from "./payload.ts";
import type { PresenceState } from "./presence.ts";

/** Adds to presences before they are told. */
export type Decorate = (presences: PresenceState) => Eventual<PresenceState>;

/** How presences are made ready to be told. */
export interface Decoration {
  readonly decorate?: Decorate | undefined;
  /** Takes what was wrong with `decorate`; the presences are then told without it. */
  readonly onError: (error: unknown) => void;
}

/** Presences as they are told: at once where nothing is added, or where that takes no time. */
export function decorated(
  presences: PresenceState,
  { decorate, onError }: Decoration,
): Eventual<PresenceState> {
  if (decorate === undefined || Object.keys(presences).length === 0) return presences;
  const plain = (error: unknown): PresenceState => {
    onError(error);
    return presences;
  };
  try {
    const adorned = decorate(presences);
    return adorned instanceof Promise
      ? adorned.then(mustBeEncodable).catch(plain)
      : mustBeEncodable(adorned);
  } catch (error) {
    return plain(error);
  }
}
