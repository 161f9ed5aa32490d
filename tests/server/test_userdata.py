"""The files and settings that a front end keeps: whole, apart by user, and never lost."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from nodegraph.jobs.service import Service
from nodegraph.server import comfy_v1_userdata, user_files
from nodegraph.server.settings import Settings
from nodegraph.server.user_files import UserFiles
from tests.server.conftest import Client, Serve

GRAPH = {"nodes": [], "extra": "grüße"}


def at(name: str, rest: str = "", **query: Any) -> Any:
    """The address of a file; its name is one segment."""
    segment = quote(name, safe="").replace(".", "%2E")
    address = URL(f"/userdata/{segment}{rest}", encoded=True)
    return address.with_query({key: str(value).lower() for key, value in query.items()})


async def put(client: Client, name: str, data: bytes, **query: Any) -> Any:
    answer = await client.post(at(name, **query), data=data)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def read(client: Client, name: str) -> bytes:
    answer = await client.get(at(name))
    assert answer.status == 200, await answer.text()
    return await answer.read()


async def test_a_file_is_kept_as_it_is(client: Client) -> None:
    data = json.dumps(GRAPH).encode()
    assert await put(client, "workflows/my first.json", data) == "workflows/my first.json"
    assert await read(client, "workflows/my first.json") == data
    answer = await client.get("/api/userdata/workflows%2Fmy%20first.json")
    assert await answer.read() == data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_says_its_size_and_time(client: Client) -> None:
    told = await put(client, "workflows/a.json", b"12345", full_info=True)
    assert set(told) == {"path", "size", "modified", "created"}
    assert (told["path"], told["size"]) == ("workflows/a.json", 5)
    assert told["modified"] > 1_600_000_000_000


async def test_a_file_is_overwritten_only_if_that_is_said(client: Client) -> None:
    await put(client, "a.json", b"first")
    answer = await client.post(at("a.json", overwrite=False), data=b"second")
    assert answer.status == 409
    assert await read(client, "a.json") == b"first"
    await put(client, "a.json", b"second", overwrite=True)
    assert await read(client, "a.json") == b"second"


async def test_only_one_of_many_makes_a_new_file(client: Client) -> None:
    tries = [client.post(at("a", overwrite=False), data=b"%d" % n) for n in range(8)]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    (number,) = [n for n, answer in enumerate(answers) if answer.status == 200]
    assert await read(client, "a") == b"%d" % number


async def test_what_was_overwritten_moved_over_or_deleted_can_be_had_back(client: Client) -> None:
    await put(client, "a.json", b"one")
    await put(client, "a.json", b"two")
    await put(client, "a.json", b"two")
    await put(client, "b.json", b"three")
    answer = await client.post(at("b.json", "/move/a.json", overwrite=True))
    assert answer.status == 200
    assert await read(client, "a.json") == b"three"
    assert (await client.delete(at("a.json"))).status == 204
    assert (await client.get(at("a.json"))).status == 404
    former = await (await client.get(at("a.json", "/former"))).json()
    contents = []
    for one in former:
        answer = await client.get(at("a.json", f"/former/{one['version']}"))
        contents.append(await answer.read())
        assert len(contents[-1]) == one["size"]
    assert contents == [b"three", b"two", b"one"]
    for version in ("x", "..%2F..", former[0]["version"] + "0"):
        assert (await client.get(at("a.json", f"/former/{version}"))).status in (403, 404)


def test_former_contents_thin_out_with_age(tmp_path: Path) -> None:
    days = [f"202601{day:02}T{hour:02}0000.000000" for day in range(1, 29) for hour in range(5)]
    more = [f"202602{day:02}T000000.000000" for day in range(1, 29)]
    given_up = user_files._too_many([*days, *more])
    kept = [stamp for stamp in (*days, *more) if stamp not in given_up]
    assert kept[-user_files.RECENT :] == more[-user_files.RECENT :]
    assert len(kept) == user_files.RECENT + user_files.DAYS
    assert all(stamp[9:11] in ("04", "00") for stamp in kept)


async def test_a_file_is_moved(client: Client) -> None:
    await put(client, "workflows/a.json", b"1")
    await put(client, "workflows/c.json", b"2")
    moved = await client.post(at("workflows/a.json", "/move/workflows%2Fsub%2Fb.json"))
    assert await moved.json() == "workflows/sub/b.json"
    assert (await client.get(at("workflows/a.json"))).status == 404
    taken = await client.post(at("workflows/c.json", "/move/workflows%2Fsub%2Fb.json"))
    assert taken.status == 409
    gone = await client.post(at("workflows/a.json", "/move/x"))
    assert gone.status == 404
    same = await client.post(at("workflows/c.json", "/move/workflows%2Fc.json", overwrite=True))
    assert same.status == 200
    assert await read(client, "workflows/c.json") == b"2"


async def test_a_folder_and_a_file_do_not_share_a_name(client: Client) -> None:
    await put(client, "a/b", b"1")
    assert (await client.post(at("a"), data=b"2")).status == 409
    assert (await client.post(at("a/b/c"), data=b"2")).status == 409
    assert (await client.get(at("a"))).status == 404
    assert (await client.delete(at("a"))).status == 404


async def test_listings(client: Client) -> None:
    for name in ("workflows/a.json", "workflows/sub/b.json", "other"):
        await put(client, name, b"123")

    async def listing(**query: str) -> Any:
        answer = await client.get("/userdata", params=query)
        assert answer.status == 200
        return await answer.json()

    assert await listing(dir="workflows") == ["a.json"]
    assert await listing(dir="/workflows/", recurse="true") == ["a.json", "sub/b.json"]
    assert await listing(dir="workflows", recurse="true", split="true") == [
        ["a.json", "a.json"],
        ["sub/b.json", "sub", "b.json"],
    ]
    full = await listing(dir="workflows", recurse="true", split="true", full_info="true")
    assert [(entry["path"], entry["size"]) for entry in full] == [("a.json", 3), ("sub/b.json", 3)]
    assert (await client.get("/userdata")).status == 400
    assert (await client.get("/userdata", params={"dir": "none"})).status == 404
    entries = await (await client.get("/api/v2/userdata", params={"path": "workflows"})).json()
    assert [(e["name"], e["path"], e["type"]) for e in entries] == [
        ("sub", "workflows/sub", "directory"),
        ("a.json", "workflows/a.json", "file"),
    ]
    root = await (await client.get("/v2/userdata")).json()
    assert [entry["name"] for entry in root] == ["workflows", "other"]


async def test_a_listing_has_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_files, "MOST_FILES", 2)
    for name in "abc":
        await put(client, f"d/{name}", b"")
    assert (await client.get("/userdata", params={"dir": "d"})).status == 413


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        ".",
        "a/../../x",
        "/etc/passwd",
        "a\\..\\x",
        "C:x",
        "a//b",
        "a\0b",
        "x" * 300,
        "nul",
    ],
)
async def test_a_name_does_not_lead_out(client: Client, service: Service, name: str) -> None:
    outside = service.data / "x"
    outside.write_text("outside")
    assert (await client.get(at(name))).status in (400, 403, 404)
    assert (await client.post(at(name), data=b"mine")).status in (400, 403, 404)
    assert (await client.delete(at(name))).status in (400, 403, 404)
    await put(client, "good", b"1")
    to = quote(name, safe="").replace(".", "%2E")
    assert (await client.post(at("good", f"/move/{to}"))).status in (400, 403, 404)
    assert outside.read_text() == "outside"


async def test_a_link_does_not_lead_out(client: Client, service: Service) -> None:
    await put(client, "workflows/a", b"1")
    folder = UserFiles(service.data).folder
    secret = service.data / "secret"
    secret.write_text("secret")
    (folder / "link").symlink_to(secret)
    (folder / "workflows" / "out").symlink_to(service.data)
    for name in ("link", "workflows/out/secret"):
        assert (await client.get(at(name))).status in (403, 404)
        assert (await client.post(at(name), data=b"x")).status in (403, 404)
    listed = await client.get("/userdata", params={"dir": "workflows", "recurse": "true"})
    assert await listed.json() == ["a"]
    assert secret.read_text() == "secret"


async def test_users_do_not_see_each_others_files(serve: Serve) -> None:
    tokens = {Settings.digest_of(name): name for name in ("ann", "bob")}
    client = await serve(Settings(tokens=tokens))
    ann, bob = ({"Authorization": f"Bearer {name}"} for name in ("ann", "bob"))
    answer = await client.post(at("a"), data=b"hers", headers=ann)
    assert answer.status == 200
    assert (await client.get(at("a"), headers=bob)).status == 404
    assert (await client.post("/settings", json={"k": "hers"}, headers=ann)).status == 200
    assert await (await client.get("/settings", headers=bob)).json() == {}
    assert (await client.get("/settings")).status == 401


async def test_nothing_is_half_written_and_nothing_is_left(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(client, "a", b"whole")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert (await client.post(at("a"), data=b"half")).status == 507
    assert (await client.post("/settings", json={"a": 1})).status == 507
    monkeypatch.undo()
    assert await read(client, "a") == b"whole"
    assert [path.name for path in UserFiles(service.data).folder.iterdir()] == ["a"]


async def test_a_file_that_is_too_long_is_refused(serve: Serve) -> None:
    client = await serve(Settings(max_json=1000))
    assert (await client.post(at("a"), data=b"x" * 1001)).status == 413
    assert (await client.get(at("a"))).status == 404


async def test_a_style_sheet_is_one_and_nothing_else_is_run(client: Client) -> None:
    await put(client, "user.css", b"body { color: red }")
    await put(client, "page.html", b"<script>alert(1)</script>")
    await put(client, "x.js", b"alert(1)")
    answer = await client.get("/api/userdata/user.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    for name in ("page.html", "x.js"):
        answer = await client.get(at(name))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_settings_are_kept_one_by_one_and_together(client: Client) -> None:
    assert await (await client.get("/settings")).json() == {}
    plain = {"Content-Type": "text/plain;charset=UTF-8"}  # as a front end sends it
    assert (await client.post("/settings", data='{"a": 1, "b": [2]}', headers=plain)).status == 200
    assert (await client.post("/api/settings/c.d", data='"x"', headers=plain)).status == 200
    assert await (await client.get("/api/settings")).json() == {"a": 1, "b": [2], "c.d": "x"}
    assert await (await client.get("/settings/b")).json() == [2]
    assert await (await client.get("/settings/none")).json() is None
    for body in ("[]", "{", '{"a": NaN}'):
        assert (await client.post("/settings", data=body)).status == 400


async def test_settings_changed_at_once_are_all_kept(client: Client) -> None:
    changes = (client.post(f"/settings/s{n}", json=n) for n in range(20))
    assert {answer.status for answer in await asyncio.gather(*changes)} == {200}
    assert len(await (await client.get("/settings")).json()) == 20


async def test_settings_have_a_size(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfy_v1_userdata, "LONGEST_SETTINGS", 100)
    assert (await client.post("/settings", json={"a": "x" * 200})).status == 413
    assert await (await client.get("/settings")).json() == {}


async def test_damaged_settings_are_set_aside(client: Client, service: Service) -> None:
    await client.post("/settings", json={"a": 1})
    (UserFiles(service.data).folder / "comfy.settings.json").write_text("{dama")
    assert await (await client.get("/settings")).json() == {}
    await client.post("/settings", json={"b": 2})
    former = await (await client.get(at("comfy.settings.json", "/former"))).json()
    kept = await client.get(at("comfy.settings.json", f"/former/{former[0]['version']}"))
    assert await kept.text() == "{dama"


async def test_there_is_one_user(client: Client) -> None:
    expected = {"storage": "server", "migrated": True}
    assert await (await client.get("/users")).json() == expected
