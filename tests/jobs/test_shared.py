"""Two servers with folders of their own work on one PostgreSQL queue."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DataError

from nodegraph.jobs.database import Database
from nodegraph.jobs.listing import Which
from nodegraph.jobs.service import Service
from nodegraph.jobs.tables import settings
from tests.jobs import postgres
from tests.jobs.making import saying, through, workflow
from tests.jobs.serving import comes_true, events_of, run, serving

pytestmark = pytest.mark.system("initdb", "postgresql")


@pytest.fixture
async def pair(tmp_path: Path, postgres_url: str) -> AsyncIterator[tuple[Service, Service]]:
    url = postgres.new_database(postgres_url)
    async with (
        serving(tmp_path / "one", database=url) as one,
        serving(tmp_path / "two", database=url) as two,
    ):
        yield one, two


async def test_jobs_are_shared_out_and_each_runs_once(
    pair: tuple[Service, Service], tmp_path: Path
) -> None:
    one, two = pair
    names = []
    for number in range(12):
        document = through("Slow", text=f"{number}", steps=5, pause=0.02)
        path = {"path": str(tmp_path / f"runs{number}"), "text": "ran"}
        document["nodes"]["count"] = {"type": "CountRuns", "inputs": path}
        names.append((await (one, two)[number % 2].submit(document)).job.id)

    heard = await asyncio.gather(*(events_of(one, name) for name in names))
    assert {events[-1].job.status for events in heard if events[-1].job} == {"succeeded"}
    jobs = [await two.get(name) for name in names]
    assert {job.status for job in jobs} == {"succeeded"}
    assert len({job.worker for job in jobs}) == 2
    assert all((tmp_path / f"runs{n}").read_text() == "ran\n" for n in range(12))


async def test_a_cancel_reaches_the_server_that_runs_the_job(
    pair: tuple[Service, Service],
) -> None:
    one, two = pair
    job = (await one.submit(through("Slow", steps=100_000))).job

    async def runs() -> bool:
        return (await two.get(job.id)).status == "running"

    await comes_true(runs)
    await asyncio.gather(one.cancel(job.id), two.cancel(job.id))

    async def ended() -> bool:
        found = [(await service.get(job.id)).status for service in pair]
        return found == ["canceled", "canceled"]

    await comes_true(ended)
    assert (await run(one, saying("after"))).status == "succeeded"


async def test_texts_that_the_database_does_not_take_hold_up_nobody(
    pair: tuple[Service, Service],
) -> None:
    one, _ = pair
    labels = {"labels": {"kind": "odd"}, "note": "a\0b"}

    job = await run(one, workflow(show={"type": "ShowText", "text": "a\0b"}), extra=labels)

    assert (job.status, [output.text for output in job.outputs]) == ("succeeded", ["ab"])
    found = await one.listing(None, Which(labels={"kind": "odd"}), 10)
    assert [entry.id for entry in found] == [job.id]


def test_a_value_that_is_refused_is_not_taken_for_an_outage(postgres_url: str) -> None:
    database = Database(postgres.new_database(postgres_url))

    with pytest.raises(DataError), database.write() as db:
        db.execute(insert(settings).values(owner="a\0b", name="x", value=1))

    database.close()
