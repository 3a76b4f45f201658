/** One who waits for a process. */
export class Ticket<End> {
  /** Indexes of waiting processes in which its process may be. */
  readonly indexes: readonly string[];
  /** Why it waits no longer; undefined while it does. */
  end: End | undefined;
  /** Whether there may be a process that it has not looked for yet. */
  isCalled: boolean = false;
  #wake: (() => void) | undefined;

  constructor(indexes: readonly string[]) {
    this.indexes = indexes;
  }

  /** Lets it look again. */
  call(): void {
    this.isCalled = true;
    this.#rouse();
  }

  /** Tells it that it waits no longer; the first reason counts. */
  finish(end: End): void {
    this.end ??= end;
    this.#rouse();
  }

  /** Resolves at the next word. */
  sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/**
 * Those who wait for processes, by the indexes in which they look. A process calls only one of
 * them, so that not all look for what one can have.
 */
export class AssignmentLine<End> {
  readonly #all = new Set<Ticket<End>>();
  /** In the order in which they fell asleep. */
  readonly #sleepers = new Set<Ticket<End>>();
  readonly #asleep = new Map<string, Set<Ticket<End>>>();
  readonly #awake = new Map<string, Set<Ticket<End>>>();

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes in one that is looking already. */
  add(ticket: Ticket<End>): void {
    this.#all.add(ticket);
    this.#move(ticket, undefined, this.#awake);
  }

  /** Harmless when repeated. */
  remove(ticket: Ticket<End>): void {
    this.#all.delete(ticket);
    this.#sleepers.delete(ticket);
    this.#move(ticket, this.#awake, undefined);
    this.#move(ticket, this.#asleep, undefined);
  }

  /** Lets one that has found nothing sleep until it is called, or at its end. */
  async rest(ticket: Ticket<End>): Promise<void> {
    if (ticket.isCalled || ticket.end !== undefined) return;
    this.#sleepers.add(ticket);
    this.#move(ticket, this.#awake, this.#asleep);
    await ticket.sleep();
    this.#sleepers.delete(ticket);
    this.#move(ticket, this.#asleep, this.#awake);
  }

  /** Lets the one that sleeps for longest look in an index; else those who are looking, again. */
  call(index: string): void {
    const [ticket] = this.#asleep.get(index) ?? [];
    if (ticket !== undefined) {
      this.#rouse(ticket);
      return;
    }
    for (const looking of this.#awake.get(index) ?? []) looking.isCalled = true;
  }

  /** Lets so many look of those who sleep, wherever they look: the ones that sleep for longest. */
  callLongest(count: number): void {
    for (const ticket of [...this.#sleepers].slice(0, count)) this.#rouse(ticket);
  }

  /** Tells all that they wait no longer. */
  finish(end: End): void {
    for (const ticket of this.#all) ticket.finish(end);
  }

  #rouse(ticket: Ticket<End>): void {
    this.#sleepers.delete(ticket);
    this.#move(ticket, this.#asleep, this.#awake);
    ticket.call();
  }

  #move(
    ticket: Ticket<End>,
    from: Map<string, Set<Ticket<End>>> | undefined,
    to: Map<string, Set<Ticket<End>>> | undefined,
  ): void {
    for (const index of ticket.indexes) {
      const left = from?.get(index);
      left?.delete(ticket);
      if (left?.size === 0) from?.delete(index);
      if (to === undefined) continue;
      const joined = to.get(index) ?? new Set();
      to.set(index, joined.add(ticket));
    }
  }
}
