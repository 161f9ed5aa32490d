"""`nodegraph cache`, and the options that bound what is kept."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nodegraph import Session
from nodegraph.cli.failures import UsageError
from nodegraph.cli.sizes import read_size
from nodegraph.engine.cache import TieredCache
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.index import Index
from nodegraph.engine.keys import digest_value
from nodegraph.engine.records import Record
from nodegraph.session import cache_folder
from tests.cli.command import Run
from tests.cli.tiny import open_tiny


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data directory with one value and two records in its cache."""
    disk = DiskCache(cache_folder(tmp_path / "data"), 1 << 20)
    for number in (1, 2):
        disk.remember(bytes([number]) * 32, Record((digest_value(number) or b"",), 1.0))
    assert disk.store(bytes([1]) * 32, ("x" * 1000,), 1000, 1.0)
    disk.close()
    return tmp_path / "data"


def test_it_says_how_much_is_kept(run: Run, kept: Path) -> None:
    outcome = run("cache", "show")

    assert outcome.code == 0
    assert "data/cache" in outcome.out
    assert "values   1, 1.0 KiB of at most 8.0 GiB" in outcome.out
    assert "records  2" in outcome.out


def test_programs_get_numbers(run: Run, kept: Path) -> None:
    figures = run("cache", "show", "--json").document["cache"]

    assert (figures["values"], figures["records"], figures["cap"]) == (1, 2, 8 << 30)
    assert 1000 < figures["bytes"] < 2000
    assert figures["folder"] == str(cache_folder(kept))


def test_looking_makes_nothing(run: Run, tmp_path: Path) -> None:
    outcome = run("cache", "show", "--data", tmp_path / "new", "--json")

    assert outcome.document["cache"]["values"] == 0
    assert not (tmp_path / "new").exists()


def test_clearing_says_what_it_freed(run: Run, kept: Path) -> None:
    outcome = run("cache", "clear")

    assert outcome.code == 0
    assert outcome.out == "freed 1.0 KiB: 1 value, 2 records\n"
    assert run("cache", "show", "--json").document["cache"]["bytes"] == 0
    assert not list(cache_folder(kept).glob("values/*/*"))


def test_clearing_for_programs(run: Run, kept: Path) -> None:
    freed = run("cache", "clear", "--data", kept, "--json").document["freed"]

    assert (freed["values"], freed["records"]) == (1, 2)
    assert run("cache", "clear", "--json").document["freed"]["bytes"] == 0


def test_the_cache_of_a_later_version_is_left_alone(run: Run, kept: Path) -> None:
    index = Index(cache_folder(kept) / "index.sqlite")
    index.one("PRAGMA user_version=99")
    index.close()

    cleared = run("cache", "clear")

    assert (cleared.code, cleared.out) == (0, "")
    assert "later nodegraph" in cleared.err
    assert run("cache", "show", "--json").document["cache"]["newer"] is True
    assert len(list(cache_folder(kept).glob("values/*/*"))) == 1


def test_a_word_is_missing(run: Run) -> None:
    outcome = run("cache")

    assert outcome.code == 2
    assert "nodegraph cache --help" in outcome.err


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1234", 1234),
        ("12B", 12),
        ("2GB", 2_000_000_000),
        ("2 gib", 2 << 30),
        ("500MB", 500_000_000),
        ("1.5K", 1500),
        ("1TiB", 1 << 40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text, "--x") == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "1 potato", "1e9", "nan", "1 GB 2"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="--x takes a number of bytes"):
        read_size(text, "--x")


def test_a_run_with_other_limits(run: Run, hello: Path) -> None:
    opened: list[Session] = []

    def with_disk(data: Path, models: Sequence[Path]) -> Session:
        session = open_tiny(data, models)
        session.cache = TieredCache(1 << 30, disk=DiskCache(cache_folder(data), 1 << 30))
        opened.append(session)
        return session

    limits = ("--cache-memory", "2MB", "--cache-disk", "0")
    outcome = run("run", hello, *limits, "--json", open_session=with_disk)

    assert outcome.document["status"] == "succeeded"
    (session,) = opened
    assert isinstance(session.cache, TieredCache)
    assert session.cache.disk is not None
    assert (session.cache.budget, session.cache.disk.cap) == (2_000_000, 0)


def test_a_limit_that_is_none(run: Run, hello: Path) -> None:
    outcome = run("run", hello, "--cache-memory", "much", "--json")

    assert outcome.code == 2
    assert "--cache-memory takes a number of bytes" in outcome.error["message"]
