"""The scripts: two that write feed rules, the only ones who do, one that reads them, and one that counts.

Versions are compared byte by byte: Lua's numbers are doubles, exact to 2^53 only, and its strings compare by the
server's locale. Offsets are those of ``rules_codec``: the version is bytes 2 to 17 of an entry.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import redis
from redis.exceptions import NoScriptError

_IS_NEWER: Final = """
local function is_newer(one, other)
  for place = 1, 16 do
    local mine, theirs = one:byte(place), other:byte(place)
    if mine ~= theirs then return mine > theirs end
  end
  return false
end
local standing = redis.call('GETRANGE', KEYS[1], 2, 17)
"""


class Script:
    """A script that the server runs as one step; sent whole only where it is not known yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: redis.Redis, keys: Sequence[str], args: Sequence[bytes | str | int]) -> Any:
        """Run once; in one round trip, or two after the server forgot its scripts."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return client.eval(self.text, len(keys), *keys, *args)

    def run_all(
        self, client: redis.Redis, calls: Sequence[tuple[Sequence[str], Sequence[bytes | str | int]]]
    ) -> None:
        """Run many times in one round trip; raise the first error. Only for what may be repeated."""
        answers = self._sent(client, calls)
        if any(isinstance(answer, NoScriptError) for answer in answers):
            client.script_load(self.text)
            answers = self._sent(client, calls)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer

    def _sent(
        self, client: redis.Redis, calls: Sequence[tuple[Sequence[str], Sequence[bytes | str | int]]]
    ) -> list[Any]:
        with client.pipeline(transaction=False) as pipeline:
            for keys, args in calls:
                pipeline.evalsha(self.sha, len(keys), *keys, *args)
            return pipeline.execute(raise_on_error=False)


KEEP: Final = Script(
    _IS_NEWER
    + """
-- KEYS: rules, lease. ARGV: lease, entry, its version, milliseconds to live. 1: kept.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if #standing == 16 and is_newer(standing, ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
return 1
"""
)
"""Keeps rules if the lease is still theirs and nothing newer stands; what is as new may be replaced, being as good
or broken. A tombstone of the same version asks for exactly these rules."""

RETIRE: Final = Script(
    _IS_NEWER
    + """
-- KEYS: rules, lease. ARGV: tombstone, its version, milliseconds to live. 1: retired.
redis.call('DEL', KEYS[2])
if #standing == 16 and not is_newer(ARGV[2], standing) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
"""
)
"""Puts a tombstone in the place of anything older and takes the lease away; what is as new or newer stays."""

CHANGED: Final = Script(
    """
-- KEYS: rules. ARGV: the head of an entry.
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) == ARGV[1] then return ARGV[1] end
return redis.call('GET', KEYS[1])
"""
)
"""Returns an entry, or only its head where that is the head that the asker knows."""

ADD_TALLIES: Final = Script(
    """
-- KEYS: a minute, the set of minutes. ARGV: the minute, seconds to live, then fields and numbers in turn.
for place = 3, #ARGV, 2 do
  if ARGV[place]:sub(1, 2) == 'p|' then redis.call('HSET', KEYS[1], ARGV[place], 1)
  else redis.call('HINCRBY', KEYS[1], ARGV[place], ARGV[place + 1]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
"""
)
"""Adds occurrences to a minute, and people once."""

TAKE_TALLIES: Final = Script(
    """
-- KEYS: a minute, the same under the name of who takes it, the set. ARGV: both names. 1: taken.
redis.call('SREM', KEYS[3], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('SADD', KEYS[3], ARGV[2])
return 1
"""
)
"""Renames a minute, so that one taker has it and whatever is added later makes a new one."""

SPEND: Final = Script(
    """
-- KEYS: bucket. ARGV: how much it holds, milliseconds in which it fills. Milliseconds to wait; 0: spent.
local size, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1] or size), tonumber(kept[2] or now)
left = math.min(size, left + math.max(0, now - at) * size / period)
if left < 1 then return math.max(1, math.ceil((1 - left) * period / size)) end
redis.call('HSET', KEYS[1], 'left', left - 1, 'at', now)
redis.call('PEXPIRE', KEYS[1], period)
return 0
"""
)
"""Takes one from a bucket that fills steadily, by the clock of the server, which all processes share."""
