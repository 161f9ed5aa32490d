"""What is taken, what is refused, and with which words."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from nodegraph.errors import InvalidWorkflow, MissingPart, WorkflowFileError
from nodegraph.jobs.errors import (
    IdempotencyMismatch,
    MissingAsset,
    UiFormat,
    WrongState,
)
from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import events_of, run, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("submit")) as made:
        yield made


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


async def test_a_repeated_request_gets_its_job_though_its_input_is_gone(service: Service) -> None:
    asset = service.assets.put([b"soon gone"], "local", "up.txt", "text/plain")
    document = through("ReadText", file={"__type": "core/ASSET", "info": {"id": asset.id}})
    first = await service.submit(document, idempotency_key="gone")
    service.assets.delete(asset.id)

    again = await service.submit(document, idempotency_key="gone")

    assert (again.new, again.job.id) == (False, first.job.id)


async def test_a_client_may_choose_the_id(service: Service) -> None:
    job = await run(service, saying("id"), job_id="my.job-1", client_id="tab\0" + "x" * 200)

    assert job.id == "my.job-1"
    assert job.client_id == "tab" + "x" * 97
    with pytest.raises(WrongState, match="already"):
        await service.submit(saying("id"), job_id="my.job-1")
    for bad in ("", "../x", "a" * 101, "é", ".hidden", "a/b", "a\n"):
        with pytest.raises(WrongState, match="a job id has"):
            await service.submit(saying("id"), job_id=bad)


async def test_every_problem_of_every_node_is_told_without_submitting(service: Service) -> None:
    absent = {"__type": "core/ASSET", "info": {"id": "nowhere"}}
    document = workflow(
        read={"type": "ReadText", "file": absent},
        save={"type": "SaveText", "text": link("read"), "nmae": "x"},
        unused={"type": "Echo", "value": 3},
        dice={"type": "Dice", "seed": "random"},
    )

    found = await service.problems(document)

    assert {(one.code, one.node, one.field) for one in found} == {
        ("missing_asset", "read", "file"),
        ("unknown_input", "save", "nmae"),
        ("invalid_input_type", "unused", "value"),
    }
    assert await service.problems(saying()) == []
    broken = await service.problems({"nodegraph": 1, "nodes": {"a": {"type": 3}}})
    assert [one.code for one in broken] == ["malformed"]
    with pytest.raises(WorkflowFileError):
        await service.problems({})
