"""Jobs that the service holds in memory while they wait are never older than the store."""

import asyncio
from pathlib import Path

import pytest

from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.service import Service
from tests.jobs.making import saying, through
from tests.jobs.serving import events_of, is_running, serving, until


async def same(service: Service, job_id: str) -> bool:
    """Whether a job at hand is what the store has."""
    stored = await service.blocking(service._stores.jobs.get, job_id)
    return await service.get(job_id) == stored


async def test_a_waiting_job_is_as_stored_after_each_change(tmp_path: Path) -> None:
    async with serving(tmp_path, wait=False) as service:
        await service.ready()
        await service.pause(True)
        for name in ("first", "second"):
            await service.submit(saying(), job_id=name, extra={"note": name})
        assert await same(service, "first")
        assert (await service.standing("second"))[1] == 1

        await service.set_priority("second", 5)
        assert await same(service, "second")
        assert (await service.standing("second"))[1] == 0

        await service.pin("second", True)
        assert (await service.get("second")).pinned
        assert await same(service, "second")

        await service.move("first", None)
        assert await same(service, "first")

        await service.cancel("first")
        assert (await service.get("first")).status == "canceled"
        assert (await service.standing("first"))[1] is None

        await service.delete("second")
        with pytest.raises(NotFound):
            await service.get("second")


async def test_a_waiting_job_is_only_its_owners(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        await service.pause(True)
        await service.submit(saying(), job_id="mine", owner="ann")

        assert (await service.get("mine", "ann")).status == "queued"
        for look in (service.get, service.standing):
            with pytest.raises(NotFound):
                await look("mine", "bob")


async def test_jobs_claimed_one_after_the_other_can_be_cancelled_at_any_moment(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as service:
        names = [f"job{number}" for number in range(30)]
        for name in names:
            await service.submit(saying(name), job_id=name, client_id=name)
        for number, name in enumerate(names):
            if number % 3 == 0:
                await asyncio.sleep(0.002 * (number % 5))
                await service.cancel(name)
        for name in names:
            last = (await events_of(service, name))[-1].job
            assert last is not None
            stored = await service.blocking(service._stores.jobs.get, name)
            assert last.status == stored.status
            assert stored.status in ("succeeded", "canceled")
            assert stored.attempts <= 1


async def test_a_stop_puts_back_what_was_claimed_for_the_next_turn(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        await service.submit(through("Slow", steps=20), job_id="runs")
        for number in range(3):
            await service.submit(saying(str(number)), job_id=f"next{number}")
        await until(service, "runs", is_running("it"))
        await service.stop(finish=True)

    async with serving(tmp_path) as service:
        assert (await service.get("runs")).status == "succeeded"
        for number in range(3):
            last = (await events_of(service, f"next{number}"))[-1].job
            assert last is not None
            assert last.status == "succeeded"
