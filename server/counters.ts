/** What this node has counted since it started. `/health` shows it. */
export interface Counters {
  /** Connections closed because they read too slowly. */
  slowReadersClosed: number;
  /** Frames and packets refused because no dialect could read them. */
  badFrames: number;
  /** Redis messages that could not be delivered: no room, no event, a reserved or illegal name. */
  busMessagesRefused: number;
  /** Pushes and member events that did not reach Redis because it was not there. */
  busMessagesLost: number;
  /**
   * Broadcasts to other nodes that were lost because Redis was not there, or between workers because
   * too much was waiting already.
   */
  adapterMessagesLost: number;
  /** Adapter messages from Redis that were not understood. */
  adapterMessagesRefused: number;
  /** Messages about logs from Redis that were not understood. */
  logMessagesRefused: number;
  /** Messages of backends and server code that no log could take, and nobody got. */
  logMessagesLost: number;
  /** Times that Redis was lost. What others sent meanwhile may not have been heard. */
  redisLosses: number;
  /** How many of these no connection told of: Redis was silent. */
  redisSilences: number;
  /** Members who were told that they may have missed something. */
  membersInterrupted: number;
  /** What this node had to say of its members' presences, and could not, for the same reasons. */
  presenceMessagesLost: number;
  /** Messages about presence from Redis that were not understood: no node's, or no question. */
  presenceMessagesRefused: number;
  /** Messages about ColonyOS's records from Redis that were not understood. */
  recordMessagesRefused: number;
  /** Messages that a stranger sent on the channel by which this node finds out whether Redis is there. */
  canaryMessagesRefused: number;
}

/** All counters at zero. */
export function createCounters(): Counters {
  return {
    slowReadersClosed: 0,
    badFrames: 0,
    busMessagesRefused: 0,
    busMessagesLost: 0,
    adapterMessagesLost: 0,
    adapterMessagesRefused: 0,
    logMessagesRefused: 0,
    logMessagesLost: 0,
    redisLosses: 0,
    redisSilences: 0,
    membersInterrupted: 0,
    presenceMessagesLost: 0,
    presenceMessagesRefused: 0,
    recordMessagesRefused: 0,
    canaryMessagesRefused: 0,
  };
}
