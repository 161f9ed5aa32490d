"""Who is to be told of the end of a job, on both databases."""

import pytest

from nodegraph.jobs.hooks import ATTEMPTS, Due, Hooks
from nodegraph.jobs.model import Hook, Job
from tests.jobs.conftest import Kept
from tests.jobs.making import new_job

HOOK = Hook("https://example.org/told", "a secret", "http://here:8188")


@pytest.fixture
def hooks(kept: Kept) -> Hooks:
    return Hooks(kept.database, kept.clock)


def ended(kept: Kept, hook: Hook | None = HOOK) -> Job:
    job, _ = kept.jobs.create(new_job(hook=hook))
    return kept.jobs.cancel(job.id)


def test_nobody_is_told_before_the_end(kept: Kept, hooks: Hooks) -> None:
    job, _ = kept.jobs.create(new_job(hook=HOOK))

    assert hooks.claim(10) == []

    kept.jobs.cancel(job.id)
    (due,) = hooks.claim(10)
    assert (due.job_id, due.hook, due.attempt, due.last) == (job.id, HOOK, 1, False)


def test_a_job_without_a_hook_tells_nobody(kept: Kept, hooks: Hooks) -> None:
    ended(kept, None)

    assert hooks.claim(10) == []
    assert hooks.count() == 0


def test_one_that_is_claimed_is_not_claimed_again_until_its_time(kept: Kept, hooks: Hooks) -> None:
    ended(kept)
    hooks.claim(10)

    assert hooks.claim(10) == []
    kept.clock.now += 14
    assert hooks.claim(10) == []
    kept.clock.now += 2
    assert [due.attempt for due in hooks.claim(10)] == [2]


def test_attempts_end(kept: Kept, hooks: Hooks) -> None:
    ended(kept)
    attempts: list[Due] = []
    while not attempts or not attempts[-1].last:
        attempts += hooks.claim(10)
        kept.clock.now += 3600

    assert [due.attempt for due in attempts] == [*range(1, ATTEMPTS + 1)]
    hooks.settled(attempts[-1].number)
    assert hooks.count() == 0


def test_a_clock_that_is_set_back_delays_nobody_for_long(kept: Kept, hooks: Hooks) -> None:
    ended(kept)
    hooks.claim(10)
    kept.clock.now -= 10 * 86400

    assert [due.attempt for due in hooks.claim(10)] == [2]


def test_what_is_settled_is_gone(kept: Kept, hooks: Hooks) -> None:
    ended(kept)
    other = ended(kept)
    first, second = hooks.claim(10)
    hooks.settled(first.number)
    kept.clock.now += 60

    assert [due.job_id for due in hooks.claim(10)] == [second.job_id] == [other.id]


def test_only_so_many_are_claimed_at_once(kept: Kept, hooks: Hooks) -> None:
    for _ in range(3):
        ended(kept)

    assert len(hooks.claim(2)) == 2
    assert len(hooks.claim(2)) == 1


def test_a_deleted_job_takes_its_hook_along(kept: Kept, hooks: Hooks) -> None:
    job = ended(kept)
    kept.jobs.delete(job.id)

    assert hooks.count() == 0


def test_a_job_made_again_under_its_key_has_one_hook(kept: Kept, hooks: Hooks) -> None:
    first, _ = kept.jobs.create(new_job(idempotency_key="k", hook=HOOK))
    again, new = kept.jobs.create(new_job(idempotency_key="k", hook=HOOK))

    assert (again.id, new) == (first.id, False)
    assert hooks.count() == 1
