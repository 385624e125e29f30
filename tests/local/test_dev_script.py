"""The first line a newcomer types: it finds Python, makes the environment once, and hands over."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import PROJECT

NEEDED = ("sh", "cat", "cksum", "dirname", "readlink", "rm")
PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"
HANDED_OVER = '#!/bin/sh\necho "$PYTHONPATH" "$@"\n'
INSTALLS = f"""#!/bin/sh
if [ "$1" = venv ]; then
    for venv; do :; done
    mkdir -p "$venv/bin"
    printf '%s' '{HANDED_OVER}' >"$venv/bin/python"
    chmod +x "$venv/bin/python"
fi
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what ./dev reads, in a path with a space, with nothing to install."""
    project = tmp_path / "a project"
    (project / "service" / "local").mkdir(parents=True)
    shutil.copy2(PROJECT / "dev", project)
    shutil.copy2(PROJECT / "service" / "local" / "environment.py", project / "service" / "local")
    (project / "requirements.lock").write_text("# nothing\n")
    return project


def run_dev(
    script: Path, *words: str, folder: Path | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path or PATH}
    return subprocess.run(
        [script, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder or script.parent,
    )


def stamp_of(project: Path) -> str:
    lock = (project / "requirements.lock").read_bytes()
    checksum = subprocess.run(["cksum"], input=lock, capture_output=True, check=True).stdout.decode().strip()
    return f"{checksum} {project}"


def make_environment(venv: Path, stamp: str) -> None:
    """Put something in place of an environment that says how it was called."""
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text(HANDED_OVER)
    (venv / "bin" / "python").chmod(0o755)
    (venv / ".made-from").write_text(stamp)


def installer(folder: Path, program: str) -> Path:
    """Put something in place of uv, which downloads nothing; give the folder to put on PATH."""
    tools = folder / "installer"
    tools.mkdir(exist_ok=True)
    (tools / "uv").write_text(program)
    (tools / "uv").chmod(0o755)
    return tools


def test_a_ready_environment_is_used_as_it_is_from_anywhere(project: Path, tmp_path: Path) -> None:
    make_environment(project / ".venv", stamp_of(project))
    (tmp_path / "first link").symlink_to(project / "dev")
    (tmp_path / "second link").symlink_to("first link")

    answer = run_dev(tmp_path / "second link", "token", "--user", "a b", folder=Path("/"))

    assert (answer.stdout, answer.stderr) == (f"{project} -P -m service.local token --user a b\n", "")


def test_no_python_that_is_new_enough_is_a_sentence(project: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in NEEDED:
        (tools / name).symlink_to(shutil.which(name) or name)
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)

    answer = run_dev(project / "dev", path=str(tools))

    assert answer.returncode == 1
    assert answer.stderr == "./dev needs Python 3.11 or newer on PATH; there is none.\n"


@pytest.mark.parametrize("stamp", ["", "1 2 /elsewhere"])
def test_somebodys_own_environment_is_left_alone_and_mentioned(
    project: Path, tmp_path: Path, stamp: str
) -> None:
    make_environment(tmp_path / "own", stamp)
    (project / ".venv").symlink_to(tmp_path / "own")

    answer = run_dev(project / "dev")

    assert answer.returncode == 1
    assert ".venv is a link to an environment that is not known to match requirements.lock" in answer.stderr
    assert (tmp_path / "own" / ".made-from").read_text() == stamp


def test_somebodys_own_environment_is_used_if_it_matches_the_lock(project: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "own", stamp_of(project).replace(str(project), ""))
    (project / ".venv").symlink_to(tmp_path / "own")

    assert run_dev(project / "dev", "check").stdout.endswith("service.local check\n")


def test_an_environment_of_another_lock_is_made_anew_by_one_of_two_at_once(
    project: Path, tmp_path: Path
) -> None:
    make_environment(project / ".venv", "1 2 of another lock")
    (project / ".venv" / "half").touch()
    path = f"{installer(tmp_path, INSTALLS)}:{PATH}"

    both = [
        subprocess.Popen(
            [project / "dev", "help"],
            env={"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said, told = zip(*(process.communicate() for process in both), strict=True)

    assert (project / ".venv" / ".made-from").read_text() == stamp_of(project)
    assert not (project / ".venv" / "half").exists()
    assert said == (f"{project} -P -m service.local help\n",) * 2
    assert sorted(text.count("Making .venv") for text in told) == [0, 1]


def test_a_lock_that_cannot_be_installed_leaves_no_environment_that_looks_made(
    project: Path, tmp_path: Path
) -> None:
    failed = run_dev(project / "dev", path=f"{installer(tmp_path, INSTALLS + 'exit 1')}:{PATH}")
    looks_made = (project / ".venv" / ".made-from").exists()
    healed = run_dev(project / "dev", path=f"{installer(tmp_path, INSTALLS)}:{PATH}")

    assert (failed.returncode, failed.stdout, looks_made) == (1, "", False)
    assert "Could not make .venv; the reason stands above" in failed.stderr
    assert healed.returncode == 0
