"""``./dev demo``: plays a story or a whole population on the running service, or filters one's own posts."""

import argparse
import io
import secrets
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from rich.console import Console

from service.local.demo_calls import CallRefused, Service
from service.local.demo_candidates import (
    BadLines,
    Question,
    filter_candidates,
    print_decisions,
    read_candidates,
)
from service.local.demo_screen import Screen
from service.local.demo_story import Evening, play
from service.local.keys import make_token
from service.local.state import DevState, find_state
from service.local.traffic import play_traffic

FEED_SCOPES = ("feed:filter", "filter:explain")
TOKENS_LAST = timedelta(hours=1)
WIDTH_WITHOUT_A_TERMINAL = 118
CANNOT_RUN, BAD_INPUT, INTERRUPTED = 1, 2, 130
PEOPLE, DAYS, VIEWER, SURFACE = 1_500, 35, "mia", "for_you"
GOES_WITH = {"traffic": ("people", "days"), "candidates": ("viewer", "surface", "slots")}
"""What each demo takes, which another would have to ignore."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 when it played, 2 for input that cannot be read. No service: ``CannotRun``, as anywhere."""
    wanted = _wanted(argv)
    screen = Screen(_console(plain=wanted.plain), _waiter(step=wanted.step))
    try:
        if wanted.traffic:
            play_traffic(find_state(), _say, people=wanted.people or PEOPLE, days=wanted.days or DAYS)
        elif wanted.candidates:
            question = Question(wanted.viewer or VIEWER, wanted.surface or SURFACE, wanted.slots)
            _filter_file(screen, wanted.candidates, question)
        else:
            play(_new_evening(screen, find_state()))
    except BadLines as bad:
        print(f"{wanted.candidates}:\n{bad}", file=sys.stderr)
        return BAD_INPUT
    except CallRefused as refused:
        print(refused, file=sys.stderr)
        return BAD_INPUT if refused.status == HTTPStatus.UNPROCESSABLE_ENTITY else CANNOT_RUN
    except (KeyboardInterrupt, EOFError):
        return INTERRUPTED
    return 0


def _new_evening(screen: Screen, state: DevState) -> Evening:
    """Let a viewer who has never been here before walk in, so that every run begins with a clean slate."""
    viewer_id = f"mia-{secrets.token_hex(3)}"
    return Evening(
        screen=screen,
        viewer_id=viewer_id,
        app=_service(state, viewer_id, ["settings"]),
        platform=_service(state, "demo-platform", [*FEED_SCOPES, "comments:check"]),
    )


def _filter_file(screen: Screen, file: Path, question: Question) -> None:
    candidates = read_candidates(file)
    service = _service(find_state(), "demo-feed", FEED_SCOPES)
    decisions, more = filter_candidates(service, candidates, question)
    print_decisions(screen, candidates, decisions, more)


def _service(state: DevState, subject: str, scopes: Collection[str]) -> Service:
    token = make_token(state.folder, subject=subject, scopes=scopes, lifetime=TOKENS_LAST)
    return Service(state.base_url, token)


def _wanted(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; what would do nothing is refused rather than ignored."""
    parser = _arguments()
    wanted = parser.parse_args(argv)
    if wanted.traffic and wanted.candidates:
        parser.error("--traffic and --candidates are two demos; choose one")
    for demo, options in GOES_WITH.items():
        if not getattr(wanted, demo) and any(getattr(wanted, each) is not None for each in options):
            parser.error(f"{', '.join(f'--{each}' for each in options)} go with --{demo}")
    return wanted


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Play a viewer's evening on the service that ./dev runs, or filter posts of your own.",
    )
    parser.add_argument("--plain", action="store_true", help="no colour; hits stand in [brackets]")
    parser.add_argument("--step", action="store_true", help="wait for Enter before each step")
    town = parser.add_argument_group("play a population, until the pages have figures to show")
    town.add_argument("--traffic", action="store_true", help="play the last weeks; takes a few minutes")
    town.add_argument("--people", type=_count, metavar="N", help=f"how many (default: {PEOPLE})")
    town.add_argument(
        "--days", type=_count, metavar="N", help=f"that lie back (default: {DAYS}; 8 take a minute)"
    )
    own = parser.add_argument_group("filter your own posts")
    own.add_argument(
        "--candidates",
        type=_file,
        metavar="FILE",
        help='a post a line: {"id": "1", "author_id": "ana", "caption": "Hi"}; /docs has the rest',
    )
    own.add_argument("--viewer", metavar="ID", help=f"whose settings decide (default: {VIEWER})")
    own.add_argument("--surface", help=f"where the posts would be shown (default: {SURFACE})")
    own.add_argument("--slots", type=_count, metavar="N", help="how many posts are wanted")
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return path


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


def _console(*, plain: bool) -> Console:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    width = None if sys.stdout.isatty() else WIDTH_WITHOUT_A_TERMINAL
    return Console(
        force_terminal=False if plain else None, width=width, highlight=False, markup=False, emoji=False
    )


def _waiter(*, step: bool) -> Callable[[], None]:
    return _wait_for_enter if step and sys.stdin.isatty() else _flow_on


def _wait_for_enter() -> None:
    input("\n    Enter … ")


def _flow_on() -> None:
    """Do nothing: the story goes on by itself."""
