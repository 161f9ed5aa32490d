"""The list of jobs of version 1."""

from typing import Any

import pytest

from tests.server.conftest import Client
from tests.server.v1 import begun, finished, get, lasting, node, post, prompt, saying


async def one_of_each(client: Client) -> dict[str, str]:
    """A job in every state, by the name of the state."""
    failing = {"1": node("Wrong", text="x"), "2": node("SaveText", text=["1", 0])}
    made = {"completed": await prompt(client, saying()), "failed": await prompt(client, failing)}
    for job_id in made.values():
        await finished(client, job_id)
    made["in_progress"] = await prompt(client, lasting())
    await begun(client, made["in_progress"])
    made["cancelled"] = await prompt(client, saying("never"))
    await post(client, f"/jobs/{made['cancelled']}/cancel")
    made["pending"] = await prompt(client, saying("later"))
    return made


async def test_every_state_has_its_name(client: Client) -> None:
    made = await one_of_each(client)
    for name, job_id in made.items():
        found = await get(client, f"/jobs?status={name}")
        assert [job["id"] for job in found["jobs"]] == [job_id]
        assert found["jobs"][0]["status"] == name
    several = await get(client, "/jobs?status=pending,in_progress")
    assert {job["id"] for job in several["jobs"]} == {made["pending"], made["in_progress"]}


async def test_a_page_says_where_it_is(client: Client) -> None:
    made = list((await one_of_each(client)).values())
    newest = sorted(
        (await get(client, "/jobs"))["jobs"], key=lambda job: int(job["priority"]), reverse=True
    )
    ids = [job["id"] for job in newest]
    assert set(ids) == set(made)
    found = await get(client, "/api/jobs?limit=2&offset=1")
    assert [job["id"] for job in found["jobs"]] == ids[1:3]
    assert found["pagination"] == {"offset": 1, "limit": 2, "total": 5, "has_more": True}
    rest = await get(client, "/jobs?limit=2&offset=4&sort_order=asc")
    assert [job["id"] for job in rest["jobs"]] == ids[:1]
    assert rest["pagination"]["has_more"] is False


async def test_a_finished_job_tells_times_and_a_preview(client: Client) -> None:
    extra = {"extra_pnginfo": {"workflow": {"id": "mine"}}}
    job_id = await prompt(client, saying(), extra_data=extra)
    await finished(client, job_id)
    (job,) = (await get(client, "/jobs"))["jobs"]
    assert 1e12 < job["create_time"] <= job["execution_start_time"] <= job["execution_end_time"]
    assert job["outputs_count"] == 1
    assert job["preview_output"] == {
        "filename": "text_00001.txt",
        "subfolder": "",
        "type": "output",
        "nodeId": "3",
        "mediaType": "texts",
    }
    assert job["workflow_id"] == "mine"
    assert "workflow" not in job
    whole = await get(client, f"/jobs/{job_id}")
    assert whole["workflow"]["prompt"] == saying()
    assert whole["workflow"]["extra_data"]["extra_pnginfo"] == extra["extra_pnginfo"]
    assert whole["outputs"]["3"]["texts"][0]["filename"] == "text_00001.txt"
    assert whole["execution_status"]["status_str"] == "success"


async def test_a_text_is_shown_cut(client: Client) -> None:
    document = {"1": node("Echo", value="x" * 2000), "2": node("ShowText", text=["1", 0])}
    job_id = await prompt(client, document)
    await finished(client, job_id)
    shown = (await get(client, f"/jobs/{job_id}"))["preview_output"]
    assert shown["content"] == "x" * 1024
    assert shown["truncated"] is True


async def test_a_failure_is_told(client: Client) -> None:
    made = await one_of_each(client)
    job = await get(client, f"/jobs/{made['failed']}")
    assert job["execution_error"]["node_id"] == "1"
    assert job["outputs_count"] == 0


async def test_cancelling_twice_is_no_error(client: Client) -> None:
    made = await one_of_each(client)
    assert await post(client, f"/api/jobs/{made['in_progress']}/cancel") == {"cancelled": True}
    await finished(client, made["in_progress"])
    assert await post(client, f"/jobs/{made['in_progress']}/cancel") == {"cancelled": False}
    assert await post(client, f"/jobs/{made['completed']}/cancel") == {"cancelled": False}
    assert (await get(client, f"/jobs/{made['in_progress']}"))["status"] == "cancelled"


@pytest.mark.parametrize(
    "query", ["status=done", "limit=0", "limit=x", "offset=-1", "sort_order=up", "sort_by=size"]
)
async def test_a_wrong_query_is_refused(client: Client, query: str) -> None:
    said: Any = await get(client, f"/jobs?{query}", 400)
    assert said["error"]["type"] == "invalid_request"


async def test_an_unknown_job_is_not_found(client: Client) -> None:
    said = await get(client, "/jobs/nobody", 404)
    assert said["error"]["type"] == "not_found"
    await post(client, "/jobs/nobody/cancel", None, 404)
