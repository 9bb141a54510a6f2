-- Take the oldest waiting frame of up to n cameras, in the order in which the cameras became ready.
-- KEYS: ready, busy, taken, deadlines, any mailbox (its name without the camera is the prefix)
-- ARGV: n, worker, deadline_ms, mailbox prefix
-- Gives: a list of {camera, entry}
local out = {}
local looked = redis.call("LLEN", KEYS[1])
while #out < tonumber(ARGV[1]) and looked > 0 do
  looked = looked - 1
  local camera = redis.call("LPOP", KEYS[1])
  if not camera then break end
  local entry = redis.call("LPOP", ARGV[4] .. camera)
  if entry then
    local head, attempts, tail = entry:match("^(%a|%d+|%d+|%d+|%d+|)(%d+)(|.*)$")
    entry = head .. (tonumber(attempts) + 1) .. tail
    redis.call("HSET", KEYS[3], camera, ARGV[2] .. "\n" .. entry)
    redis.call("ZADD", KEYS[4], ARGV[3], camera)
    out[#out + 1] = {camera, entry}
  else
    redis.call("SREM", KEYS[2], camera)
  end
end
return out
