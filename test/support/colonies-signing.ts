import { createHash } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import vectors from "../vectors/colonies.json" with { type: "json" };

/** A key, and whose it is. */
export interface ColoniesIdentity {
  readonly privateKey: string;
  readonly id: string;
}

/** The identities that ColonyOS's own tools have as well. */
export const identities: {
  readonly [Name in keyof typeof vectors.identities]: ColoniesIdentity;
} = vectors.identities;

/** The identity of a number; no two numbers have the same, nor any that of {@link identities}. */
export function identityOf(number: number): ColoniesIdentity {
  const privateKey = sha3(`identity ${number}`).toString("hex");
  const publicKey = secp256k1.getPublicKey(Buffer.from(privateKey, "hex"), false);
  return { privateKey, id: sha3(Buffer.from(publicKey).toString("hex")).toString("hex") };
}

/** A signature of a payload: r, s and the recovery code in hexadecimal digits. */
function signatureOf(payload: string, privateKey: string): string {
  const signature = secp256k1.sign(sha3(payload), Buffer.from(privateKey, "hex"), {
    prehash: false,
    format: "recovered",
  });
  const [code = 0, ...numbers] = signature;
  return Buffer.from([...numbers, code]).toString("hex");
}

/** A request as it travels. */
export function signedRequest(
  msgtype: string,
  members: object,
  { privateKey }: Pick<ColoniesIdentity, "privateKey">,
): string {
  const payload = Buffer.from(JSON.stringify({ msgtype, ...members })).toString("base64");
  return JSON.stringify({
    payloadtype: msgtype,
    payload,
    signature: signatureOf(payload, privateKey),
  });
}

/** What a reply says. */
export interface ColoniesReply {
  readonly payloadtype: string;
  readonly error: boolean;
  /** The inner JSON. */
  readonly inner: unknown;
}

/** Reads a reply envelope. */
export function readReply(text: string): ColoniesReply {
  const { payloadtype, payload, error } = JSON.parse(text) as {
    readonly payloadtype: string;
    readonly payload: string;
    readonly error: boolean;
  };
  return { payloadtype, error, inner: JSON.parse(Buffer.from(payload, "base64").toString()) };
}

function sha3(text: string): Buffer {
  return createHash("sha3-256").update(text).digest();
}
