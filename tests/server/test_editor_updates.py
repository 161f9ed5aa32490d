"""Nodes of older versions: the editor gets them under present names, and the file stays."""

import json
from typing import Any

from nodegraph.jobs.service import Service
from tests.jobs.making import link, workflow
from tests.jobs.serving import run
from tests.server.conftest import Client


def old(force: float = 4) -> dict[str, Any]:
    push = {"type": "Push", "force": force}
    return workflow(push=push, save={"type": "SaveText", "text": link("push")})


async def test_a_loaded_workflow_is_updated_and_the_file_is_not(
    client: Client, service: Service
) -> None:
    await client.put("/api/editor/workflows/w", json={"document": old()})
    loaded = await (await client.get("/api/editor/workflows/w")).json()

    push = loaded["document"]["nodes"]["push"]
    assert (push["version"], push["inputs"]) == (2, {"strength": 4})
    (told,) = loaded["updates"]
    assert (told["code"], told["node"]) == ("updated", "push")
    assert told["message"] == "updated from version 1 of Push to version 2"
    assert json.loads(service.workflows.load("local", "w").document) == old()


async def test_so_is_a_draft_and_what_a_second_tab_is_shown(client: Client) -> None:
    await client.put("/api/editor/drafts/~t", json={"document": old()})
    draft = await (await client.get("/api/editor/drafts/~t")).json()
    assert draft["document"]["nodes"]["push"]["inputs"] == {"strength": 4}
    assert len(draft["updates"]) == 1

    await client.put("/api/editor/workflows/w", json={"document": old()})
    again = await client.put("/api/editor/workflows/w", json={"document": old()})
    theirs = (await again.json())["error"]["details"]["document"]
    assert theirs["nodes"]["push"]["inputs"] == {"strength": 4}


async def test_an_imported_file_is_updated_and_the_report_says_so(client: Client) -> None:
    answer = await client.post("/api/editor/import", json={"document": old()})
    made = await answer.json()
    assert made["workflow"]["nodes"]["push"]["inputs"] == {"strength": 4}
    assert [one["code"] for one in made["report"]["remarks"]] == ["updated"]


async def test_an_old_file_is_checked_and_run_as_it_is_meant(
    client: Client, service: Service
) -> None:
    answer = await client.post("/api/editor/validate", json={"workflow": old()})
    assert (await answer.json())["problems"] == []
    job = await run(service, old())
    assert job.status == "succeeded"
    assert json.loads(job.workflow_text)["nodes"]["push"]["inputs"] == {"strength": 4}
    assert json.loads(job.source_text) == old()


async def test_what_cannot_be_updated_is_shown_as_it_is_and_said(client: Client) -> None:
    answer = await client.post("/api/editor/import", json={"document": old(13)})
    made = await answer.json()
    assert made["workflow"]["nodes"]["push"]["inputs"] == {"force": 13}
    (told,) = made["report"]["remarks"]
    assert told["code"] == "migration_failed"
    assert "13 brings no luck" in told["message"]

    checked = await client.post("/api/editor/validate", json={"workflow": old(13)})
    found = [(one["code"], one["node"]) for one in (await checked.json())["problems"]]
    assert found == [("migration_failed", "push")]
