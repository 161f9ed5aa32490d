"""Jobs in both databases: made once, moved only from the states they are in."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nodegraph.jobs.errors import IdempotencyMismatch, NotFound, QueueFull, WrongState
from nodegraph.jobs.model import JobError, NewJob
from nodegraph.jobs.store import JobStore
from tests.jobs.conftest import Kept
from tests.jobs.making import add_text, new_job


def test_a_job_is_read_as_it_was_made(kept: Kept) -> None:
    new = new_job(extra={"x": [1]}, targets=["a"], priority=3, pinned=True, retry=True, id="mine")

    made, fresh = kept.jobs.create(new)

    assert fresh
    assert kept.jobs.get("mine") == made
    assert (made.status, made.source, made.workflow) == (
        "queued",
        {"nodegraph": 1, "nodes": {}},
        made.source,
    )
    assert (made.extra, made.targets, made.priority) == ({"x": [1]}, ["a"], 3)
    assert (made.pinned, made.retry, made.created_at) == (True, True, kept.clock.now)


def test_a_repeated_request_gets_the_same_job(kept: Kept) -> None:
    first, _ = kept.jobs.create(new_job(idempotency_key="k", body_digest="a"))

    again, fresh = kept.jobs.create(new_job(idempotency_key="k", body_digest="a"))

    assert again == first
    assert not fresh
    assert kept.queue.counts().queued == 1


def test_a_key_is_not_used_for_another_request(kept: Kept) -> None:
    kept.jobs.create(new_job(idempotency_key="k", body_digest="a"))

    with pytest.raises(IdempotencyMismatch, match="'k' was used for another request"):
        kept.jobs.create(new_job(idempotency_key="k", body_digest="b"))


def test_owners_have_their_own_keys(kept: Kept) -> None:
    kept.jobs.create(new_job("ann", idempotency_key="k", body_digest="a"))

    _, fresh = kept.jobs.create(new_job("bob", idempotency_key="k", body_digest="b"))

    assert fresh


def test_requests_at_the_same_moment_make_one_job(kept: Kept) -> None:
    barrier = threading.Barrier(8)

    def submit(_: int) -> tuple[str, bool]:
        barrier.wait()
        job, fresh = kept.jobs.create(new_job(idempotency_key="k", body_digest="a"))
        return job.id, fresh

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(submit, range(8)))

    assert len({name for name, _ in made}) == 1
    assert sum(fresh for _, fresh in made) == 1


def test_an_id_is_taken_once(kept: Kept) -> None:
    kept.jobs.create(new_job(id="mine"))

    with pytest.raises(WrongState, match="already a job 'mine'"):
        kept.jobs.create(new_job("bob", id="mine"))


def test_the_queue_has_a_bound(kept: Kept) -> None:
    small = JobStore(kept.database, limit=2)
    small.create(new_job())
    small.create(new_job())

    with pytest.raises(QueueFull, match="holds 2 jobs"):
        small.create(new_job())

    kept.queue.claim("w")
    small.create(new_job())


def test_other_owners_jobs_are_not_found(kept: Kept) -> None:
    job, _ = kept.jobs.create(new_job("ann"))

    with pytest.raises(NotFound):
        kept.jobs.get(job.id, "bob")
    with pytest.raises(NotFound, match="there is no job 'nothing'"):
        kept.jobs.get("nothing")


def test_pages_go_through_all_jobs_in_order(kept: Kept) -> None:
    names = [kept.jobs.create(new_job(id=f"job{i}"))[0].id for i in range(5)]
    kept.jobs.create(new_job("bob"))

    first = kept.jobs.page("ann", limit=2)
    second = kept.jobs.page("ann", limit=2, offset=first.next or 0)
    last = kept.jobs.page("ann", limit=2, offset=second.next or 0)

    seen = [job.id for page in (first, second, last) for job in page.jobs]
    assert seen == names[::-1]
    assert (first.total, last.next) == (5, None)
    assert [job.id for job in kept.jobs.page("ann", limit=9, oldest_first=True).jobs] == names


def test_a_page_may_be_of_some_states(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    kept.jobs.create(new_job(id="two"))
    kept.queue.claim("w")

    assert [job.id for job in kept.jobs.page(statuses=["running"]).jobs] == ["one"]
    assert [job.id for job in kept.jobs.page(statuses=["queued"]).jobs] == ["two"]
    assert kept.jobs.page(statuses=["failed"], offset=7).next is None


def test_outputs_are_there_before_the_job_ends(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    job = kept.queue.claim("w")
    assert job is not None

    job = add_text(kept.jobs, kept.assets, job, "first")
    early = kept.jobs.get("one")
    add_text(kept.jobs, kept.assets, job, "second", "succeeded")
    late = kept.jobs.get("one")

    assert (early.status, [o.text for o in early.outputs]) == ("running", ["first"])
    assert (late.status, [o.text for o in late.outputs]) == ("succeeded", ["first", "second"])
    asset = kept.assets.get(late.outputs[0].asset_id, "ann")
    assert kept.assets.path(asset.hash).read_text() == "first"
    assert asset.job_id == "one"


def test_how_a_job_ended_is_kept(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    job = kept.queue.claim("w")
    assert job is not None
    kept.clock.now += 5
    error = JobError("node_execution_error", "no", "n", "Echo", "trace")
    reports = {"n": {"status": "failed"}}

    ended = kept.jobs.commit(
        job, status="failed", error=error, nodes=reports, progress={"value": 0.5}
    )

    assert ended == kept.jobs.get("one")
    assert (ended.error, ended.nodes, ended.progress) == (error, reports, {"value": 0.5})
    assert (ended.started_at, ended.completed_at) == (kept.clock.now - 5, kept.clock.now)


def test_what_does_not_run_takes_no_outputs_and_no_end(kept: Kept) -> None:
    queued, _ = kept.jobs.create(new_job())
    with pytest.raises(WrongState):
        kept.jobs.commit(queued, status="succeeded")
    job = kept.queue.claim("w")
    assert job is not None
    kept.jobs.commit(job, status="succeeded")

    with pytest.raises(WrongState, match="does not run any more"):
        add_text(kept.jobs, kept.assets, job, "late")
    with pytest.raises(WrongState):
        kept.jobs.commit(job, status="failed")

    assert kept.jobs.get(job.id).status == "succeeded"
    assert kept.jobs.get(job.id).outputs == ()


def test_an_earlier_attempt_cannot_speak_for_a_later_one(kept: Kept) -> None:
    kept.jobs.create(new_job())
    first = kept.queue.claim("w")
    assert first is not None
    kept.jobs.requeue(first)
    second = kept.queue.claim("w")

    assert second is not None
    assert (first.attempts, second.attempts) == (1, 2)
    with pytest.raises(WrongState):
        kept.jobs.commit(first, status="succeeded")


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    kept.jobs.create(new_job(id="two"))
    kept.queue.claim("w")

    assert kept.jobs.cancel("one").status == "canceling"
    assert kept.jobs.cancel("one").status == "canceling"
    assert kept.jobs.cancel("two").status == "canceled"
    assert kept.jobs.cancel("two").completed_at == kept.clock.now
    assert kept.queue.claim("w") is None
    with pytest.raises(NotFound):
        kept.jobs.cancel("nothing")


def test_a_finished_job_stays_as_it_is_when_cancelled(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    job = kept.queue.claim("w")
    assert job is not None
    kept.jobs.commit(job, status="succeeded")

    assert kept.jobs.cancel("one").status == "succeeded"


def test_a_requeued_job_comes_first_and_has_nothing_of_what_it_did(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    job = kept.queue.claim("w")
    assert job is not None
    job = add_text(kept.jobs, kept.assets, job, "half")
    kept.jobs.create(new_job(id="two"))

    again = kept.jobs.requeue(job)

    assert again is not None
    assert (again.status, again.outputs, again.started_at) == ("queued", (), None)
    assert kept.queue.order() == ["one", "two"]


def test_a_cancelled_job_is_not_requeued(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    job = kept.queue.claim("w")
    kept.jobs.cancel("one")
    assert job is not None

    assert kept.jobs.requeue(job) is None
    assert kept.jobs.get("one").status == "canceling"


def test_after_a_crash_every_job_is_in_a_true_state(kept: Kept) -> None:
    for name, retry in (("lost", False), ("again", True), ("stopped", False), ("waits", False)):
        kept.jobs.create(new_job(id=name, retry=retry))
    for _ in range(3):
        kept.queue.claim("here")
    kept.jobs.cancel("stopped")
    kept.jobs.create(new_job("bob", id="elsewhere"))
    kept.queue.claim("there")

    found = kept.jobs.recover("here")

    assert {job.id: job.status for job in found} == {
        "lost": "failed",
        "again": "queued",
        "stopped": "canceled",
    }
    error = kept.jobs.get("lost").error
    assert error is not None
    assert error.code == "interrupted"
    assert kept.jobs.get("waits").status == "queued"
    assert kept.jobs.get("elsewhere").status == "running"


def test_a_running_job_is_not_deleted(kept: Kept) -> None:
    kept.jobs.create(new_job(id="one"))
    kept.jobs.create(new_job(id="two"))
    job = kept.queue.claim("w")
    assert job is not None
    with pytest.raises(WrongState, match="running; cancel it first"):
        kept.jobs.delete("one")
    add_text(kept.jobs, kept.assets, job, "x", "succeeded")

    kept.jobs.delete("one")
    kept.jobs.delete("two")

    for name in ("one", "two"):
        with pytest.raises(NotFound):
            kept.jobs.get(name)
    with pytest.raises(NotFound):
        kept.jobs.delete("one")


def test_numbers_grow_whatever_the_clock_does_and_are_not_used_again(kept: Kept) -> None:
    first, _ = kept.jobs.create(new_job(id="one"))
    kept.clock.now -= 86_400
    second, _ = kept.jobs.create(new_job(id="two"))
    kept.jobs.delete("two")
    kept.clock.now += 2 * 86_400
    third, _ = kept.jobs.create(new_job(id="three"))

    assert first.number < second.number < third.number
    assert [job.id for job in kept.jobs.page().jobs] == ["three", "one"]
    assert kept.queue.order() == ["one", "three"]


def test_texts_of_any_kind_are_kept(kept: Kept) -> None:
    odd = '{"text": "\\ud800 \\u0000 é"}'
    made, _ = kept.jobs.create(new_job(extra={"x": "\ud83d"}, client="é"))
    other, _ = kept.jobs.create(NewJob(owner="ann", source=odd, workflow=odd))

    assert kept.jobs.get(other.id).source_text == odd
    assert kept.jobs.get(made.id).extra == made.extra
