"""What is committed belongs to no machine and no registry, and is made to be read."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import PROJECT

LARGEST_BYTES = 1_000_000
OF_A_MACHINE = re.compile(r"(?<![\w.$}>)~-])/(?:home|Users|root|work|farm|mnt)/\w")
OF_A_REGISTRY = re.compile(
    r"\b(?:pypi|python(?:hosted)|npmjs|ghcr|quay|docker|crates|rubygems)\.(?:org|com|io)\b|--(?:extra-)?index-url"
)


def tracked() -> list[Path]:
    """Return every file that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return [
        PROJECT / name for name in listed.stdout.decode().split("\0") if name and (PROJECT / name).is_file()
    ]


def foreign(text: str) -> list[str]:
    """Find paths of a machine and names of registries."""
    return [found[0] for pattern in (OF_A_MACHINE, OF_A_REGISTRY) for found in pattern.finditer(text)]


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    here = Path(__file__).resolve()
    found = {
        str(path): foreign(path.read_text(encoding="utf-8")) for path in tracked() if path.resolve() != here
    }

    assert {path: names for path, names in found.items() if names} == {}


def test_every_file_is_text_of_a_readable_size() -> None:
    large_or_binary = [
        str(path) for path in tracked() if path.stat().st_size > LARGEST_BYTES or b"\0" in path.read_bytes()
    ]

    assert large_or_binary == []


@pytest.mark.parametrize(
    "text", ["see /home/me/notes", "'/root/x'", "https://pypi" + ".org/simple", "--index-url x"]
)
def test_what_does_not_belong_would_be_found(text: str) -> None:
    assert foreign(text)


@pytest.mark.parametrize(
    "text", ["/v1/me/blocks", "$HOME/work/x", "./home/page", "docs/root/index", "https://a.example/home/x"]
)
def test_addresses_of_our_own_are_fine(text: str) -> None:
    assert not foreign(text)
