/** A request as it travels. */
export interface Envelope {
  /** The type that its sender claims; not signed. */
  readonly payloadtype: string;
  /** Base64 of the inner JSON. This text is what is signed. */
  readonly payload: string;
  /** Hexadecimal digits: r, s and the recovery code. */
  readonly signature: string;
}
