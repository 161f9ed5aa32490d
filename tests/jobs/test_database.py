"""Opening databases: new ones, ours, newer ones, and what is none."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from nodegraph.jobs.database import HEAD, Database
from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.store import JobStore
from nodegraph.jobs.tables import hooks, metadata
from tests.jobs.conftest import Kept
from tests.jobs.making import new_job


def differences(database: Database) -> list[object]:
    """What Alembic would have to change for the tables to be those of the code."""
    with database.read() as db:
        found: list[object] = compare_metadata(MigrationContext.configure(db), metadata)
    return found


def test_a_new_database_has_the_tables_that_the_code_uses(kept: Kept) -> None:
    assert differences(kept.database) == []


def test_the_migrations_make_the_same_tables(kept: Kept) -> None:
    with kept.database.write() as db:
        metadata.drop_all(db)
        db.execute(text("DELETE FROM alembic_version"))

    database = Database(kept.where)

    assert differences(database) == []
    with database.read() as db:
        assert db.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
    database.close()


def test_an_older_database_keeps_what_it_holds(kept: Kept) -> None:
    job, _ = kept.jobs.create(new_job())
    with kept.database.write() as db:
        hooks.drop(db)
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    database = Database(kept.where)

    assert differences(database) == []
    assert JobStore(database, limit=1).get(job.id) == job
    database.close()


def test_the_newest_migration_is_the_one_that_is_expected() -> None:
    config = Config()
    config.set_main_option("script_location", "nodegraph:jobs/migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_database_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Database(path).close()
    first = path.stat().st_mtime_ns
    database = Database(path)

    with database.read() as db:
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()
    assert path.stat().st_mtime_ns == first


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE photos (id)")
    db.close()

    with pytest.raises(StoreError, match="holds the tables of another program"):
        Database(path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("this is not a database, but a text that is long enough to be read")

    with pytest.raises(StoreError, match="not a database"):
        Database(path)
    with pytest.raises(StoreError, match="unable to open"):
        Database(tmp_path / "nowhere" / "a.db")
    with pytest.raises(StoreError, match="not a database we can use"):
        Database("nonsense://x")


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        Database("postgresql://me:secret@127.0.0.1:1/none")

    assert "secret" not in str(caught.value)
    assert "postgresql://...@127.0.0.1:1/none" in str(caught.value)


def test_a_transaction_that_fails_leaves_nothing(kept: Kept) -> None:
    def fail() -> None:
        with kept.database.write() as db:
            db.execute(text("INSERT INTO settings (owner, name) VALUES ('a', 'b')"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with kept.database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM settings")) == 0


def test_a_database_that_is_damaged_later_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    with database.write() as db:
        db.execute(text("DROP TABLE jobs"))

    with pytest.raises(StoreError, match="no such table"), database.read() as db:
        db.execute(text("SELECT * FROM jobs"))
    with pytest.raises(StoreError, match="no such table"), database.write() as db:
        db.execute(text("DELETE FROM jobs"))
    database.close()
