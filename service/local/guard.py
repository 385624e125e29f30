"""Runs one server and ends it when the program that asked for it is gone, however that program went.

Started as a script of its own, without the project and without site-packages, so that it costs little.

Why a guard on a pipe: kill -9 gives the runner no chance to tidy up, but the kernel closes its pipes
whatever happens, on Linux and on macOS alike. PR_SET_PDEATHSIG alone would not do: macOS has none, Linux
sends it when the *thread* that started the child ends, and it knows no second, harder signal. Here it only
covers the guard's own death.

Talks over its standard streams: writes the server's process id to stdout; takes the end of stdin as `nobody
is left`, and a line before that end as `stopped on purpose`.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1


def dying_with_parent(stop_signal: int) -> Callable[[], None]:
    """Make what a child runs first: ask Linux for a signal when the guard dies; elsewhere nothing."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    guard = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != guard:
            os._exit(1)

    return ask


def start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server as the account it is meant to run as, in a process group of its own."""
    account = order["account"]
    return subprocess.Popen(
        order["command"],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        process_group=0,
        user=account and account["uid"],
        group=account and account["gid"],
        extra_groups=account and [],
        preexec_fn=dying_with_parent(order["stop_signal"]),  # noqa: PLW1509 - safe, the only thread is this one
    )


def end(server: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    """Ask the server to stop, then insist."""
    server.send_signal(order["stop_signal"])
    try:
        server.wait(order["grace_seconds"])
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def watch(server: subprocess.Popen[bytes], order: dict[str, Any], alone: threading.Event) -> None:
    """Wait for the other end of stdin to close, then end the server and clear away what nobody will miss."""
    farewell = read_to_end()
    alone.set()
    end(server, order)
    server.wait()
    if order["throw_away"] and not farewell:
        shutil.rmtree(order["throw_away"], ignore_errors=True)


def read_to_end() -> bytes:
    """Read stdin unbuffered: a thread inside a buffered read would crash the interpreter's exit."""
    said = b""
    while more := os.read(sys.stdin.fileno(), 64):
        said += more
    return said


def main() -> int:
    """Guard one server until it has ended; the exit status is the server's."""
    order = json.loads(sys.argv[1])
    server = start(order)
    signal.signal(signal.SIGTERM, lambda *_: server.send_signal(order["stop_signal"]))
    print(server.pid, flush=True)
    alone = threading.Event()
    watcher = threading.Thread(target=watch, args=(server, order, alone), daemon=True)
    watcher.start()
    returncode = server.wait()
    if alone.is_set():
        watcher.join()
    return returncode if returncode >= 0 else 128 - returncode


if __name__ == "__main__":
    sys.exit(main())
