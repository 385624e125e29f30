"""Structured logs: one JSON object a line, each with the id of the request it belongs to.

Events are names with fields: ``log.warning("redis.unreachable", operation="get")``. No term, token or id of
another person goes into a field. Exceptions are told by type and place, never by message: messages of database
drivers and parsers quote the values that they choke on.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb
from types import TracebackType
from typing import Final, TextIO, TypeAlias

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FRAMES_TOLD: Final = 30

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logs(*, level: str = "INFO", as_json: bool = True, stream: TextIO | None = None) -> None:
    """Send the service's events and the libraries' records to one stream (stdout), as JSON or for a terminal.

    Libraries speak from WARNING on: what they tell below that is chatter, and may quote values.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_exceptions_by_place,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(level)


@contextmanager
def request_logged_as(request_id: str) -> Iterator[None]:
    """Give every event inside the block the id of the request, and nothing of the request before it."""
    structlog.contextvars.clear_contextvars()
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def tell_exceptions_by_place(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace an exception by its types and the places it passed, innermost cause last."""
    del logger, method
    exc_info = _exc_info_of(event.pop("exc_info", None))
    if exc_info:
        event["exception"] = [_told(error) for error in _chain(exc_info[1])]
    return event


def _exc_info_of(given: object) -> ExcInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    found = given if isinstance(given, tuple) else sys.exc_info() if given else None
    return found if found and found[1] else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    seen: set[int] = set()
    while following and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _told(error: BaseException) -> dict[str, object]:
    frames = extract_tb(error.__traceback__)[-FRAMES_TOLD:]
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
