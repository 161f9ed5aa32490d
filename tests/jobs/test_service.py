"""Jobs through a service with a real worker: what clients see of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from blake3 import blake3

from nodegraph.jobs.errors import (
    NotFound,
)
from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import events_of, is_running, run, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("service"), cancel_grace=60) as made:
        yield made


async def test_a_job_runs_and_its_results_are_files_and_assets(service: Service) -> None:
    job = await run(service, saying("results"))

    (output,) = job.outputs
    assert (job.status, job.error) == ("succeeded", None)
    assert (output.node, output.name, output.type) == ("save", "texts", "text")
    assert (output.content_type, output.size) == ("text/plain", 8)
    assert output.path is not None
    path = Path(output.path)
    assert path.parent == service.output_dir()
    assert path.read_text() == "results!"
    assert blake3(path.read_bytes()).hexdigest() == output.hash
    asset = service.assets.get(output.asset_id, "local")
    assert service.assets.path(asset.hash).read_bytes() == path.read_bytes()
    assert (asset.name, asset.job_id) == (path.name, job.id)
    assert (await service.page(limit=1)).jobs == (job,)


async def test_what_is_reused_says_so_and_has_its_results_again(service: Service) -> None:
    first = await run(service, saying("again"))
    second = await run(service, saying("again"))

    assert first.nodes is not None
    assert second.nodes is not None
    assert {report["status"] for report in first.nodes.values()} == {"ran"}
    assert {report["status"] for report in second.nodes.values()} == {"reused"}
    assert second.outputs[0].path == first.outputs[0].path
    assert second.outputs[0].hash == first.outputs[0].hash
    assert second.progress is not None
    assert (second.progress["value"], second.progress["nodes_done"]) == (1.0, 3)


async def test_texts_that_are_shown_are_assets_too(service: Service) -> None:
    job = await run(
        service,
        workflow(
            it={"type": "Echo", "value": "shown"}, show={"type": "ShowText", "text": link("it")}
        ),
    )

    (output,) = job.outputs
    assert (output.text, output.path, output.temporary) == ("shown", None, True)
    assert service.assets.path(output.hash).read_text() == "shown"


async def test_owners_are_kept_apart(service: Service) -> None:
    job = await run(service, saying("mine"), owner="ann")
    await run(service, saying("theirs"), owner="bob")

    assert job.outputs[0].path is not None
    assert Path(job.outputs[0].path).is_relative_to(service.data / "users" / "ann" / "outputs")
    for method in (service.get, service.cancel, service.delete):
        with pytest.raises(NotFound):
            await method(job.id, "bob")
    with pytest.raises(NotFound):
        await anext(service.subscribe(job.id, "bob"))
    assert [found.id for found in (await service.page("ann")).jobs] == [job.id]
    for bad in ("", "..", "a/b", "\0"):
        with pytest.raises(ValueError, match="owner"):
            await service.submit(saying(), owner=bad)


async def test_a_failure_names_its_node_and_what_is_beside_it_goes_on(service: Service) -> None:
    document = through("Wrong", text="key")
    document["nodes"] |= saying("beside")["nodes"] | {"other": document["nodes"].pop("save")}

    job = await run(service, document)

    assert job.status == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.node_id, job.error.class_type) == (
        "node_execution_error",
        "it",
        "Wrong",
    )
    assert "KeyError: 'key'" in job.error.message
    assert "return values[text]" in (job.error.traceback or "")
    assert [output.node for output in job.outputs] == ["save"]
    assert job.nodes is not None
    assert job.nodes["other"]["status"] == "skipped"


async def test_a_node_without_memory_fails_alone(service: Service) -> None:
    before = service.system()["worker"]["pid"]

    job = await run(service, through("NoMemory"))
    after = await run(service, saying("after"))

    assert job.error is not None
    assert (job.error.node_id, "memory" in job.error.message) == ("it", True)
    assert after.status == "succeeded"
    assert service.system()["worker"]["pid"] == before


async def test_a_cancelled_job_stops_soon_and_the_next_one_runs(service: Service) -> None:
    long = (await service.submit(through("Slow", steps=10_000))).job
    waits = (await service.submit(through("Slow", steps=10_000))).job
    following = (await service.submit(saying("next"))).job
    await until(service, long.id, is_running("it"))

    assert (await service.cancel(waits.id)).status == "canceled"
    assert (await service.cancel(long.id)).status == "canceling"
    ended = [(await events_of(service, job.id))[-1].job for job in (long, waits, following)]

    assert [job.status for job in ended if job is not None] == ["canceled", "canceled", "succeeded"]
    assert (await service.cancel(long.id)).status == "canceled"
    assert (await service.get(waits.id)).attempts == 0


async def test_a_cancel_in_the_moment_of_the_claim_is_not_lost(service: Service) -> None:
    for _ in range(20):
        job = (await service.submit(through("Slow", steps=500))).job
        await service.cancel(job.id)

        assert (await events_of(service, job.id))[-1].job.status == "canceled"  # type: ignore[union-attr]


async def test_the_server_stays_responsive_while_a_node_holds_the_interpreter(
    service: Service,
) -> None:
    job = (await service.submit(through("Hold", seconds=1))).job
    await until(service, job.id, is_running("it"))
    longest = 0.0
    while not (await service.get(job.id)).finished:
        started = time.perf_counter()
        await service.queue()
        longest = max(longest, time.perf_counter() - started)
        await asyncio.sleep(0.01)

    assert longest < 0.5


async def test_what_nodes_print_is_told_with_the_node(service: Service) -> None:
    job = (await service.submit(through("Talk", text="psst"))).job

    lines = [event.log for event in await events_of(service, job.id) if event.log is not None]

    assert {line.message for line in lines} == {"psst", "psst as an error", "psst from below"}
