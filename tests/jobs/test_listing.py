"""Pages of jobs, on both databases."""

from nodegraph.jobs.listing import Which, list_jobs
from tests.jobs.conftest import Kept
from tests.jobs.making import add_text, new_job


def ids(kept: Kept, which: Which, limit: int = 10) -> list[str]:
    return [job.id for job in list_jobs(kept.database, "ann", which, limit)]


def test_pages_begin_where_the_one_before_ended(kept: Kept) -> None:
    made = [kept.jobs.create(new_job())[0] for _ in range(5)]
    kept.jobs.create(new_job(owner="bob"))
    first = list_jobs(kept.database, "ann", Which(), 2)
    assert [job.id for job in first] == [made[4].id, made[3].id]
    kept.jobs.create(new_job())
    assert ids(kept, Which(before=first[-1].number)) == [made[n].id for n in (2, 1, 0)]
    assert len(list_jobs(kept.database, None, Which(), 10)) == 7


def test_by_status(kept: Kept) -> None:
    waits, cancelled = kept.jobs.create(new_job())[0], kept.jobs.create(new_job())[0]
    kept.jobs.cancel(cancelled.id)
    assert ids(kept, Which(statuses=["canceled"])) == [cancelled.id]
    assert ids(kept, Which(statuses=["queued", "canceled"])) == [cancelled.id, waits.id]
    assert ids(kept, Which(statuses=[])) == []


def test_by_labels_whatever_is_in_them(kept: Kept) -> None:
    label = "a\"b\\c'%_é"
    one = kept.jobs.create(new_job(extra={"labels": {"k.1-_": label, "n": "1"}}))[0]
    kept.jobs.create(new_job(extra={"labels": {"k.1-_": "other", "k": {"1-_": label}}}))
    kept.jobs.create(new_job(extra={"labels": "none"}))
    kept.jobs.create(new_job(extra={"prompt": []}))
    kept.jobs.create(new_job())
    assert ids(kept, Which(labels={"k.1-_": label})) == [one.id]
    assert ids(kept, Which(labels={"k.1-_": label, "n": "1"})) == [one.id]
    assert ids(kept, Which(labels={"k.1-_": label, "n": "2"})) == []


def test_outputs_come_with_their_jobs_and_documents_do_not(kept: Kept) -> None:
    kept.jobs.create(new_job())
    kept.jobs.create(new_job())
    for text in ("first", "second"):
        job = kept.queue.claim("here")
        assert job is not None
        add_text(kept.jobs, kept.assets, job, text, "succeeded")
    second, first = list_jobs(kept.database, "ann", Which(), 10)
    assert [output.text for output in first.outputs] == ["first"]
    assert [output.text for output in second.outputs] == ["second"]
    assert first.source_text == first.workflow_text == ""
