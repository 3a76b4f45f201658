import { createVerifier } from "../auth/token-verifier.ts";
import type { Options } from "../options.ts";
import { firstLine } from "./banner.ts";

/** Source and key of the options that were given, as the user wrote them. */
type Origins = ReadonlyMap<string, string>;

/**
 * What keeps a server with these options from starting, although each is allowed by itself: a line
 * for each reason, without any secret.
 */
export function startProblems(options: Options, origins: Origins): readonly string[] {
  return [...portProblems(options, origins), ...keyProblems(options, origins)];
}

function portProblems({ port, colonies }: Options, origins: Origins): readonly string[] {
  if (port === 0 || port !== colonies.port) return [];
  const origin = origins.get("colonies.port") ?? "--colonies-port";
  return [`${origin} = ${port}: expected another port than that of the server itself`];
}

function keyProblems({ auth }: Options, origins: Origins): readonly string[] {
  const { jwtPublicKey } = auth;
  if (jwtPublicKey === undefined) return [];
  try {
    createVerifier({ publicKey: jwtPublicKey, leewaySecs: 0 }, Date.now);
    return [];
  } catch (error) {
    const origin = origins.get("auth.jwtPublicKey") ?? "JWT_PUBLIC_KEY";
    return [
      `${origin} = (hidden): ${firstLine(error)}; expected the text that begins with -----BEGIN PUBLIC KEY-----`,
    ];
  }
}
