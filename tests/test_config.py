"""An environment that makes no sense ends the process with a sentence, before anything is served."""

from pathlib import Path

import pytest

from service.app import keys_at
from service.config import Misconfigured, read_config, whole_number

COMPLETE = {
    "DATABASE_URL": "postgresql://somebody:secret@db/settings",
    "REDIS_URL": "redis://cache",
    "AUTH_JWKS": "keys.json",
    "AUTH_ISSUER": "https://id.example",
    "AUTH_AUDIENCE": "safety-controls",
    "CONSISTENCY_KEY": "01" * 32,
}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("DATABASE_URL", "mysql://somebody:secret@db/settings"),
        ("DATABASE_URL", "secret"),
        ("DATABASE_URL", "postgresql://somebody:secret@db:secret/settings"),
        ("REDIS_URL", "secret:6379"),
        ("REDIS_URL", "redis://:secret@cache:65536"),
        ("REDIS_URL", "redis://[secret:6379"),
        ("AUTH_ISSUER", ""),
        ("CONSISTENCY_KEY", "00" * 32),
        ("CONSISTENCY_KEY", "secret"),
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "loud"),
        ("PANEL_PER_MILLION", "1000001"),
        ("WRITES_PER_MINUTE", "0"),
        ("WRITES_PER_MINUTE", "many"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_and_not_quoted(name: str, written: str) -> None:
    with pytest.raises(Misconfigured, match=name) as refusal:
        read_config({**COMPLETE, name: written})

    assert "secret" not in str(refusal.value)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("02" * 32 + "\n")
    given = {**COMPLETE, "CONSISTENCY_KEY": "", "CONSISTENCY_KEY_FILE": str(tmp_path / "key")}

    assert read_config(given).consistency_key == b"\2" * 32

    with pytest.raises(Misconfigured, match="CONSISTENCY_KEY_FILE"):
        read_config({**given, "CONSISTENCY_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://somebody:with/sl#sh:es?@[::1]:5432/settings",
        "postgresql:///settings?host=/run/postgresql",
        "postgresql://db/settings?host=one:5432&host=two:5432",
    ],
)
def test_an_address_is_taken_however_it_is_written(address: str) -> None:
    assert read_config({**COMPLETE, "DATABASE_URL": address}).database_url == address


def test_what_is_empty_is_as_it_is_by_default() -> None:
    empty = dict.fromkeys(("LOG_LEVEL", "PANEL_PER_MILLION", "WRITES_PER_MINUTE"), "")

    assert read_config({**COMPLETE, **empty}) == read_config(COMPLETE)


@pytest.mark.parametrize("written", ["0", "-1", "4.5", "four", "65536"])
def test_a_number_beyond_its_bounds_is_refused(written: str) -> None:
    with pytest.raises(Misconfigured, match="PORT is a whole number from 1 to 65535"):
        whole_number({"PORT": written}, "PORT", 8000, most=65_535)


def test_a_service_without_keys_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="AUTH_JWKS"):
        keys_at(read_config({**COMPLETE, "AUTH_JWKS": str(tmp_path / "none.json")}))
