"""Saved workflows and unsaved edits over HTTP: nobody loses what somebody else has not seen."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from yarl import URL

from nodegraph.server.settings import Settings
from tests.jobs.making import saying
from tests.server.conftest import Client, Serve
from tests.server.processes import serving


def at(name: str, rest: str = "", what: str = "workflows") -> URL:
    return URL(f"/api/editor/{what}/{quote(name, safe='')}{rest}", encoded=True)


async def save(client: Client, name: str, text: str = "hello", **more: Any) -> tuple[int, Any]:
    answer = await client.put(at(name), json={"document": saying(text), **more})
    return answer.status, await answer.json()


async def document(client: Client, name: str, rest: str = "") -> dict[str, Any]:
    answer = await client.get(at(name, rest))
    assert answer.status == 200
    found: dict[str, Any] = (await answer.json())["document"]
    return found


async def test_a_workflow_is_saved_in_versions_and_loaded(client: Client) -> None:
    status, first = await save(client, "cats/Big & small?", "one")
    assert (status, first["name"], first["version"]) == (201, "cats/Big & small?", 1)
    status, second = await save(client, first["name"], "two", base_version=1)
    assert (status, second["version"]) == (200, 2)

    assert await document(client, first["name"]) == saying("two")
    assert await document(client, first["name"], "?version=1") == saying("one")
    listed = await (await client.get(at(first["name"], "/versions"))).json()
    assert [one["version"] for one in listed["versions"]] == [2, 1]
    assert (await client.get(at(first["name"], "?version=3"))).status == 404


async def test_a_second_tab_gets_the_other_version_instead_of_overwriting_it(
    client: Client,
) -> None:
    await save(client, "w", "one")
    await save(client, "w", "first tab", base_version=1)

    for base in (1, None, 3):
        status, answer = await save(client, "w", "second tab", base_version=base)
        assert (status, answer["error"]["code"]) == (409, "conflict")
        details = answer["error"]["details"]
        assert (details["version"], details["document"]) == (2, saying("first tab"))
    assert await document(client, "w") == saying("first tab")

    assert (await client.delete(at("w"))).status == 204
    status, answer = await save(client, "w", "second tab", base_version=2)
    assert (status, answer["error"]["details"]["document"]) == (409, None)


async def test_the_list_has_pages_and_is_searched(client: Client) -> None:
    for name in ("b", "a/x", "a/y"):
        await save(client, name)
    first = await (await client.get("/api/editor/workflows?limit=2")).json()
    rest = await (await client.get(f"/api/editor/workflows?offset={first['next']}")).json()

    assert [one["name"] for one in first["workflows"] + rest["workflows"]] == ["a/x", "a/y", "b"]
    assert (first["total"], rest["next"]) == (3, None)
    found = await (await client.get("/api/editor/workflows?search=A/")).json()
    assert [one["name"] for one in found["workflows"]] == ["a/x", "a/y"]
    for wrong in ("limit=0", "limit=x", "offset=-1", f"offset={2**70}"):
        assert (await client.get(f"/api/editor/workflows?{wrong}")).status == 400


async def test_workflows_move_and_are_copied(client: Client) -> None:
    await save(client, "old", "one")
    await save(client, "old", "two", base_version=1)
    moved = await client.post(at("old", "/move"), json={"to": "folder/new"})
    assert (await moved.json())["version"] == 2
    assert (await client.get(at("old"))).status == 404
    copied = await client.post(at("folder/new", "/copy"), json={"to": "copy", "version": 1})
    assert (copied.status, (await copied.json())["version"]) == (201, 1)

    assert await document(client, "folder/new") == saying("two")
    assert await document(client, "copy") == saying("one")
    for what in ("/move", "/copy"):
        assert (await client.post(at("copy", what), json={"to": "folder/new"})).status == 409
        assert (await client.post(at("gone", what), json={"to": "x"})).status == 404
        assert (await client.post(at("copy", what), json={"to": "../x"})).status == 400


NAMES = ["a//b", "/a", "a/", "../a", "a/./b", " a", "a ", "a\\b", "a\x00b", "~a", "x" * 201]


async def test_what_is_no_name_is_refused(client: Client) -> None:
    for name in NAMES:
        status, answer = await save(client, name)
        assert (status, answer["error"]["code"]) == (400, "invalid_name"), name


BODIES: list[tuple[Any, int]] = [
    ({}, 400),
    ({"document": []}, 400),
    ({"document": {}}, 422),
    ({"document": {"nodegraph": 2}}, 422),
    ({"document": {"nodegraph": 1, "nodes": {"a": 3}}}, 422),
    ({"document": saying(), "base_version": "1"}, 400),
    ({"document": saying(), "base_version": 0}, 400),
    ({"document": saying(), "other": 1}, 400),
    ({"document": {"nodegraph": 1, "x": "\ud800"}}, 400),
]


async def test_what_is_no_workflow_is_not_saved(client: Client) -> None:
    for body, status in BODIES:
        assert (await client.put(at("w"), json=body)).status == status, body
    huge = '{"document": {"nodegraph": 1, "x": 1e999}}'
    answer = await client.put(at("w"), data=huge, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert (await client.get(at("w"))).status == 404


async def keep(client: Client, name: str, text: str, **more: Any) -> tuple[int, Any]:
    body = {"document": {"anything": text}, **more}
    answer = await client.put(at(name, what="drafts"), json=body)
    return answer.status, await answer.json()


async def test_an_unsaved_edit_is_found_again(client: Client) -> None:
    status, draft = await keep(client, "~tab-1", "unnamed")
    assert status == 200
    await keep(client, "a/b", "named", base_version=3)

    listed = (await (await client.get("/api/editor/drafts")).json())["drafts"]
    assert [(one["name"], one["named"], one["base_version"]) for one in listed] == [
        ("a/b", True, 3),
        ("~tab-1", False, 0),
    ]
    loaded = await (await client.get(at("~tab-1", what="drafts"))).json()
    assert loaded == {**draft, "document": {"anything": "unnamed"}, "updates": []}

    ref = {"name": "~tab-1", "revision": draft["revision"]}
    assert (await save(client, "at last", draft=ref))[0] == 201
    assert (await client.get(at("~tab-1", what="drafts"))).status == 404
    assert (await client.delete(at("a/b", what="drafts"))).status == 204
    assert (await client.delete(at("a/b", what="drafts"))).status == 204
    assert await (await client.get("/api/editor/drafts")).json() == {"drafts": []}


async def test_two_tabs_do_not_overwrite_each_others_unsaved_edits(client: Client) -> None:
    _, first = await keep(client, "w", "first tab")
    status, answer = await keep(client, "w", "second tab")
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert answer["error"]["details"] == {**first, "document": {"anything": "first tab"}}

    status, second = await keep(client, "w", "second tab", seen=first["revision"])
    assert status == 200
    assert (await keep(client, "w", "first tab again", seen=first["revision"]))[0] == 409
    gone = await client.delete(at("w", f"?revision={first['revision']}", what="drafts"))
    assert gone.status == 409
    assert (await keep(client, "w", "first tab again", overwrite=True))[0] == 200
    assert (await save(client, "w"))[0] == 201
    assert (await client.get(at("w", what="drafts"))).status == 200
    assert second["revision"] != first["revision"]


async def test_nobody_sees_what_somebody_else_saved(serve: Serve) -> None:
    tokens = {Settings.digest_of(name): name for name in ("ann", "bob")}
    client = await serve(Settings(tokens=tokens))
    ann, bob = ({"Authorization": f"Bearer {name}"} for name in ("ann", "bob"))
    assert (await client.put(at("w"), json={"document": saying()}, headers=ann)).status == 201
    draft: dict[str, Any] = {"document": {}}
    assert (await client.put(at("~1", what="drafts"), json=draft, headers=ann)).status == 200

    assert (await client.get(at("w"), headers=bob)).status == 404
    assert (await client.get(at("~1", what="drafts"), headers=bob)).status == 404
    assert (await client.delete(at("w"), headers=bob)).status == 404
    listed = await (await client.get("/api/editor/workflows", headers=bob)).json()
    assert listed["workflows"] == []
    drafts = await (await client.get("/api/editor/drafts", headers=bob)).json()
    assert drafts == {"drafts": []}
    assert (await client.get(at("w"))).status == 401


def test_an_unsaved_edit_survives_kill_9(tmp_path: Path) -> None:
    body = {"document": {"anything": "unsaved"}}
    with serving(tmp_path / "data") as server:
        status, kept = server.ask("api/editor/drafts/~tab", body, "PUT")
        assert status == 200
        server.process.kill()
        server.process.wait()

    with serving(tmp_path / "data") as server:
        found = server.ask("api/editor/drafts/~tab")

    assert found == (200, {**kept, **body, "updates": []})
