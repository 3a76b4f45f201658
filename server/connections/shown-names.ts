/** What one client calls the rooms that it joined under another name. */
export class ShownNames {
  readonly #names = new Map<string, string>();

  /** Notes under which name the client has joined a room. */
  note(room: string, name: string): void {
    if (room === name) this.#names.delete(room);
    else this.#names.set(room, name);
  }

  /** What the client calls a room. */
  of(room: string): string {
    return this.#names.get(room) ?? room;
  }

  /** Tells apart the encodings of those who call a room by different names. */
  encoding(encoding: string, room: string): string {
    const name = this.#names.get(room);
    return name === undefined ? encoding : `${encoding} as ${name}`;
  }
}
