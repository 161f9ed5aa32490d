"""Stores on both databases, and a clock that tests turn."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.database import Database
from nodegraph.jobs.queue import Queue
from nodegraph.jobs.store import JobStore
from nodegraph.jobs.workflows import WorkflowStore
from tests.jobs import postgres


@dataclass
class Clock:
    """Seconds since 1970, as a test sets them."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """Every store over one database."""

    where: str | Path
    folder: Path
    clock: Clock = field(default_factory=Clock)
    limit: int = 1000

    def __post_init__(self) -> None:
        self.database = Database(self.where)
        self.jobs = JobStore(self.database, limit=self.limit, clock=self.clock)
        self.queue = Queue(self.jobs)
        self.assets = AssetStore(self.database, self.folder / "assets", clock=self.clock)
        self.workflows = WorkflowStore(self.database, clock=self.clock)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server; its databases are `new_database(url)`."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> str:
    """One database with our tables, to be emptied by each test that uses it."""
    return postgres.new_database(postgres_url)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has the tables, to copy: making them takes a second."""
    path = tmp_path_factory.mktemp("sqlite") / "ready.db"
    Database(path).close()
    return path


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.system("initdb", "postgresql"))]
)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """An empty database of each kind."""
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_database"))
        postgres.empty(url)
        return url
    return shutil.copy(request.getfixturevalue("sqlite_file"), tmp_path / "jobs.db")


@pytest.fixture
def kept(where: str, tmp_path: Path) -> Iterator[Kept]:
    made = Kept(where, tmp_path)
    yield made
    made.database.close()
