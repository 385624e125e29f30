"""The embedded Valkey: ours alone, and empty after every start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from service.local.binaries import find_valkey, valkey_of_wheel
from service.local.valkey import EmbeddedValkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server in a folder with a space in its path."""
    folder = tmp_path / 'a "folder"'
    folder.mkdir()
    valkey = EmbeddedValkey(folder, password="secret", log=folder / "log")
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_server_that_starts_again_has_its_port_and_no_old_keys(valkey: EmbeddedValkey, ending: str) -> None:
    port = valkey.port
    with redis.Redis.from_url(valkey.url()) as client:
        client.set("old", "rules")

    getattr(valkey, ending)()
    valkey.start()

    assert valkey.port == port
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.dbsize() == 0


def test_nobody_gets_in_without_the_password(valkey: EmbeddedValkey) -> None:
    with (
        redis.Redis.from_url(valkey.url().replace("secret", "guess")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_its_settings_are_for_our_eyes_only(valkey: EmbeddedValkey) -> None:
    assert (valkey.folder / "valkey.conf").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_the_machines_own_server_will_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_wheel = valkey_of_wheel()
    assert of_wheel
    (tmp_path / name).symlink_to(of_wheel)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("service.local.binaries.valkey_of_wheel", lambda: None)

    assert find_valkey() == tmp_path / name
