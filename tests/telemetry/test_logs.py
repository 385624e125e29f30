"""Logs say what happened and to which request, and never quote anybody."""

import io
import json
import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from service.telemetry.logs import configure_logs, request_logged_as

CANARY = "a-term-nobody-may-read"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, service = logging.getLogger(), logging.getLogger("service")
    handlers, levels = root.handlers, (root.level, service.level)
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(levels[0])
    service.setLevel(levels[1])


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_its_fields(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("service.cache").warning("redis.unreachable", operation="get")

    (line,) = lines(stream)
    assert line["event"] == "redis.unreachable"
    assert (line["operation"], line["level"], line["logger"]) == ("get", "warning", "service.cache")


def test_events_of_a_request_carry_its_id_and_later_ones_do_not(stream: io.StringIO) -> None:
    log = structlog.stdlib.get_logger("service")
    with request_logged_as("r-1"):
        log.info("inside")
        logging.getLogger("library").warning("inside as well")
    log.info("outside")

    assert [line.get("request_id") for line in lines(stream)] == ["r-1", "r-1", None]


def test_libraries_are_heard_from_warnings_on(stream: io.StringIO) -> None:
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("trouble")

    assert [line["event"] for line in lines(stream)] == ["trouble"]


def fail() -> None:
    try:
        os.environ[CANARY]
    except KeyError as error:
        raise ValueError(f"cannot read {CANARY}") from error


@pytest.mark.parametrize("name", ["service", "library"])
def test_an_exception_is_told_by_type_and_place_and_never_by_message(stream: io.StringIO, name: str) -> None:
    try:
        fail()
    except ValueError:
        structlog.stdlib.get_logger(name).exception("request.crashed")
        logging.getLogger(name).exception("request.crashed")

    assert CANARY not in stream.getvalue()
    for line in lines(stream):
        told = line["exception"]
        assert isinstance(told, list)
        assert [cause["type"] for cause in told] == ["builtins.ValueError", "builtins.KeyError"]
        assert told[0]["at"][-1].endswith(" fail")
