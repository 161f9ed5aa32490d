"""Jobs through a service with a real worker: what clients see of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
from blake3 import blake3

from nodegraph.errors import InvalidWorkflow, MissingPart, WorkflowFileError
from nodegraph.jobs.errors import (
    IdempotencyMismatch,
    MissingAsset,
    NotFound,
    UiFormat,
    WrongState,
)
from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import comes_true, events_of, is_running, run, serving, until

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


async def test_every_problem_is_said_at_once(service: Service) -> None:
    document = workflow(
        echo={"type": "Echo", "value": 3},
        join={"type": "Join", "second": link("echo")},
        save={"type": "SaveText", "text": link("join"), "nmae": "x"},
    )

    with pytest.raises(InvalidWorkflow) as caught:
        await service.submit(document)

    found = {(problem.node, problem.field) for problem in caught.value.problems}
    assert found == {("echo", "value"), ("join", "first"), ("save", "nmae")}
    assert (await service.queue()).queued == 0


async def test_what_is_not_installed_is_named(service: Service) -> None:
    with pytest.raises(MissingPart, match="'Eco' is not installed") as caught:
        await service.submit(through("Eco"))
    assert caught.value.problems[0].nearest == "Echo"
    with pytest.raises(MissingPart, match="'nothing'"):
        await service.submit(through("PickModel", name="nothing"))


async def test_a_model_that_was_just_added_is_found(service: Service) -> None:
    with pytest.raises(MissingPart):
        await service.submit(through("PickModel", name="late.safetensors"))
    folder = service.data / "models" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "late.safetensors").touch()

    job = await run(service, through("PickModel", name="late.safetensors"))

    assert job.status == "succeeded"


async def test_the_api_format_is_taken(service: Service) -> None:
    document = {
        "3": {"class_type": "Echo", "inputs": {"value": "api"}},
        "9": {"class_type": "SaveText", "inputs": {"text": ["3", 0]}},
    }

    job = await run(service, document)

    assert (job.format, job.source, job.status) == ("api", document, "succeeded")
    assert [output.node for output in job.outputs] == ["9"]
    assert job.workflow["nodes"]["9"]["inputs"]["text"] == {"node": "3", "output": "str"}


async def test_what_is_no_workflow_is_refused(service: Service) -> None:
    with pytest.raises(UiFormat, match="API format"):
        await service.submit({"nodes": [], "links": [], "version": 0.4})
    with pytest.raises(WorkflowFileError, match="no workflow"):
        await service.submit({"hello": 1})
    with pytest.raises(WorkflowFileError, match="JSON"):
        await service.submit({"nodegraph": 1, "nodes": {}, "x": float("nan")})
    with pytest.raises(WorkflowFileError):
        await service.submit([1])  # type: ignore[arg-type]


async def test_seeds_are_drawn_once_and_the_document_stays_verbatim(service: Service) -> None:
    document = through("Dice", seed="random")

    job = await run(service, document)

    seed = job.workflow["nodes"]["it"]["inputs"]["seed"]
    assert isinstance(seed, int)
    assert job.source == document
    assert job.outputs[0].path is not None
    assert Path(job.outputs[0].path).read_text() == str(seed)


async def test_an_asset_can_be_an_input(service: Service) -> None:
    asset = service.assets.put([b"from an upload"], "local", "up.txt", "text/plain")
    reference = {"__type": "core/ASSET", "info": {"id": asset.id}}

    job = await run(service, through("ReadText", file=reference))

    assert job.outputs[0].path is not None
    assert Path(job.outputs[0].path).read_text() == "from an upload"
    assert job.source["nodes"]["it"]["inputs"]["file"] == reference


async def test_other_owners_assets_are_missing(service: Service) -> None:
    asset = service.assets.put([b"x"], "ann", "up.txt", "text/plain")
    for info in ({"id": asset.id}, {"id": "nothing"}, {"hash": asset.hash}, None):
        reference = {"__type": "core/ASSET", "info": info}
        with pytest.raises(MissingAsset, match="node 'it', 'file'"):
            await service.submit(through("ReadText", file=reference), owner="bob")


async def test_no_file_outside_the_input_folders_is_read(service: Service, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (service.input_dir() / "link.txt").symlink_to(secret)
    for name in (str(secret), "../nodegraph.db", "link.txt"):
        with pytest.raises(InvalidWorkflow):
            await service.submit(through("ReadText", file=name))


async def test_valid_outputs_run_without_the_others_if_asked_for(service: Service) -> None:
    document = saying("part")
    document["nodes"]["bad"] = {"type": "SaveText", "inputs": {}}
    with pytest.raises(InvalidWorkflow):
        await service.submit(document)

    submission = await service.submit(document, partial=True)
    last = (await events_of(service, submission.job.id))[-1].job

    assert [problem.node for problem in submission.problems] == ["bad"]
    assert last is not None
    assert [output.node for output in last.outputs] == ["save"]
    with pytest.raises(InvalidWorkflow):
        await service.submit(workflow(bad={"type": "SaveText"}), partial=True)


async def test_only_the_targets_run(service: Service) -> None:
    document = saying("target")
    document["nodes"]["show"] = {"type": "ShowText", "inputs": {"text": link("echo")}}

    job = await run(service, document, targets=["show"])

    assert [output.node for output in job.outputs] == ["show"]
    assert job.nodes is not None
    assert job.nodes["save"]["status"] == "skipped"


async def test_a_repeated_request_gets_the_same_job(service: Service) -> None:
    key = "k\0é" * 200
    first = await service.submit(saying("key"), idempotency_key=key)
    again = await service.submit(saying("key"), idempotency_key=key)

    assert (first.new, again.new) == (True, False)
    assert first.job.id == again.job.id
    with pytest.raises(IdempotencyMismatch):
        await service.submit(saying("other"), idempotency_key=key)


async def test_a_client_may_choose_the_id(service: Service) -> None:
    job = await run(service, saying("id"), job_id="my.job-1", client_id="tab\0" + "x" * 200)

    assert job.id == "my.job-1"
    assert job.client_id == "tab" + "x" * 97
    with pytest.raises(WrongState, match="already"):
        await service.submit(saying("id"), job_id="my.job-1")
    for bad in ("", "../x", "a" * 101, "é", ".hidden", "a/b", "a\n"):
        with pytest.raises(WrongState, match="a job id has"):
            await service.submit(saying("id"), job_id=bad)


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
