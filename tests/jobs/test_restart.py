"""Stopping, starting again, and what a second server is told."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from checks.imports import HEAVY
from checks.loads import loaded_by
from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import DataDirectoryBusy, Starting, StoreError
from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import events_of, is_running, run, serving, until

ROOT = Path(__file__).parents[2]


def test_the_server_side_loads_nothing_heavy() -> None:
    assert loaded_by("nodegraph.jobs.service", {*HEAVY, "alembic", "nodes"}) == []


async def test_node_types_are_known_at_once_from_the_second_start_on(tmp_path: Path) -> None:
    async with serving(tmp_path, wait=False) as service:
        assert service.description() is None
        with pytest.raises(Starting):
            await service.submit(saying())
        await service.ready()
        first = service.description()
        assert first is not None

    async with serving(tmp_path, wait=False) as service:
        assert service.description() == first
        submission = await service.submit(saying())
        assert (await events_of(service, submission.job.id))[-1].job.status == "succeeded"  # type: ignore[union-attr]


async def test_other_packs_are_not_shown_what_these_had(tmp_path: Path) -> None:
    async with serving(tmp_path):
        pass

    service = await Service.start(tmp_path, packs=["tests.jobs.other_pack"])
    try:
        assert service.description() is None
    finally:
        await service.stop()


async def test_a_stop_returns_the_running_job_to_the_queue(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        job = (await service.submit(through("Deaf", seconds=60), job_id="long")).job
        await service.submit(saying(), job_id="behind")
        await until(service, job.id, is_running("it"))
        started = time.monotonic()
        await service.stop(finish=False)
        assert time.monotonic() - started < 20

    async with serving(tmp_path, wait=False) as service:
        await service.pause(True)
        states = [await service.get(name) for name in ("long", "behind")]
        assert [state.status for state in states] in (["queued"] * 2, ["running", "queued"])
        await service.cancel("long")


async def test_a_stop_can_wait_for_the_running_job(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        job = (await service.submit(through("Slow", steps=20, pause=0.02), job_id="short")).job
        await service.submit(saying(), job_id="behind")
        await until(service, job.id, is_running("it"))
        await service.stop(finish=True)

    async with serving(tmp_path, wait=False) as service:
        assert (await service.get("short")).status == "succeeded"
        behind = await service.get("behind")
        assert (behind.status, behind.attempts) in (("queued", 0), ("running", 1), ("succeeded", 1))


async def test_a_pause_survives_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        await service.pause(True)
        await service.submit(saying(), job_id="held")

    async with serving(tmp_path) as service:
        assert (await service.queue()).paused
        assert (await service.get("held")).status == "queued"
        await service.pause(False)
        assert (await events_of(service, "held"))[-1].job.status == "succeeded"  # type: ignore[union-attr]


async def test_a_stop_ends_subscriptions(tmp_path: Path) -> None:
    async with serving(tmp_path, wait=False) as service:

        async def listen() -> int:
            async with aclosing(service.subscribe()) as events:
                return len([event async for event in events])

        listening = asyncio.ensure_future(listen())
        await asyncio.sleep(0.1)
        await service.stop()
        assert await asyncio.wait_for(listening, 10) == 1  # that the whole state was told


async def test_a_second_server_is_told_who_has_the_directory(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from nodegraph.jobs.errors import DataDirectoryBusy\n"
        "from nodegraph.jobs.service import Service\n"
        "try:\n    asyncio.run(Service.start(Path(sys.argv[1])))\n"
        "except DataDirectoryBusy as error:\n    print(error)"
    )
    async with serving(tmp_path, wait=False):
        command = [sys.executable, "-c", script, str(tmp_path)]
        said = await asyncio.to_thread(subprocess.check_output, command, text=True, cwd=ROOT)
        with pytest.raises(DataDirectoryBusy):
            await Service.start(tmp_path)

    assert f"in use by the server with process id {os.getpid()} on '" in said
    async with serving(tmp_path, wait=False):
        pass


async def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot be written"):
        await Service.start(tmp_path / "file" / "data")


async def test_a_newer_database_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "nodegraph.db"
    Database(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = path.read_bytes()

    with pytest.raises(StoreError, match="from a newer nodegraph; it was left untouched"):
        await Service.start(tmp_path)

    assert path.read_bytes() == before
    with pytest.raises(StoreError):  # and not because the directory were still held
        await Service.start(tmp_path)


async def test_a_locked_database_blocks_nothing_else(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        engine = create_engine(
            f"sqlite:///{tmp_path / 'nodegraph.db'}", isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            submitting = asyncio.ensure_future(service.submit(saying()))
            longest = 0.0
            while not submitting.done():
                started = time.perf_counter()
                await service.queue()
                longest = max(longest, time.perf_counter() - started)
                await asyncio.sleep(0.05)
            with pytest.raises(StoreError, match="locked"):
                await submitting
            other.exec_driver_sql("ROLLBACK")
        engine.dispose()

        assert longest < 1.0
        assert (await run(service, saying())).status == "succeeded"


async def test_a_job_that_ends_while_the_database_is_locked_is_recorded_later(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as service:
        document = workflow(
            slow={"type": "Slow", "steps": 5, "pause": 0.05},
            save={"type": "SaveText", "text": link("slow")},
        )
        job = (await service.submit(document)).job
        await until(service, job.id, is_running("slow"))
        engine = create_engine(
            f"sqlite:///{tmp_path / 'nodegraph.db'}", isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            await asyncio.sleep(6)
            assert not (await service.get(job.id)).finished
            other.exec_driver_sql("ROLLBACK")
        engine.dispose()

        ended = (await events_of(service, job.id))[-1].job
        assert ended is not None
        assert (ended.status, len(ended.outputs)) == ("succeeded", 1)
