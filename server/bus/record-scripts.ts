import { NOW } from "./server-time.ts";

/** Channel on which every node hears of changed records. */
export const RECORDS_CHANNEL = "commonroom:records";

/**
 * Where records are in Redis: in hashes with `text`, `version` and `in:<index>` for each place. The
 * scripts combine records and indexes, so that on a cluster all have one slot.
 */
const RECORD = "commonroom:{records}:record:";
/** Sorted sets: keys of records by their scores. */
const INDEX = "commonroom:{records}:index:";
/** Sorted sets beside them: keys of records by the time at which their life ends, in ms. */
const ENDS = "commonroom:{records}:index-ends:";

/** The key of a record's hash. */
export function recordKey(key: string): string {
  return RECORD + key;
}

/** The keys of an index: its own, and the one that tells whose life ends when. */
export function indexKeys(index: string): readonly [string, string] {
  return [INDEX + index, ENDS + index];
}

/** Takes a record out of its indexes: `leave(key)`. */
const LEAVE = `
local function leave(key)
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 3) == 'in:' then
      local index = string.sub(field, 4)
      redis.call('ZREM', '${INDEX}' .. index, key)
      redis.call('ZREM', '${ENDS}' .. index, key)
    end
  end
end
`;

/** Drops from an index the records whose life is over. KEYS: index, ends. */
const EXPIRE = `${NOW}
local atMs = now()
local over
repeat
  over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', atMs, 'LIMIT', 0, 1000)
  if #over > 0 then
    redis.call('ZREM', KEYS[1], unpack(over))
    redis.call('ZREM', KEYS[2], unpack(over))
  end
until #over == 0
`;

/**
 * Changes a record and publishes that. Gives 1, or 0 if the record is at another version. An index
 * lives as long as the longest life in it, so that nothing is left of one that nobody looks at.
 *
 * KEYS: record. ARGV: key, version that is changed, text, life in ms or nothing, what is said before the text,
 * channel, then the places: index, score.
 */
export const WRITE_RECORD_SCRIPT = `${LEAVE}${NOW}
local key, version, life = ARGV[1], ARGV[2], tonumber(ARGV[4])
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= version then return 0 end
leave(key)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'text', ARGV[3], 'version', version + 1)
for place = 7, #ARGV, 2 do
  local index, ends = '${INDEX}' .. ARGV[place], '${ENDS}' .. ARGV[place]
  local indexLife = redis.call('PTTL', index)
  redis.call('HSET', KEYS[1], 'in:' .. ARGV[place], ARGV[place + 1])
  redis.call('ZADD', index, ARGV[place + 1], key)
  if life then
    redis.call('ZADD', ends, now() + life, key)
    if indexLife ~= -1 and indexLife < life then
      redis.call('PEXPIRE', index, life)
      redis.call('PEXPIRE', ends, life)
    end
  else
    redis.call('ZREM', ends, key)
    redis.call('PERSIST', index)
    redis.call('PERSIST', ends)
  end
end
if life then redis.call('PEXPIRE', KEYS[1], life) end
redis.call('PUBLISH', ARGV[6], ARGV[5] .. ARGV[3])
return 1
`;

/**
 * Removes a record and publishes that. Gives 1, or 0 if the record is at another version.
 *
 * KEYS: record. ARGV: key, version, what is said, channel.
 */
export const REMOVE_RECORD_SCRIPT = `${LEAVE}
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
leave(ARGV[1])
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[4], ARGV[3])
return 1
`;

/**
 * Lists an index. Gives key, text and version of each record, one after the other.
 *
 * KEYS: index, ends. ARGV: name of the index, highest score, most records or -1, 1 for the highest
 * scores first.
 */
export const LIST_RECORDS_SCRIPT = `${EXPIRE}
local limit = tonumber(ARGV[3])
if limit < 0 then limit = math.huge end
local listed, kept = {}, 0
while kept < limit do
  local count = math.min(limit - kept, 1000)
  local keys
  if ARGV[4] == '1' then
    keys = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'LIMIT', kept, count)
  else
    keys = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', kept, count)
  end
  if #keys == 0 then break end
  for _, key in ipairs(keys) do
    local record = redis.call('HMGET', '${RECORD}' .. key, 'text', 'version', 'in:' .. ARGV[1])
    if record[3] then
      kept = kept + 1
      listed[#listed + 1] = key
      listed[#listed + 1] = record[1]
      listed[#listed + 1] = record[2]
    else
      redis.call('ZREM', KEYS[1], key)
      redis.call('ZREM', KEYS[2], key)
    end
  end
end
return listed
`;

/** Counts an index. KEYS: index, ends. */
export const COUNT_RECORDS_SCRIPT = `${EXPIRE}
return redis.call('ZCARD', KEYS[1])
`;
