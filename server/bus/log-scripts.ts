/** Where a room's log is in Redis. */
export interface LogKeys {
  /** A stream whose ids are the offsets. */
  readonly stream: string;
  /** A hash: epoch, newest offset, bytes of payloads. */
  readonly state: string;
  /** A sorted set of the numbers that senders gave their messages, by offset. */
  readonly numbers: string;
}

/** The node that logs what all nodes get. */
export const LEASE_KEY = "commonroom:log:logger";
/** Channel on which every node hears what was logged. */
export const LOG_CHANNEL = "commonroom:log";

/** The keys of a room's log. */
export function logKeys(room: string): LogKeys {
  return {
    stream: `commonroom:log:stream:${room}`,
    state: `commonroom:log:state:${room}`,
    numbers: `commonroom:log:numbers:${room}`,
  };
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

/**
 * Appends and publishes. Gives `{1, offset, epoch, isRepeated}`, or `{0}` if the caller has not the
 * lease that it says it has.
 *
 * KEYS: stream, state, numbers, lease. ARGV: epoch if the log begins, size, ttl in ms, most bytes,
 * time in ms, the sender's number or nothing, holder of the lease or nothing, head, payload, room as
 * JSON, channel, life of the state in ms.
 */
export const APPEND_SCRIPT = `${DROP}${BEGIN}
if ARGV[7] ~= '' and redis.call('GET', KEYS[4]) ~= ARGV[7] then return {0} end
local epoch = begin(ARGV[1])
if ARGV[6] ~= '' then
  local known = redis.call('ZSCORE', KEYS[3], ARGV[6])
  if known then return {1, tonumber(known), epoch, 1} end
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[2], 'bytes', 0) end
local offset = redis.call('HINCRBY', KEYS[2], 'offset', 1)
redis.call('HINCRBY', KEYS[2], 'bytes', #ARGV[9])
redis.call('XADD', KEYS[1], offset .. '-0', 'h', ARGV[8], 'p', ARGV[9], 't', ARGV[5], 'b', #ARGV[9])
if ARGV[6] ~= '' then redis.call('ZADD', KEYS[3], offset, ARGV[6]) end
drop(tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5]) - tonumber(ARGV[3]), 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[12])
local said = '{"room":' .. ARGV[10] .. ',"epoch":"' .. epoch .. '","offset":' .. offset
redis.call('PUBLISH', ARGV[11], said .. ',"atMs":' .. ARGV[5] .. ',"head":' .. ARGV[8] .. '}\\n' .. ARGV[9])
return {1, offset, epoch, 0}
`;

/**
 * Reads. Gives `{epoch, offset, first, entries}`.
 *
 * KEYS: stream, state, numbers. ARGV: epoch if the log begins, or nothing to leave it; offset after
 * which entries are wanted, or nothing; most entries; time in ms, ttl in ms, life of the state in ms.
 */
export const READ_SCRIPT = `${DROP}${BEGIN}
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if ARGV[1] ~= '' then
  epoch = begin(ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
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

/** Takes the lease if nobody has it, and keeps it. KEYS: lease. ARGV: holder, life in ms. */
export const LEASE_SCRIPT = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** Gives the lease up. KEYS: lease. ARGV: holder. */
export const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`;
