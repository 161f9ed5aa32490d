"""What is forgotten, and what is not."""

from pathlib import Path

import pytest

from nodegraph.jobs.errors import NotFound, WrongState
from nodegraph.jobs.model import Job
from nodegraph.jobs.recording import record
from nodegraph.jobs.retention import Retention, remove_temporary
from tests.jobs.conftest import Kept
from tests.jobs.making import add_text, new_job


def _finished(kept: Kept, name: str, text: str, pinned: bool = False) -> Job:
    kept.jobs.create(new_job(id=name, pinned=pinned))
    job = kept.queue.claim("w")
    assert job is not None
    return add_text(kept.jobs, kept.assets, job, text, "succeeded")


def _left(kept: Kept) -> list[str]:
    return [job.id for job in kept.jobs.page(oldest_first=True).jobs]


def test_old_jobs_go_unless_they_are_pinned_or_not_finished(kept: Kept) -> None:
    old = _finished(kept, "old", "old")
    _finished(kept, "pinned", "pinned", pinned=True)
    kept.jobs.create(new_job(id="waits"))
    kept.jobs.create(new_job(id="runs"))
    kept.queue.move("runs", "waits")
    kept.queue.claim("w")
    kept.clock.now += 1000
    _finished_id = _finish_waiting(kept)
    retention = Retention(kept.jobs, kept.assets, [kept.folder], max_age=100)

    assert retention.apply() == ["old"]

    assert set(_left(kept)) == {"pinned", "waits", "runs"}
    assert not kept.assets.path(old.outputs[0].hash).exists()
    assert _finished_id == "waits"
    assert retention.apply() == []


def _finish_waiting(kept: Kept) -> str:
    job = kept.queue.claim("w")
    assert job is not None
    return kept.jobs.commit(job, status="succeeded").id


def test_the_oldest_go_until_the_rest_fits(kept: Kept) -> None:
    _finished(kept, "pinned", "p" * 100, pinned=True)
    for name in "abcd":
        _finished(kept, name, name * 100)
    retention = Retention(kept.jobs, kept.assets, [kept.folder], max_bytes=300)

    assert retention.apply() == ["a", "b"]
    assert _left(kept) == ["pinned", "c", "d"]


def test_what_is_pinned_stays_even_if_it_is_too_much(kept: Kept) -> None:
    _finished(kept, "pinned", "p" * 100, pinned=True)

    assert Retention(kept.jobs, kept.assets, [kept.folder], max_bytes=1).apply() == []
    assert _left(kept) == ["pinned"]


def test_without_limits_nothing_goes(kept: Kept) -> None:
    _finished(kept, "a", "a")
    kept.clock.now += 1e9

    assert Retention(kept.jobs, kept.assets, [kept.folder]).apply() == []


def test_files_go_with_the_last_job_that_has_them_and_only_inside_the_folder(
    kept: Kept, tmp_path: Path
) -> None:
    inside, outside = tmp_path / "data" / "a.txt", tmp_path / "elsewhere.txt"
    inside.parent.mkdir()
    hashes = {
        path: kept.assets.put([path.name.encode()], "x", "x", "x").hash
        for path in (inside, outside)
    }
    for path in (inside, outside):
        path.write_bytes(path.name.encode())
    for name in ("one", "two"):
        kept.jobs.create(new_job(id=name))
        job = kept.queue.claim("w")
        assert job is not None
        made = [
            {
                "node": "s",
                "name": "texts",
                "type": "text",
                "path": str(path),
                "text": None,
                "temporary": False,
                "hash": hashes[path],
                "size": path.stat().st_size,
            }
            for path in (inside, outside)
        ]
        record(kept.jobs, kept.assets, job, made, "succeeded", None)
    retention = Retention(kept.jobs, kept.assets, [inside.parent])

    assert retention.forget(kept.jobs.get("one"))
    assert inside.exists()
    assert retention.forget(kept.jobs.get("two"))

    assert not inside.exists()
    assert outside.exists()


def test_a_job_that_was_pinned_or_deleted_meanwhile_is_left_alone(kept: Kept) -> None:
    job = _finished(kept, "a", "a")
    retention = Retention(kept.jobs, kept.assets, [kept.folder])
    kept.jobs.pin("a", True)

    assert not retention.forget(job)
    with pytest.raises(WrongState, match="pinned"):
        kept.jobs.delete("a", pinned=False)
    kept.jobs.delete("a")
    assert not retention.forget(job)
    try:
        kept.jobs.get("a")
    except NotFound:
        return
    raise AssertionError("it was deleted")


def test_only_our_temporary_files_are_removed(tmp_path: Path) -> None:
    ours = [".a.png.01234567.tmp", ".89abcdef.tmp", "key.fedcba98.tmp"]
    theirs = ["a.tmp", "notes.01234567.tmp.txt", ".a.png.0123456.tmp", "01234567.tmp"]
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    for name in (*ours, *theirs):
        (folder / name).touch()

    assert remove_temporary([tmp_path, tmp_path / "nothing"]) == 3
    assert sorted(path.name for path in folder.iterdir()) == sorted(theirs)
