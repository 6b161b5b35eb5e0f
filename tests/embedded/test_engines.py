"""Servers of a data folder: started, stopped, started again."""

import stat
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as redis

from clientbase.embedded import engines
from clientbase.embedded.engines import Addresses
from clientbase.embedded.errors import DataFolderBusyError, EngineError
from clientbase.embedded.ports import free_port
from tests.embedded.processes import descendants, is_running


async def fetch_value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    with engines.start(tmp_path) as first:
        await fetch_value(first.owner_database_url, "CREATE TABLE kept AS SELECT 'Ёлка' AS word")
    with engines.start(tmp_path) as second:
        assert await fetch_value(second.owner_database_url, "SELECT lower(word) FROM kept") == "ёлка"


async def test_the_service_changes_no_tables(throwaway: engines.Engines) -> None:
    assert await fetch_value(throwaway.database_url, "SELECT current_user") == "clientbase_service"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch_value(throwaway.database_url, "CREATE TABLE t (id int)")


async def test_the_database_speaks_utf8_in_utc(throwaway: engines.Engines) -> None:
    settings = {
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "jit": "off",
        "client_connection_check_interval": "1s",
    }
    for name, value in settings.items():
        assert await fetch_value(throwaway.database_url, f"SELECT current_setting('{name}')") == value


@pytest.mark.parametrize("role", ["clientbase_service", "clientbase_owner", "postgres"])
async def test_nobody_enters_the_database_without_its_password(throwaway: engines.Engines, role: str) -> None:
    address = throwaway.database_url.rpartition("@")[2]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch_value(f"postgresql://{role}:wrong@{address}", "SELECT 1")


async def test_valkey_needs_its_password_and_drops_only_what_expires(throwaway: engines.Engines) -> None:
    async with redis.Redis.from_url(throwaway.redis_url) as client:
        assert (await client.config_get("maxmemory-policy")) == {"maxmemory-policy": "volatile-lru"}
        assert (await client.config_get("save")) == {"save": ""}
    address = throwaway.redis_url.rpartition("@")[2]
    async with redis.Redis.from_url(f"redis://{address}") as stranger:
        with pytest.raises(redis.AuthenticationError):
            await stranger.ping()


def test_secrets_are_readable_by_their_owner_only(throwaway: engines.Engines) -> None:
    for name in ("credentials.json", "lock", "postgres.log", "valkey.log"):
        assert stat.S_IMODE((throwaway.data_dir / name).stat().st_mode) == 0o600


def test_a_second_start_on_a_folder_is_refused_with_the_holder_named(tmp_path: Path) -> None:
    with engines.start(tmp_path, throwaway=True) as first:
        holder = (tmp_path / "lock").read_text().strip()
        with pytest.raises(DataFolderBusyError, match=f"in use by process {holder}"):
            engines.start(tmp_path, throwaway=True)
        assert all(child.exit_code is None for child in first.children.values())


def test_stop_leaves_no_process_and_frees_the_folder(tmp_path: Path) -> None:
    started = engines.start(tmp_path, throwaway=True)
    pids = [pid for child in started.children.values() for pid in [child.pid, *descendants(child.pid)]]
    started.stop()
    started.stop()
    assert len(pids) > 2
    assert not [pid for pid in pids if is_running(pid)]
    engines.start(tmp_path, throwaway=True).stop()


def test_a_throwaway_folder_goes_with_its_servers() -> None:
    with engines.start(throwaway=True) as started:
        assert started.data_dir.is_dir()
    assert not started.data_dir.exists()


def test_a_server_whose_address_is_given_is_not_started(tmp_path: Path) -> None:
    external = Addresses("postgresql://elsewhere/base", "postgresql://elsewhere/base", "redis://elsewhere")
    with engines.start(tmp_path, external=external) as started:
        assert not started.children
        assert started.addresses == external
    with engines.start(tmp_path, external=Addresses(database_url="postgresql://elsewhere/base")) as started:
        assert list(started.children) == ["Valkey"]
        assert started.database_url == "postgresql://elsewhere/base"


def test_a_lasting_start_needs_a_folder() -> None:
    with pytest.raises(EngineError, match="data folder"):
        engines.start()


def test_damaged_credentials_are_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{")
    with pytest.raises(EngineError, match=r"credentials\.json is damaged"):
        engines.start(tmp_path, throwaway=True)
    assert (tmp_path / "credentials.json").read_text() == "{"


def test_a_folder_of_another_major_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EngineError, match="was made by PostgreSQL 17"):
        engines.start(tmp_path, throwaway=True)


def test_free_ports_can_be_listened_on() -> None:
    assert 1024 < free_port() < 65536
