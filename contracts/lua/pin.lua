-- Keep a picture for a while, within bounds: the oldest go first.
-- KEYS: index (sorted set: sha -> ms), bytes (hash: sha -> size, "" -> sum), any pin
-- ARGV: sha, picture, now_ms, ttl_ms, max_bytes, pin prefix
-- Gives: how many younger-than-ttl pins had to go
local sum = tonumber(redis.call("HGET", KEYS[2], "") or "0")
local function drop(sha)
  sum = sum - tonumber(redis.call("HGET", KEYS[2], sha) or "0")
  redis.call("DEL", ARGV[6] .. sha)
  redis.call("HDEL", KEYS[2], sha)
  redis.call("ZREM", KEYS[1], sha)
end
for _, sha in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", tonumber(ARGV[3]) - tonumber(ARGV[4]))) do drop(sha) end
if redis.call("ZSCORE", KEYS[1], ARGV[1]) then
  redis.call("ZADD", KEYS[1], ARGV[3], ARGV[1])
  redis.call("HSET", KEYS[2], "", sum)
  return 0
end
local evicted = 0
while sum + #ARGV[2] > tonumber(ARGV[5]) do
  local oldest = redis.call("ZRANGE", KEYS[1], 0, 0)[1]
  if not oldest then break end
  drop(oldest)
  evicted = evicted + 1
end
redis.call("SET", ARGV[6] .. ARGV[1], ARGV[2])
redis.call("ZADD", KEYS[1], ARGV[3], ARGV[1])
redis.call("HSET", KEYS[2], ARGV[1], #ARGV[2], "", sum + #ARGV[2])
return evicted
