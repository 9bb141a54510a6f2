-- Give back the frames of workers that are gone: past their deadline, or all of one worker's name.
-- KEYS: taken, deadlines, ready, bell, any mailbox
-- ARGV: now_ms, worker ("" for none), mailbox prefix
-- Gives: the cameras whose frame waits again
local back = {}
local function give_back(camera)
  local held = redis.call("HGET", KEYS[1], camera)
  if held then
    redis.call("LPUSH", ARGV[3] .. camera, held:sub(held:find("\n", 1, true) + 1))
    redis.call("RPUSH", KEYS[3], camera)
    redis.call("HDEL", KEYS[1], camera)
    back[#back + 1] = camera
  end
  redis.call("ZREM", KEYS[2], camera)
end
for _, camera in ipairs(redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", ARGV[1])) do give_back(camera) end
if ARGV[2] ~= "" then
  local all = redis.call("HGETALL", KEYS[1])
  for i = 1, #all, 2 do
    if all[i + 1]:match("^[^\n]*") == ARGV[2] then give_back(all[i]) end
  end
end
if #back > 0 and redis.call("LLEN", KEYS[4]) == 0 then redis.call("LPUSH", KEYS[4], "1") end
return back
