-- Own a camera, or go on owning it.
-- KEYS: lease, epoch   ARGV: worker, ttl_ms, now_ms, floor, "new" or the epoch held
-- Gives: the epoch, or 0 where another worker owns the camera
local owner = redis.call("GET", KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
local current = tonumber(redis.call("GET", KEYS[2]) or "0")
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
if ARGV[5] ~= "new" and tonumber(ARGV[5]) >= current then
  redis.call("SET", KEYS[2], ARGV[5])
  return tonumber(ARGV[5])
end
if ARGV[5] ~= "new" then redis.call("DEL", KEYS[1]); return 0 end
local epoch = math.max(current + 1, tonumber(ARGV[3]), tonumber(ARGV[4]) + 1)
redis.call("SET", KEYS[2], string.format("%.0f", epoch))
return epoch
