-- Put one frame into a camera's mailbox, and the camera into the ready queue.
-- KEYS: epoch, mailbox, busy, ready, bell
-- ARGV: camera, epoch, kind, seq, same_as, captured_ms, capacity, payload, deadline_ms by the server's own clock
-- Gives: {"late", now_ms}, {"fenced", now_ms} or {"put", now_ms, keyframes evicted, unchanged evicted}
local time = redis.call("TIME")
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
-- Whoever sent it has given it up and counted it: a server that was stopped finds such frames in its sockets.
if now_ms > tonumber(ARGV[9]) then return {"late", now_ms} end

local current = tonumber(redis.call("GET", KEYS[1]) or "0")
local epoch = tonumber(ARGV[2])
if epoch < current then return {"fenced", now_ms} end
if epoch > current then redis.call("SET", KEYS[1], ARGV[2]) end

local function header(kind, seq, same_as, count, attempts, captured_ms, since_ms)
  return table.concat({kind, ARGV[2], seq, same_as, count, attempts, captured_ms, since_ms}, "|") .. "\n"
end

local merged = false
if ARGV[3] == "U" then
  local tail = redis.call("LINDEX", KEYS[2], -1)
  if tail then
    local kind, ep, _, same, count, _, _, since = tail:match("^(%a)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)\n")
    if kind == "U" and ep == ARGV[2] and same == ARGV[5] then
      redis.call("LSET", KEYS[2], -1, header("U", ARGV[4], same, tonumber(count) + 1, 0, ARGV[6], since))
      merged = true
    end
  end
end

local keyframes, unchanged = 0, 0
if not merged then
  redis.call("RPUSH", KEYS[2], header(ARGV[3], ARGV[4], ARGV[5], 1, 0, ARGV[6], ARGV[6]) .. ARGV[8])
  while redis.call("LLEN", KEYS[2]) > tonumber(ARGV[7]) do
    local old = redis.call("LPOP", KEYS[2])
    local kind, count = old:match("^(%a)|%d+|%d+|%d+|(%d+)|")
    if kind == "K" then keyframes = keyframes + 1 else unchanged = unchanged + tonumber(count) end
  end
end

if redis.call("SADD", KEYS[3], ARGV[1]) == 1 then
  redis.call("RPUSH", KEYS[4], ARGV[1])
  if redis.call("LLEN", KEYS[5]) == 0 then redis.call("LPUSH", KEYS[5], "1") end
end
return {"put", now_ms, keyframes, unchanged}
