"""Content kept once, whole, and not longer than anybody has it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from blake3 import blake3

from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.errors import NotFound, TooLarge
from tests.jobs.conftest import Kept


def _files(store: AssetStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_content_is_kept_under_its_hash(kept: Kept) -> None:
    asset = kept.assets.put([b"hel", b"lo"], "ann", "a.txt", "text/plain")

    assert asset.hash == blake3(b"hello").hexdigest()
    assert (asset.size, asset.created_new) == (5, True)
    assert kept.assets.path(asset.hash).read_bytes() == b"hello"
    found = kept.assets.get(asset.id, "ann")
    assert (found.name, found.content_type, found.created_at) == (
        "a.txt",
        "text/plain",
        kept.clock.now,
    )


def test_the_same_content_is_kept_once_until_the_last_one_lets_go(kept: Kept) -> None:
    first = kept.assets.put([b"same"], "ann", "a", "text/plain")
    second = kept.assets.put([b"same"], "bob", "b", "text/plain")

    assert (first.hash, second.created_new) == (second.hash, False)
    assert len(_files(kept.assets)) == 1
    kept.assets.delete(first.id, "ann")
    assert kept.assets.path(first.hash).is_file()
    kept.assets.delete(second.id, "bob")
    assert _files(kept.assets) == []


def test_other_owners_have_it_not(kept: Kept) -> None:
    asset = kept.assets.put([b"x"], "ann", "a", "text/plain")

    with pytest.raises(NotFound):
        kept.assets.get(asset.id, "bob")
    with pytest.raises(NotFound):
        kept.assets.by_hash(asset.hash, "bob")
    with pytest.raises(NotFound):
        kept.assets.share(asset.hash, "bob", "b")
    with pytest.raises(NotFound):
        kept.assets.delete(asset.id, "bob")
    assert kept.assets.by_hash(asset.hash, "ann").id == asset.id


def test_a_record_can_be_made_of_what_is_here(kept: Kept) -> None:
    first = kept.assets.put([b"x"], "ann", "a.txt", "text/plain")

    again = kept.assets.share(first.hash, "ann", "b.txt")

    assert (again.name, again.content_type, again.size) == ("b.txt", "text/plain", 1)
    assert again.id != first.id


def test_more_than_is_taken_leaves_nothing(kept: Kept) -> None:
    with kept.assets.writer(4) as writer:
        writer.write(b"123")
        with pytest.raises(TooLarge, match="larger than 4 bytes"):
            writer.write(b"45")

    assert _files(kept.assets) == []


def test_an_upload_that_breaks_off_leaves_nothing(kept: Kept) -> None:
    with kept.assets.writer(100) as writer:
        writer.write(b"half")

    assert _files(kept.assets) == []


def test_what_a_crash_left_is_cleared(kept: Kept) -> None:
    asset = kept.assets.put([b"kept"], "ann", "a", "text/plain")
    (kept.assets.folder / "0123456789abcdef.tmp").write_bytes(b"half")
    orphan = kept.assets.folder / "ab" / ("ab" * 32)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"nobody's")

    again = AssetStore(kept.database, kept.assets.folder)
    assert again.sweep() == 1

    assert _files(again) == [again.path(asset.hash)]


def test_content_that_is_gone_is_not_found(kept: Kept) -> None:
    asset = kept.assets.put([b"x"], "ann", "a", "text/plain")
    kept.assets.path(asset.hash).unlink()

    with pytest.raises(NotFound):
        kept.assets.get(asset.id)


def test_a_files_content_is_linked_or_copied(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "result.txt"
    file.write_bytes(b"result")
    digest = blake3(b"result").hexdigest()

    with kept.assets.lock:
        kept.assets.place_file(file, digest)
        kept.assets.place_file(file, digest)
    file.unlink()

    assert kept.assets.path(digest).read_bytes() == b"result"
    with pytest.raises(FileNotFoundError):
        kept.assets.place_file(file, "cd" * 32)


def test_names_that_no_database_takes_are_made_to_fit(kept: Kept) -> None:
    asset = kept.assets.put([b"x"], "ann", "\0\ud800" + "n" * 300, "t" * 200)

    found = kept.assets.get(asset.id)

    assert found.name == "?" + "n" * 254
    assert len(found.content_type) == 100


def test_uploads_and_deletes_at_the_same_time_lose_nothing(kept: Kept) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            asset = kept.assets.put([b"same"], f"o{number}", "a", "text/plain")
            assert kept.assets.get(asset.id).hash == asset.hash
            kept.assets.delete(asset.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert _files(kept.assets) == []
