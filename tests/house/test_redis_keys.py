"""Every Redis key comes from service/cache/keys.py."""

import ast
import re
from collections.abc import Iterator

import pytest

from service.cache.keys import NAMESPACE
from service.cache.scripts import CHANGED, KEEP, RETIRE
from tests.house.source import Module, imported_from, module_of, modules, place, texts

THE_ONE_PLACE = "service/cache/keys.py"
LIKE_A_KEY = re.compile(rf"^{NAMESPACE}\b|^[\w{{}}.-]+:[\w:{{}}.*-]*$")
TAKES_A_KEY_FIRST = {
    *("get", "getdel", "getex", "getrange", "set", "setex", "setnx", "psetex", "delete", "unlink", "exists"),
    *("expire", "pexpire", "ttl", "pttl", "incr", "incrby", "decr", "append", "type", "dump", "restore"),
    *("hget", "hset", "hgetall", "hdel", "hincrby", "hmget", "sadd", "srem", "smembers", "sismember"),
    *("zadd", "zrem", "zrange", "zincrby", "lpush", "rpush", "lpop", "rpop", "lrange", "xadd", "xrange"),
}


def home_made_keys(module: Module) -> Iterator[str]:
    """Find strings that look like keys, are put together like keys, or are handed to Redis as keys."""
    for text in texts(module):
        if LIKE_A_KEY.match(str(text.value)):
            yield place(module, text)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr) and any(
            isinstance(part, ast.Constant) and ":" in str(part.value) and " " not in str(part.value)
            for part in node.values
        ):
            yield place(module, node)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in TAKES_A_KEY_FIRST
            and node.args
            and is_put_together(node.args[0])
        ):
            yield place(module, node)


def is_put_together(key: ast.expr) -> bool:
    """Tell whether a key is written where it is used."""
    text = isinstance(key, ast.Constant) and isinstance(key.value, str | bytes)
    return text or isinstance(key, ast.JoinedStr | ast.BinOp)


def test_no_key_is_made_elsewhere() -> None:
    elsewhere = [module for module in modules("service/cache") if module.path != THE_ONE_PLACE]

    assert not [found for module in elsewhere for found in home_made_keys(module)]


def test_only_the_cache_speaks_to_redis() -> None:
    speakers = {
        module.path.split("/")[1] for module in modules("service") if "redis" in imported_from(module)
    }

    assert speakers <= {"cache", "local"}


@pytest.mark.parametrize("script", [KEEP, RETIRE, CHANGED])
def test_scripts_touch_only_the_keys_they_are_given(script: object) -> None:
    text = getattr(script, "text")  # noqa: B009
    touched = re.findall(r"redis\.p?call\('\w+', ([^,)]+)", text)

    assert touched
    assert all(re.fullmatch(r"KEYS\[\d\]", key) for key in touched)


@pytest.mark.parametrize(
    "line",
    [
        f"key = '{NAMESPACE}:rules:1'",
        "key = f'rules:{user}'",
        "key = 'rules:' + user",
        "client.get('rules')",
        "client.set('rules' + user, b'')",
        "client.delete(f'{user}')",
    ],
)
def test_a_home_made_key_would_be_found(line: str) -> None:
    assert list(home_made_keys(module_of(line)))


def test_docstrings_and_messages_are_no_keys() -> None:
    assert not list(
        home_made_keys(module_of('"""usc:rules:1"""\nlog(f"redis: {error} came back")\nask("get")'))
    )
