"""What goes wrong beside the nodes: files that vanish, results that cannot be kept, floods."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from blake3 import blake3

from nodegraph.jobs.errors import QueueFull
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service
from nodegraph.jobs.store import JobStore
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import events_of, run, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("faults"), queue_limit=3) as made:
        yield made


async def test_a_result_that_cannot_be_kept_fails_its_job_alone(service: Service) -> None:
    digest = blake3(b"unkept!").hexdigest()
    in_the_way = service.assets.folder / digest[:2]
    in_the_way.write_text("a file where a folder should be")
    document = saying("unkept")
    document["nodes"]["show"] = {"type": "ShowText", "inputs": {"text": "kept"}}

    job = await run(service, document)
    in_the_way.unlink()

    assert job.status == "failed"
    assert job.error is not None
    assert job.error.code == "output_error"
    assert "could not be kept" in job.error.message
    assert (await run(service, saying("kept"))).status == "succeeded"


async def test_an_input_that_vanishes_before_the_run_is_named(service: Service) -> None:
    file = service.input_dir() / "soon-gone.txt"
    file.write_text("x")
    await service.pause(True)
    job = (await service.submit(through("ReadText", file=file.name))).job
    file.unlink()
    await service.pause(False)

    ended = (await events_of(service, job.id))[-1].job

    assert ended is not None
    assert ended.error is not None
    assert ended.error.code == "invalid_workflow"
    assert "soon-gone.txt" in ended.error.message


async def test_a_flood_of_lines_is_cut(service: Service) -> None:
    job = (await service.submit(through("Flood", lines=3000))).job

    events = await events_of(service, job.id)

    lines = [event.log.message for event in events if event.log is not None]
    assert len(lines) <= 1000
    assert events[-1].job is not None
    assert events[-1].job.status == "succeeded"


async def test_an_error_that_is_no_unicode_can_be_told(service: Service) -> None:
    job = await run(service, through("Mangled"))
    stored = await service.get(job.id)

    for found in (job, stored):
        assert found.error is not None
        assert found.error.message == "OSError: no file 'caf?'"
        assert found.nodes is not None
        assert found.nodes["it"]["error"].isascii()


async def test_an_error_beyond_all_measure_still_names_its_node(service: Service) -> None:
    job = await run(service, through("LongWinded", length=70 * 2**20))

    assert job.error is not None
    assert (job.error.code, job.error.node_id) == ("node_execution_error", "it")
    assert len(job.error.message) <= 64 * 1024


async def test_an_end_that_cannot_be_stored_ends_no_queue(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = JobStore.commit
    cursed = str(uuid.uuid4())

    def fail(store: JobStore, job: Job, *args: Any, **kwargs: Any) -> Job:
        if job.id == cursed and kwargs["status"] is not None:
            raise ValueError("a bug of ours")
        return commit(store, job, *args, **kwargs)

    monkeypatch.setattr(JobStore, "commit", fail)
    await service.submit(saying("cursed"), job_id=cursed)

    assert (await run(service, saying("after a curse"))).status == "succeeded"


async def test_a_full_queue_takes_nothing_more_until_something_ran(service: Service) -> None:
    await service.pause(True)
    names = [(await service.submit(saying(f"full {i}"))).job.id for i in range(3)]

    with pytest.raises(QueueFull, match="holds 3 jobs"):
        await service.submit(saying("one too many"))

    await service.pause(False)
    for name in names:
        await events_of(service, name)
    assert (await run(service, saying("again"))).status == "succeeded"


async def test_a_result_that_was_deleted_is_made_again(service: Service) -> None:
    first = await run(service, saying("remade"))
    path = first.outputs[0].path
    assert path is not None
    service.output_dir().joinpath(path).unlink()

    second = await run(service, saying("remade"))

    assert second.nodes is not None
    assert second.nodes["save"]["status"] == "ran"
    assert second.outputs[0].hash == first.outputs[0].hash


async def test_a_large_text_arrives_whole(service: Service) -> None:
    text = "é" * 2_000_000
    document = workflow(
        it={"type": "Echo", "value": text}, show={"type": "ShowText", "text": link("it")}
    )

    job = await run(service, document)

    assert job.outputs[0].text == text
    assert job.outputs[0].size == 4_000_000
