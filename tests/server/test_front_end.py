"""The pages that are served, and what they can never stand in the way of."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest
from yarl import URL

from nodegraph.server import front_end
from nodegraph.server.front_end import FOREIGN_POLICY, Pages
from nodegraph.server.headers import PAGE_POLICY
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small front end."""
    files = {
        "index.html": "<title>theirs</title>",
        "assets/index-B2rHQ9Sn.js": "let a = 1",
        "assets/logo.svg": "<svg/>",
        "scripts/app.js": "let b = 2",
        "style.css": "a {}",
        "prompt": "in the way",
        "api/v2/health": "in the way",
        "queue/index.html": "in the way",
        "odd name ü.json": "{}",
    }
    root = tmp_path / "front"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.fixture
async def foreign(serve: Serve, folder: Path) -> Client:
    """A client of a server with somebody else's front end."""
    return await serve(Settings(front_end=folder))


async def test_a_folder_is_served(foreign: Client) -> None:
    for path in ("/", "/index.html"):
        answer = await foreign.get(path)
        assert answer.status == 200
        assert await answer.text() == "<title>theirs</title>"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Security-Policy"] == FOREIGN_POLICY
        assert (await foreign.head(path)).status == 200


@pytest.mark.parametrize(
    ("path", "kind", "forever"),
    [
        ("/assets/index-B2rHQ9Sn.js", "text/javascript; charset=utf-8", True),
        ("/scripts/app.js", "text/javascript; charset=utf-8", False),
        ("/assets/logo.svg", "image/svg+xml", False),
        ("/style.css", "text/css; charset=utf-8", False),
        ("/odd%20name%20%C3%BC.json", "application/json", False),
    ],
)
async def test_files_have_types_and_what_never_changes_is_kept(
    foreign: Client, path: str, kind: str, forever: bool
) -> None:
    answer = await foreign.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == kind
    assert ("immutable" in answer.headers["Cache-Control"]) == forever
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = await foreign.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_no_file_stands_before_a_path_of_the_server(foreign: Client) -> None:
    assert (await (await foreign.get("/api/v2/health")).json())["status"] == "ok"
    assert "exec_info" in await (await foreign.get("/prompt")).json()
    assert "queue_running" in await (await foreign.get("/queue")).json()
    for path in ("/api", "/api/", "/api/none", "/api/v2/none"):
        answer = await foreign.get(path)
        assert answer.status == 404
        assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        "/none",
        "/assets",
        "/assets/",
        "/link.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2Fetc/passwd",
        "/a%00b",
        "/..%5csecret.txt",
        "/" + "x" * 3000,
    ],
)
async def test_what_is_not_there_is_not_found(foreign: Client, path: str) -> None:
    answer = await foreign.get(URL(path, encoded=True))
    assert answer.status == 404
    assert "secret" not in await answer.text()


@pytest.mark.parametrize(
    ("sources", "says"), [(False, "--front-end"), (True, "python scripts/build_editor.py")]
)
async def test_without_a_front_end_a_page_says_what_is_served(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sources: bool, says: str
) -> None:
    for name in ("_INSTALLED", "_CHECKOUT"):
        monkeypatch.setattr(front_end, name, tmp_path / "web")
    if sources:
        (tmp_path / "web").mkdir()
        (tmp_path / "web" / "package.json").write_text("{}")
    answer = await client.get("/")
    assert answer.status == 200
    assert answer.content_type == "text/html"
    text = await answer.text()
    assert 'href="/api/docs"' in text
    assert says in text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert (await client.get("/index.html")).status == 404


async def test_a_folder_without_a_page_is_said_to_be_one(serve: Serve, tmp_path: Path) -> None:
    client = await serve(Settings(front_end=tmp_path))
    assert "has no <code>index.html</code>" in await (await client.get("/")).text()


def test_our_own_pages_run_nothing_but_files_of_this_server(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<script>alert(1)</script>")
    assert Pages(tmp_path, foreign=False).policy(page) == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


def test_scripts_in_a_foreign_page_are_known_by_their_digests(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<script src='a.js'></script><SCRIPT type=module>let a = 1</SCRIPT>")
    digest = base64.b64encode(hashlib.sha256(b"let a = 1").digest()).decode()
    policy = Pages(tmp_path, foreign=True).policy(page)
    assert f"script-src 'self' 'sha256-{digest}' 'wasm-unsafe-eval';" in policy
    assert policy.count("sha256-") == 1
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")


async def test_a_foreign_front_end_has_no_templates_unless_it_brings_them(
    foreign: Client, folder: Path
) -> None:
    assert await (await foreign.get("/templates/index.de.json")).json() == []
    (folder / "templates").mkdir()
    (folder / "templates" / "index.json").write_text('["own"]')
    assert await (await foreign.get("/templates/index.json")).json() == ["own"]
    assert (await foreign.get("/templates/other.json")).status == 404


async def test_a_foreign_front_end_has_a_style_sheet_of_the_user(
    foreign: Client, client: Client
) -> None:
    for path in ("/user.css", "/api/userdata/user.css"):
        answer = await foreign.get(path)
        assert (answer.status, answer.content_type) == (200, "text/css")
        assert await answer.text() == ""
    assert (await client.get("/user.css")).status == 404


async def test_texts_go_compressed_to_browsers_that_take_it(serve: Serve, folder: Path) -> None:
    script = "let a = 1 // " + "very long " * 200
    path = folder / "assets" / "index-B2rHQ9Sn.js"
    path.write_text(script)
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(script.encode()))
    client = await serve(Settings(front_end=folder))
    for wish, coding in (("gzip, br", "gzip"), ("identity", None)):
        answer = await client.get("/assets/index-B2rHQ9Sn.js", headers={"Accept-Encoding": wish})
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert await answer.text() == script
