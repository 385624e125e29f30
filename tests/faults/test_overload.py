"""More requests at once than can be answered: some are turned away quickly, and blocks get through."""

import json
from contextlib import ExitStack, closing

from load_tests.driver import Call, Connection
from tests.faults.conftest import Breakable

BURST = 240
BLOCKS = 8
PAGE = [{"id": f"p{number}", "author_id": "somebody", "caption": "a cat " * 30} for number in range(300)]


def test_a_burst_is_partly_turned_away_and_every_block_in_it_is_kept(healthy: Breakable) -> None:
    feed, user = healthy.deployment.service("feed:filter"), healthy.deployment.user("harassed")
    asked = json.dumps({"viewer_id": "busy", "surface": "for_you", "candidates": PAGE}).encode()
    calls = [Call.post(healthy.deployment.base_url, "/v1/feed/filter", asked, token=feed)] * BURST
    for number in range(BLOCKS):
        path = f"/v1/me/blocks/troll-{number}"
        call = Call.post(healthy.deployment.base_url, path, b"{}", token=user)
        place = number * BURST // BLOCKS
        calls.insert(place, Call(call.host, call.port, call.content.replace(b"POST", b"PUT", 1)))

    with ExitStack() as stack:
        connections = [stack.enter_context(closing(Connection(call))) for call in calls]
        for connection, call in zip(connections, calls, strict=True):
            connection.begin(call.content)
        replies = [connection.finish() for connection in connections]

    decided = [reply for call, reply in zip(calls, replies, strict=True) if b"/filter" in call.content[:30]]
    blocked = [reply.status for call, reply in zip(calls, replies, strict=True) if call.content[:3] == b"PUT"]
    turned_away = [reply for reply in decided if reply.status == 503]
    assert {reply.status for reply in decided} == {200, 503}
    assert {reply.json()["code"] for reply in turned_away} == {"overloaded"}
    assert {reply.headers["retry-after"] for reply in turned_away} == {"1"}
    assert blocked == [201] * BLOCKS
