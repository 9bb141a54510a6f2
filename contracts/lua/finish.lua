-- Publish what came of a taken frame, and make its camera ready again: both or neither.
-- KEYS: taken, deadlines, mailbox, busy, ready, bell, answers
-- ARGV: camera, worker, epoch, seq, message, maxlen
-- Gives: 1, or 0 where the frame is no longer this worker's (reclaimed, or Redis was emptied)
local held = redis.call("HGET", KEYS[1], ARGV[1])
if not held then return 0 end
local worker, epoch, seq = held:match("^([^\n]*)\n%a|(%d+)|(%d+)|")
if worker ~= ARGV[2] or epoch ~= ARGV[3] or seq ~= ARGV[4] then return 0 end
redis.call("XADD", KEYS[7], "MAXLEN", "~", ARGV[6], "*", "m", ARGV[5])
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
if redis.call("LLEN", KEYS[3]) > 0 then
  redis.call("RPUSH", KEYS[5], ARGV[1])
  if redis.call("LLEN", KEYS[6]) == 0 then redis.call("LPUSH", KEYS[6], "1") end
else
  redis.call("SREM", KEYS[4], ARGV[1])
end
return 1
