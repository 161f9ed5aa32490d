"""Whose turn it is."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nodegraph.jobs.errors import NotFound, WrongState
from nodegraph.jobs.queue import Queue
from tests.jobs.conftest import Kept
from tests.jobs.making import new_job


def _claimed(kept: Kept, count: int = 20) -> list[str]:
    found = (kept.queue.claim("w") for _ in range(count))
    return [job.id for job in found if job is not None]


def test_jobs_come_in_the_order_of_arrival(kept: Kept) -> None:
    for name in "abc":
        kept.jobs.create(new_job(id=name))

    assert _claimed(kept) == ["a", "b", "c"]


def test_a_claimed_job_says_who_runs_it(kept: Kept) -> None:
    kept.jobs.create(new_job(id="a"))

    job = kept.queue.claim("worker 1")

    assert job is not None
    assert (job.status, job.worker, job.attempts) == ("running", "worker 1", 1)
    assert job == kept.jobs.get("a")


def test_clients_take_turns(kept: Kept) -> None:
    for number in range(3):
        kept.jobs.create(new_job("ann", "tab", id=f"a{number}"))
    kept.jobs.create(new_job("ann", "other tab", id="o"))
    kept.jobs.create(new_job("bob", id="b0"))
    kept.jobs.create(new_job("bob", id="b1"))

    assert _claimed(kept) == ["a0", "o", "b0", "a1", "b1", "a2"]


def test_who_waited_longest_is_next(kept: Kept) -> None:
    kept.jobs.create(new_job("ann", id="a0"))
    assert _claimed(kept) == ["a0"]
    kept.jobs.create(new_job("ann", id="a1"))
    kept.jobs.create(new_job("bob", id="b0"))

    assert _claimed(kept) == ["b0", "a1"]


def test_priority_comes_before_turns(kept: Kept) -> None:
    kept.jobs.create(new_job("ann", id="low", priority=-1))
    kept.jobs.create(new_job("ann", id="plain"))
    kept.jobs.create(new_job("bob", id="high", priority=5))
    kept.jobs.create(new_job("bob", id="higher", priority=5, front=True))

    assert kept.queue.order() == ["higher", "high", "plain", "low"]
    assert _claimed(kept) == ["higher", "high", "plain", "low"]


def test_nothing_is_claimed_while_paused_even_by_another_process(kept: Kept) -> None:
    kept.jobs.create(new_job(id="a"))
    kept.queue.pause(True)
    kept.queue.pause(True)

    assert Queue(kept.jobs).claim("w") is None
    assert kept.queue.counts().paused

    kept.queue.pause(False)
    assert not kept.queue.counts().paused
    assert _claimed(kept) == ["a"]


def test_no_job_is_claimed_twice(kept: Kept) -> None:
    for number in range(40):
        kept.jobs.create(new_job(f"owner{number % 3}", id=f"j{number}"))
    barrier = threading.Barrier(4)

    def work(name: int) -> list[str]:
        queue, found = Queue(kept.jobs), []
        barrier.wait()
        misses = 0
        while misses < 3:
            job = queue.claim(f"w{name}")
            if job is None:
                misses += 1
            else:
                found.append(job.id)
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, range(4)))

    taken = [name for share in shares for name in share]
    assert sorted(taken) == sorted(f"j{number}" for number in range(40))


def test_a_job_can_be_moved(kept: Kept) -> None:
    for name in "abcd":
        kept.jobs.create(new_job(id=name))

    kept.queue.move("d", "b")
    assert kept.queue.order() == ["a", "d", "b", "c"]
    kept.queue.move("a", None)
    assert kept.queue.order() == ["d", "b", "c", "a"]
    assert [kept.queue.place(name) for name in "abcd"] == [3, 1, 2, 0]


def test_only_waiting_jobs_are_moved(kept: Kept) -> None:
    kept.jobs.create(new_job(id="a"))
    kept.jobs.create(new_job(id="b"))
    kept.jobs.create(new_job(id="high", priority=1))
    kept.queue.claim("w")

    with pytest.raises(WrongState, match="'high' does not wait: it is running"):
        kept.queue.move("high", None)
    with pytest.raises(NotFound):
        kept.queue.move("a", "nothing")
    kept.queue.prioritise("b", 2)
    with pytest.raises(WrongState, match="another priority"):
        kept.queue.move("a", "b")
    with pytest.raises(WrongState):
        kept.queue.prioritise("high", 2)
    assert kept.queue.place("high") is None
    assert kept.queue.place("nothing") is None
    assert kept.queue.order() == ["b", "a"]


def test_new_jobs_come_after_moved_ones(kept: Kept) -> None:
    for name in "abc":
        kept.jobs.create(new_job(id=name))
    kept.queue.move("a", None)
    kept.jobs.create(new_job(id="d"))

    assert kept.queue.order() == ["b", "c", "a", "d"]


def test_counts_and_lists_are_of_what_waits(kept: Kept) -> None:
    for name in "abc":
        kept.jobs.create(new_job(id=name))
    kept.jobs.create(new_job("bob", id="d"))
    kept.queue.claim("w")
    kept.jobs.cancel("a")

    counts = kept.queue.counts()

    assert (counts.queued, counts.running) == (3, 1)
    assert [job.id for job in kept.queue.waiting()] == ["b", "c", "d"]
    assert [job.id for job in kept.queue.waiting("bob")] == ["d"]
