/** What a node does with what its link brings. */
export interface LinkListener {
  /**
   * Takes one message: of another node, of this one where the link echoes, or of a stranger. Never
   * throws.
   */
  receive(message: string | Uint8Array): void;
  /** Told of a message that no node can have sent, where the link itself knows. */
  refused(): void;
  /** Called whenever messages can be sent and heard, or can be again. May be called too often. */
  opened(): void;
}

/**
 * How the nodes tell each other who is present. Messages may be lost, repeated or overtaken: the
 * nodes notice.
 */
export interface PresenceLink {
  /**
   * Whether a node hears what it publishes itself. Such a node does not hold others' silence
   * against them while it does not even hear itself.
   */
  readonly echoes: boolean;
  /**
   * Begins to listen, once.
   *
   * @param id what other nodes {@link tell} this one by: letters and digits, made for this run
   */
  open(id: string, listener: LinkListener): void;
  /** Sends to every node. What cannot be sent now is lost, which the link counts. */
  publish(message: string): void;
  /** Sends to one node, by its id. If it is gone, nobody gets it. */
  tell(id: string, message: string): void;
  /** How many other nodes listen now, where the link can tell. Never rejects. */
  readonly countOthers?: () => Promise<number>;
}
