"""The database: SQLite in WAL mode by default, PostgreSQL by URL; migrated by Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.tables import metadata

__all__ = ["HEAD", "Database"]

HEAD = "0002"
"""The newest migration; read here because importing Alembic takes longer than all the rest."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
_MAKING = 7_268_001  # the number of our lock: two servers may find a database empty
_PATIENCE = 5.0  # seconds that a statement waits for another process's lock


class Database:
    """Transactions on one database that has the newest tables. Safe to use from threads.

    Args:
        where: the path of an SQLite file, or a URL.

    Raises:
        StoreError: it is from a newer version (and left untouched), locked, or no database.
    """

    def __init__(self, where: str | Path) -> None:
        given = str(where)
        self._shown = _shown(given) if "://" in given else given
        try:
            self.engine = _engine(given)
        except (SQLAlchemyError, ModuleNotFoundError, ValueError) as error:
            raise StoreError(f"{self._shown} is not a database we can use: {error}") from error
        self.dialect = self.engine.dialect.name
        try:
            self._migrate()
        except SQLAlchemyError as error:
            self.engine.dispose()
            raise StoreError(f"cannot use the database {self._shown}: {_why(error)}") from error
        except StoreError:
            self.engine.dispose()
            raise

    @property
    def shared(self) -> bool:
        """Whether other servers may work on the same queue."""
        return self.dialect != "sqlite"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view.

        Raises:
            StoreError: the database cannot be reached or is damaged.
        """
        try:
            with self.engine.connect() as connection:
                self._begin(connection, "BEGIN")
                yield connection
        except DBAPIError as error:
            raise StoreError(f"the database cannot be read: {_why(error)}") from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing. On SQLite, one writes at a time.

        Raises:
            StoreError: the database is locked by another process, or the disk is full.
            IntegrityError: what is unique is there already.
            DataError: a value is none that this database takes; trying again is of no use.
        """
        try:
            with self.engine.begin() as connection:
                # A transaction that reads before it writes could otherwise find itself outdated.
                self._begin(connection, "BEGIN IMMEDIATE")
                yield connection
        except (DataError, IntegrityError):
            raise
        except DBAPIError as error:
            raise StoreError(f"the database cannot be written: {_why(error)}") from error

    def _begin(self, connection: Connection, statement: str) -> None:
        # Not by SQLAlchemy's event: an engine that has events takes a fifth longer.
        if self.dialect == "sqlite":
            connection.exec_driver_sql(statement)

    def _migrate(self) -> None:
        with self.engine.connect() as db:
            tables = inspect(db).get_table_names()
            known = "alembic_version" in tables
            row = (
                db.execute(text("SELECT version_num FROM alembic_version")).first()
                if known
                else None
            )
        if row is not None and row[0] == HEAD:
            return
        if row is None and set(tables) - {"alembic_version"}:
            raise StoreError(f"the database {self._shown} holds the tables of another program")
        if row is not None:
            _upgrade(self, row[0])
        elif not self._make():  # another server is at it, or was cut off
            _upgrade(self, None)

    def _make(self) -> bool:
        """Make the newest tables in an empty database; false if it is not empty any more."""
        with self.write() as db:
            if self.shared:
                db.execute(text(f"SELECT pg_advisory_xact_lock({_MAKING})"))
            if inspect(db).get_table_names():
                return False
            metadata.create_all(db, checkfirst=False)
            db.execute(text(_VERSIONS))
            db.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return True


def _engine(where: str) -> Engine:
    url = where if "://" in where else f"sqlite:///{where}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_size=8, max_overflow=16)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={int(_PATIENCE * 1000)}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _upgrade(database: Database, current: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    if current is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(current)
        except CommandError as error:
            raise StoreError(
                f"the database {database._shown} is from a newer nodegraph; it was left "
                "untouched: update nodegraph, or name another database"
            ) from error
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _shown(url: str) -> str:
    """The URL without a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://...@{rest.rpartition('@')[2]}" if "@" in rest else url


def _why(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0]
