"""What a service keeps, holds back and lets go: the queue, deleted and pinned jobs, memory."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from nodegraph.jobs.errors import (
    NotFound,
    WrongState,
)
from nodegraph.jobs.service import Service
from tests.jobs.making import saying, through
from tests.jobs.serving import comes_true, events_of, is_running, run, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("service"), cancel_grace=60) as made:
        yield made


async def test_what_waits_can_be_held_back_moved_and_preferred(service: Service) -> None:
    await service.pause(True)
    names = [(await service.submit(saying(f"q{i}"), job_id=f"q{i}")).job.id for i in range(4)]
    assert (await service.queue()).paused
    await service.move("q3", "q1")
    await service.set_priority("q2", 1)

    assert [job.id for job in await service.waiting()] == ["q2", "q0", "q3", "q1"]
    assert [await service.position(name) for name in names] == [1, 3, 0, 2]
    with pytest.raises(NotFound):
        await service.move("q0", "q1", "somebody")

    await service.pause(False)
    ended = [(await events_of(service, name))[-1].job for name in names]
    order = sorted((job for job in ended if job is not None), key=lambda job: job.started_at or 0)
    assert [job.id for job in order] == ["q2", "q0", "q3", "q1"]


async def test_a_deleted_job_is_gone_with_its_assets(service: Service) -> None:
    job = await run(service, saying("to delete"))
    output = job.outputs[0]

    await service.delete(job.id)

    for lookup in (service.get(job.id), service.blocking(service.assets.get, output.asset_id)):
        with pytest.raises(NotFound):
            await lookup
    assert not service.assets.path(output.hash).exists()
    with pytest.raises(NotFound):
        await service.delete(job.id)


async def test_a_running_job_is_not_deleted(service: Service) -> None:
    job = (await service.submit(through("Slow", steps=10_000))).job
    await until(service, job.id, is_running("it"))

    with pytest.raises(WrongState, match="cancel it first"):
        await service.delete(job.id)
    assert [found.id for found in await service.running()] == [job.id]
    await service.cancel(job.id)
    await events_of(service, job.id)


async def test_a_job_can_be_pinned(service: Service) -> None:
    job = await run(service, saying("pin"))

    assert (await service.pin(job.id, True)).pinned
    assert (await service.get(job.id)).pinned
    assert not (await service.pin(job.id, False)).pinned


async def test_figures_are_of_the_worker(service: Service) -> None:
    await run(service, through("Echo", value="counted"))

    async def has_beaten() -> bool:
        return bool(service.system()["worker"]["rss"])

    await comes_true(has_beaten)
    found = service.system()
    assert found["worker"]["state"] == "idle"
    assert found["ram_total"] >= found["ram_free"] > 0
    assert found["versions"]["nodegraph"]
    counts = service.metrics()
    assert counts["jobs"]["succeeded"] >= 1
    assert counts["nodes"]["Echo"]["ran"] >= 1
    assert counts["nodes"]["SaveText"]["seconds"] > 0


async def test_freed_memory_is_not_reused(service: Service) -> None:
    await run(service, saying("freed"))
    await service.free()

    job = await run(service, saying("freed"))

    assert job.nodes is not None
    assert {report["reason"] for report in job.nodes.values()} == {"disk (earlier process)"}


async def test_closing_a_subscription_is_possible_at_any_time(service: Service) -> None:
    job = (await service.submit(through("Slow", steps=10_000))).job
    async with aclosing(service.subscribe(job.id)) as events:
        await anext(events)
    await service.cancel(job.id)
    await events_of(service, job.id)

    assert service._hub.watched == []
