"""What every test that uses a real server relies on."""

import psycopg
import pytest
import redis

from tests.servers import Addresses, create_worker_database, empty_every_table


def test_emptying_reaches_every_table_whatever_refers_to_what(
    server_addresses: Addresses, worker_name: str
) -> None:
    url = create_worker_database(server_addresses, f"{worker_name}_emptying")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a_parent (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE its_child (id int REFERENCES a_parent)")
        connection.execute("INSERT INTO a_parent VALUES (1); INSERT INTO its_child VALUES (1)")

        empty_every_table(connection)

        rows = [
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            for name in ("a_parent", "its_child", "alembic_version")
        ]
    assert rows == [(0,), (0,), (1,)]


@pytest.mark.parametrize("nth", [1, 2])
def test_a_test_finds_no_key_that_another_left(clean_redis: str, nth: int) -> None:
    with redis.Redis.from_url(clean_redis) as client:
        found = client.dbsize()
        client.set("left", "behind")

    assert found == 0


def test_every_worker_has_a_database_of_its_own(database_url: str, worker_name: str) -> None:
    with psycopg.connect(database_url) as connection:
        name = connection.execute("SELECT current_database()").fetchone()

    assert name == (f"test_{worker_name}",)
