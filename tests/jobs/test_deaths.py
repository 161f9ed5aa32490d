"""Workers that die, hang or are killed: the job says why, the queue goes on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import comes_true, events_of, is_running, run, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("deaths"), cancel_grace=0.3) as made:
        yield made


async def test_a_crash_names_node_and_signal_and_the_queue_goes_on(service: Service) -> None:
    document = through("Crash", number=int(signal.SIGSEGV))
    document["nodes"] |= {"first": {"type": "ShowText", "inputs": {"text": "before"}}}
    crashing = (await service.submit(document)).job
    following = (await service.submit(saying("after a crash"))).job

    crashed = (await events_of(service, crashing.id))[-1].job
    after = (await events_of(service, following.id))[-1].job

    assert crashed is not None
    assert crashed.status == "failed"
    assert crashed.error is not None
    assert (crashed.error.code, crashed.error.node_id, crashed.error.class_type) == (
        "worker_crashed",
        "it",
        "Crash",
    )
    assert "node 'it' (Crash)" in crashed.error.message
    assert "SIGSEGV" in crashed.error.message
    assert "Segmentation fault" in (crashed.error.traceback or "")
    assert crashed.attempts == 1
    assert after is not None
    assert after.status == "succeeded"
    assert service.metrics()["worker_restarts"] >= 1


async def test_a_kill_hints_at_memory(service: Service) -> None:
    job = await run(service, through("Crash", number=int(signal.SIGKILL)))

    assert job.error is not None
    assert "SIGKILL; the system may have run out of memory" in job.error.message


async def test_a_node_that_exits_fails_its_job(service: Service) -> None:
    job = await run(service, through("Leave", code=3))

    assert job.error is not None
    assert "it exited with code 3" in job.error.message
    assert job.nodes is not None
    assert job.nodes["it"]["status"] == "failed"


async def test_a_deaf_node_is_killed_after_the_grace(service: Service) -> None:
    job = (await service.submit(through("Deaf", seconds=60))).job
    await until(service, job.id, is_running("it"))
    await service.cancel(job.id)

    ended = (await events_of(service, job.id))[-1].job

    assert ended is not None
    assert (ended.status, ended.error) == ("canceled", None)
    assert (await run(service, saying("after a kill"))).status == "succeeded"


async def test_programs_that_nodes_started_die_with_the_worker(service: Service) -> None:
    await service.ready()
    pid = service.system()["worker"]["pid"]
    job = (await service.submit(through("Spawn"))).job
    await until(service, job.id, is_running("it"))

    async def has_child() -> bool:
        return bool(psutil.Process(pid).children())

    await comes_true(has_child)
    (child,) = psutil.Process(pid).children()
    await service.cancel(job.id)
    await events_of(service, job.id)

    async def is_gone() -> bool:
        return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    await comes_true(is_gone)


async def test_a_worker_that_dies_idle_costs_no_job(service: Service) -> None:
    await run(service, saying("warm"))
    pid = service.system()["worker"]["pid"]
    os.kill(pid, signal.SIGKILL)

    job = await run(service, saying("right after"))

    assert job.status == "succeeded"
    assert service.system()["worker"]["pid"] != pid


async def test_half_written_results_of_a_killed_worker_are_removed(service: Service) -> None:
    folder = service.output_dir()
    folder.mkdir(exist_ok=True)
    (folder / ".text_00001.txt.0123abcd.tmp").write_text("half")
    (folder / "my.tmp").write_text("a user's")

    await run(service, through("Crash"))

    assert [path.name for path in folder.glob("*.tmp")] + [
        path.name for path in folder.glob(".*.tmp")
    ] == ["my.tmp"]


async def test_a_stopped_worker_is_seen_to_be_silent(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodegraph.jobs.supervisor.SILENCE", 0.5)
    await service.ready()
    pid = service.system()["worker"]["pid"]

    async def is_silent() -> bool:
        return bool(service.system()["worker"]["state"] == "silent")

    os.kill(pid, signal.SIGSTOP)
    try:
        await comes_true(is_silent)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (await run(service, saying("awake"))).status == "succeeded"


async def test_a_job_is_started_as_often_as_stated(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", max_attempts=2) as service:
        once = through("Crash", once=str(tmp_path / "once"))
        always = through("Crash")

        survivor = await run(service, once)
        hopeless = await run(service, always)

    assert (survivor.status, survivor.attempts) == ("succeeded", 2)
    assert (hopeless.status, hopeless.attempts) == ("failed", 2)


async def test_outputs_before_a_crash_are_kept(service: Service) -> None:
    document = workflow(
        first={"type": "SaveText", "text": "kept"},
        last={"type": "Deaf", "text": link("wait"), "seconds": 60},
        wait={"type": "Slow", "steps": 20},
        save={"type": "SaveText", "text": link("last")},
    )
    job = (await service.submit(document)).job
    await until(service, job.id, lambda event: is_running("last")(event) and _has_output(event.job))
    pid = service.system()["worker"]["pid"]
    os.kill(pid, signal.SIGKILL)

    ended = (await events_of(service, job.id))[-1].job

    assert ended is not None
    assert ended.status == "failed"
    (output,) = ended.outputs
    assert output.path is not None
    assert Path(output.path).read_text() == "kept"


def _has_output(job: object) -> bool:
    return bool(getattr(job, "outputs", ()))


async def test_a_pack_that_cannot_be_loaded_leaves_the_server_up(tmp_path: Path) -> None:
    service = await Service.start(tmp_path, packs=["tests.jobs.no_such_pack"])
    try:

        async def has_failed() -> bool:
            return service.metrics()["worker_restarts"] >= 1  # type: ignore[no-any-return]

        await comes_true(has_failed)
        assert service.system()["worker"]["state"] in ("down", "starting")
        assert (await service.queue()).queued == 0
    finally:
        await asyncio.wait_for(service.stop(), 20)
