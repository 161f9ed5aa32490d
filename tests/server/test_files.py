"""How files are sent and how names become paths, over a real socket."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from nodegraph.server.errors import ApiError
from nodegraph.server.files import content_disposition, inside, safe_type, send_file
from nodegraph.server.route import ROUTES, Route, add_routes

Client = TestClient[web.Request, web.Application]
DATA = bytes(range(256)) * 40


@pytest.fixture
async def sender(tmp_path: Path) -> AsyncIterator[Client]:
    """A server of nothing but one file, of any name and type the client says."""
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")

    async def send(request: web.Request) -> web.StreamResponse:
        return await send_file(
            request,
            tmp_path / request.query.get("path", "file"),
            name=request.query.get("name", "a.png"),
            content_type=request.query.get("type", "image/png"),
            digest=request.query.get("digest"),
        )

    app = web.Application()
    app[ROUTES] = {}
    add_routes(app, [Route(method, "/", send) for method in ("GET", "HEAD")])
    client = TestClient(TestServer(app))
    await client.start_server()
    yield client
    await client.close()


async def test_a_file_is_sent_whole(sender: Client) -> None:
    answer = await sender.get("/?digest=abc")
    assert await answer.read() == DATA
    assert answer.headers["ETag"] == '"abc"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'inline; filename="a.png"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_head_says_the_same_without_the_bytes(sender: Client) -> None:
    answer = await sender.head("/")
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert await answer.read() == b""
    assert await (await sender.get("/")).read() == DATA  # the connection is still in step


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=10000-", 10000, len(DATA)),
        ("bytes=-7", len(DATA) - 7, len(DATA)),
        ("bytes=-999999", 0, len(DATA)),
        ("bytes=9-999999999999999999", 9, len(DATA)),
    ],
)
async def test_a_part_is_sent(sender: Client, asked: str, start: int, end: int) -> None:
    answer = await sender.get("/", headers={"Range": asked})
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert await answer.read() == DATA[start:end]


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=9-3", "lines=1-2", "bytes=-", "x" * 99])
async def test_a_range_that_says_nothing_is_passed_over(sender: Client, asked: str) -> None:
    answer = await sender.get("/", headers={"Range": asked})
    assert answer.status == 200
    assert await answer.read() == DATA


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
async def test_a_part_beyond_the_end_is_refused(sender: Client, asked: str) -> None:
    answer = await sender.get("/", headers={"Range": asked})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(DATA)}"
    empty = await sender.get("/?path=empty", headers={"Range": "bytes=0-"})
    assert empty.status == 416


async def test_if_range_of_another_file_gives_all(sender: Client) -> None:
    part = {"Range": "bytes=0-3"}
    kept = await sender.get("/?digest=abc", headers={**part, "If-Range": '"abc"'})
    changed = await sender.get("/?digest=abc", headers={**part, "If-Range": '"old"'})
    weak = await sender.get("/?digest=abc", headers={**part, "If-Range": 'W/"abc"'})
    assert (kept.status, changed.status, weak.status) == (206, 200, 200)
    date = kept.headers["Last-Modified"]
    dated = await sender.get("/", headers={**part, "If-Range": date})
    older = await sender.get("/", headers={**part, "If-Range": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert (dated.status, older.status) == (206, 200)


async def test_what_is_known_is_not_sent_again(sender: Client) -> None:
    known = await sender.get("/?digest=abc", headers={"If-None-Match": '"x", W/"abc"'})
    other = await sender.get("/?digest=abc", headers={"If-None-Match": '"x"'})
    wanted = await sender.get("/?digest=abc", headers={"If-Match": '"x"'})
    assert (known.status, other.status, wanted.status) == (304, 200, 412)
    assert await known.read() == b""
    date = other.headers["Last-Modified"]
    assert (await sender.get("/", headers={"If-Modified-Since": date})).status == 304


@pytest.mark.parametrize("path", ["link", "pipe", ".", "nothing", "\0", "x" * 300])
async def test_only_regular_files_are_sent(sender: Client, path: str) -> None:
    answer = await sender.get("/", params={"path": path})
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
        "text/javascript",
        "application/javascript",
        "text/css",
        "application/x-shockwave-flash",
        "multipart/x-mixed-replace; boundary=x",
        "image/png\r\nX-Evil: 1",
        "IMAGE/SVG+XML",
        "",
    ],
)
async def test_what_a_browser_could_run_is_bytes_to_save(sender: Client, kind: str) -> None:
    answer = await sender.get("/", params={"type": kind, "name": "a.html"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "X-Evil" not in answer.headers


async def test_text_is_saved_not_shown(sender: Client) -> None:
    answer = await sender.get("/", params={"type": "text/plain", "name": "a.txt"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert safe_type("video/mp4; codecs=x") == "video/mp4"


@pytest.mark.parametrize(
    ("name", "plain", "more"),
    [
        ("a b.png", "a b.png", None),
        ('a"b.png', "a_b.png", "a%22b.png"),
        ("../../etc/passwd", "passwd", None),
        ("..\\..\\boot.ini", "boot.ini", None),
        ("a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1", "a__Set-Cookie%3A%20x%3D1"),
        ("été.png", "_t_.png", "%C3%A9t%C3%A9.png"),
        ("gnp.\u202eexe", "gnp._exe", None),
        ("\ud800.png", "_.png", None),
        ("", "file", None),
        ("..", "file", None),
        ("a;b%41.png", "a_b_41.png", "a%3Bb%2541.png"),
    ],
)
async def test_no_name_ends_the_header(
    sender: Client, name: str, plain: str, more: str | None
) -> None:
    said = content_disposition(name, inline=True)
    assert said == f'inline; filename="{plain}"' + (f"; filename*=UTF-8''{more}" if more else "")
    if "\ud800" not in name:
        answer = await sender.get("/", params={"name": name})
        assert answer.headers["Content-Disposition"] == said
        assert "Set-Cookie" not in answer.headers


def test_a_plain_name_stays_inside(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b c.png") == tmp_path.resolve() / "a" / "b c.png"
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    assert inside(tmp_path, "alias/x") == tmp_path.resolve() / "real" / "x"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "a/./b",
        "a//b",
        "/etc/passwd",
        "a/",
        "\\\\server\\share",
        "..\\x",
        "C:/x",
        "c:x",
        "a\0b",
        "a\nb",
        "a\x1b[31m",
        "\ud800",
        "x" * 256,
        "é" * 128,
        "/".join("x" * 600),
        "nul",
        "a/CON.txt",
    ],
)
def test_no_other_name_does(tmp_path: Path, name: str) -> None:
    with pytest.raises(ApiError) as caught:
        inside(tmp_path, name)
    assert caught.value.status == 400
    assert caught.value.message.isprintable()


def test_a_link_out_of_the_folder_is_no_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to("..")
    (folder / "round").symlink_to("round")
    for name, status in (("link", 403), ("up/secret", 403), ("up/new", 403)):
        with pytest.raises(ApiError) as caught:
            inside(folder, name)
        assert caught.value.status == status
    (tmp_path / "folder-2").mkdir()
    (folder / "beside").symlink_to(tmp_path / "folder-2")
    with pytest.raises(ApiError):
        inside(folder, "beside/x")
