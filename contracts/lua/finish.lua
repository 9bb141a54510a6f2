-- Publish what came of a taken frame, and make its camera ready again: both or neither.
-- KEYS: taken, deadlines, mailbox, busy, ready, bell, answers, recent
-- ARGV: camera, worker, epoch, seq, message, maxlen, how many frames to remember (0: not this one), ttl_ms
-- Gives: 1, or 0 where the frame is no longer this worker's (reclaimed, or Redis was emptied)
local held = redis.call("HGET", KEYS[1], ARGV[1])
if not held then return 0 end
local worker, epoch, seq = held:match("^([^\n]*)\n%a|(%d+)|(%d+)|")
if worker ~= ARGV[2] or epoch ~= ARGV[3] or seq ~= ARGV[4] then return 0 end
redis.call("XADD", KEYS[7], "MAXLEN", "~", ARGV[6], "*", "m", ARGV[5])
if tonumber(ARGV[7]) > 0 then
  local header_at = held:find("\n", 1, true)
  redis.call("RPUSH", KEYS[8], held:sub(held:find("\n", header_at + 1, true) + 1))
  redis.call("LTRIM", KEYS[8], -tonumber(ARGV[7]), -1)
  redis.call("PEXPIRE", KEYS[8], ARGV[8])
end
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
if redis.call("LLEN", KEYS[3]) > 0 then
  redis.call("RPUSH", KEYS[5], ARGV[1])
  if redis.call("LLEN", KEYS[6]) == 0 then redis.call("LPUSH", KEYS[6], "1") end
else
  redis.call("SREM", KEYS[4], ARGV[1])
end
return 1
