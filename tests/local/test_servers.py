"""What every test that uses a real server relies on."""

import psycopg
import pytest
import redis


@pytest.mark.parametrize("nth", [1, 2])
def test_a_test_finds_no_row_that_another_left(clean_database: str, nth: int) -> None:
    with psycopg.connect(clean_database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS left_behind (id int PRIMARY KEY)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS its_child"
            " (id int REFERENCES left_behind DEFERRABLE INITIALLY DEFERRED)"
        )
        found = connection.execute("SELECT count(*) FROM its_child").fetchone()
        connection.execute("INSERT INTO its_child VALUES (1)")
        connection.execute("INSERT INTO left_behind VALUES (1)")

    assert found == (0,)


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
