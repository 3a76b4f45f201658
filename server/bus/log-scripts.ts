import { NOW } from "./server-time.ts";

/** Where a room's log is in Redis. */
export interface LogKeys {
  /** A stream whose ids are the offsets. */
  readonly stream: string;
  /** A hash: epoch, newest offset, bytes of payloads; `ends` where the log is to be dropped. */
  readonly state: string;
  /** A sorted set of the numbers that senders gave their messages, by offset. */
  readonly numbers: string;
}

/** The node that logs what all nodes get. */
export const LEASE_KEY = "commonroom:log:logger";
/** Channel on which that goes from one node to another. An empty word: it was given up. */
export const LEASE_CHANNEL = "commonroom:log-lease";
/** Family of the channels on which nodes hear what was logged. */
export const LOG_CHANNEL = "commonroom:log";

/** Channel on which the nodes that have members of a room hear what was logged. */
export function logChannel(room: string): string {
  return `${LOG_CHANNEL}:${room}`;
}

/** The keys of a room's log. On a cluster they have one slot, whatever the room's name is. */
export function logKeys(room: string): LogKeys {
  const log = `commonroom:{log:${room}}`;
  return { stream: `${log}:stream`, state: `${log}:state`, numbers: `${log}:numbers` };
}

/** Drops entries from the front of the stream: `drop(most, maxBytes, oldestMs, least)`. */
const DROP = `
local function drop(most, maxBytes, oldestMs, least)
  local count = redis.call('XLEN', KEYS[1])
  local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes'))
  local dropped = 0
  while count > least do
    local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
    local fields = first[2]
    if count <= most and bytes <= maxBytes and tonumber(fields[6]) > oldestMs then break end
    redis.call('XDEL', KEYS[1], first[1])
    bytes = redis.call('HINCRBY', KEYS[2], 'bytes', -tonumber(fields[8]))
    count = count - 1
    dropped = tonumber(string.match(first[1], '^%d+'))
  end
  if dropped > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', dropped) end
end
`;

/** Begins a log where there is none: `begin(epoch)` gives the epoch that counts. */
const BEGIN = `
local function begin(epoch)
  local known = redis.call('HGET', KEYS[2], 'epoch')
  if known then return known end
  redis.call('DEL', KEYS[1], KEYS[3])
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'offset', 0, 'bytes', 0)
  return epoch
end
`;

/** `isEnding()` tells whether the log is to be dropped, so that nothing may lengthen its life. */
const IS_ENDING = `
local function isEnding()
  return redis.call('HEXISTS', KEYS[2], 'ends') == 1
end
`;

/**
 * Appends and publishes. Gives `{1, offset, epoch, isRepeated}`, `{0}` if the caller's
 * lease is over, or `{2}` if the log is full and refuses. A state without a life was
 * begun in this step.
 *
 * KEYS: stream, state, numbers. ARGV: epoch if the log begins, size, ttl in ms, most bytes, time in
 * ms, the sender's number or nothing, end of the lease or nothing, head, payload, room as JSON,
 * channel, life of the state in ms, 1 for a log that refuses when it is full, the word that seals the
 * entry's place.
 */
export const APPEND_SCRIPT = `${DROP}${BEGIN}${IS_ENDING}${NOW}
if ARGV[7] ~= '' and now() >= tonumber(ARGV[7]) then return {0} end
local epoch = begin(ARGV[1])
if ARGV[6] ~= '' then
  local known = redis.call('ZSCORE', KEYS[3], ARGV[6])
  if known then return {1, tonumber(known), epoch, 1} end
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[2], 'bytes', 0) end
if ARGV[13] == '1' then
  local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes')) + #ARGV[9]
  if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) or bytes > tonumber(ARGV[4]) then
    if redis.call('PTTL', KEYS[2]) == -1 then redis.call('DEL', KEYS[2]) end
    return {2}
  end
end
local offset = redis.call('HINCRBY', KEYS[2], 'offset', 1)
redis.call('HINCRBY', KEYS[2], 'bytes', #ARGV[9])
redis.call('XADD', KEYS[1], offset .. '-0', 'h', ARGV[8], 'p', ARGV[9], 't', ARGV[5], 'b', #ARGV[9])
if ARGV[6] ~= '' then redis.call('ZADD', KEYS[3], offset, ARGV[6]) end
if ARGV[13] ~= '1' then
  drop(tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5]) - tonumber(ARGV[3]), 1)
end
local life = tonumber(ARGV[3])
if isEnding() then
  life = math.min(life, redis.call('PTTL', KEYS[2]))
else
  redis.call('PEXPIRE', KEYS[2], ARGV[12])
end
redis.call('PEXPIRE', KEYS[1], life)
redis.call('PEXPIRE', KEYS[3], life)
local said = '{"room":' .. ARGV[10] .. ',"epoch":"' .. epoch .. '","offset":' .. offset
said = said .. ',"atMs":' .. ARGV[5] .. ',"head":' .. ARGV[8]
local seal = redis.sha1hex(ARGV[14] .. '\\n' .. epoch .. '\\n' .. offset .. '\\n' .. ARGV[5])
redis.call('PUBLISH', ARGV[11], said .. ',"seal":"' .. seal .. '"}\\n' .. ARGV[9])
return {1, offset, epoch, 0}
`;

/**
 * Reads. Gives `{epoch, offset, first, entries}`.
 *
 * KEYS: stream, state, numbers. ARGV: epoch if the log begins, or nothing to leave it; offset after
 * which entries are wanted, or nothing; most entries; time in ms, ttl of each entry in ms, life of
 * the state in ms.
 */
export const READ_SCRIPT = `${DROP}${BEGIN}${IS_ENDING}
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if ARGV[1] ~= '' then
  epoch = begin(ARGV[1])
  if not isEnding() then redis.call('PEXPIRE', KEYS[2], ARGV[6]) end
end
if not epoch then return {'', 0, 1, {}} end
drop(math.huge, math.huge, tonumber(ARGV[4]) - tonumber(ARGV[5]), 0)
local offset = tonumber(redis.call('HGET', KEYS[2], 'offset'))
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local first = offset + 1
if oldest then first = tonumber(string.match(oldest[1], '^%d+')) end
if ARGV[2] == '' or tonumber(ARGV[2]) >= offset then return {epoch, offset, first, {}} end
local from = string.format('%.0f', tonumber(ARGV[2]) + 1)
return {epoch, offset, first, redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', ARGV[3])}
`;

/** Keeps the state of a log that is not to be dropped. KEYS: stream, state. ARGV: its life in ms. */
export const KEEP_SCRIPT = `${IS_ENDING}
if not isEnding() then redis.call('PEXPIRE', KEYS[2], ARGV[1]) end
return 1
`;

/**
 * Drops a log after a time, unless it is to be dropped earlier. KEYS: stream, state, numbers. ARGV:
 * the time in ms.
 */
export const FORGET_SCRIPT = `${IS_ENDING}
local life = tonumber(ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if isEnding() and redis.call('PTTL', KEYS[2]) <= life then return 0 end
redis.call('HSET', KEYS[2], 'ends', 1)
redis.call('PEXPIRE', KEYS[2], life)
for _, key in ipairs({KEYS[1], KEYS[3]}) do
  if redis.call('PTTL', key) > life then redis.call('PEXPIRE', key, life) end
end
return 1
`;

/**
 * Takes the lease if nobody has it, and keeps it. Gives until when it counts, in ms by the server's
 * clock, or 0 if another has it. It can be taken by others a little later than that: in a cluster
 * another server's clock may be slow.
 *
 * KEYS: lease. ARGV: holder, life in ms, how much earlier it ends for the holder in ms.
 */
export const LEASE_SCRIPT = `${NOW}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return now() + ARGV[2] - ARGV[3]
`;

/**
 * Gives the lease up, to a successor if there is one, and says so. KEYS: lease. ARGV: holder,
 * channel, successor or nothing, life of its lease in ms, the word.
 */
export const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  if ARGV[3] == '' then
    redis.call('DEL', KEYS[1])
  else
    redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
  end
  redis.call('PUBLISH', ARGV[2], ARGV[5])
end
return 1
`;
