"""Names that lead elsewhere, in every path and field that a client can send."""

import itertools
import json
from pathlib import Path

import pytest

from nodegraph.jobs.service import Service
from tests.server.conftest import Client
from tests.server.raw import ask, quoted, run

SECRET = b"the secret of another folder"

NAMES = [
    "../secret.txt",
    "../../secret.txt",
    "..\\secret.txt",
    "..\\..\\secret.txt",
    "sub/../../secret.txt",
    "./../secret.txt",
    "....//secret.txt",
    "..;/secret.txt",
    "%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "..%252fsecret.txt",
    "..%c0%afsecret.txt",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "C:\\Windows\\win.ini",
    "C:/Windows/win.ini",
    "C:secret.txt",
    "\\\\server\\share\\x",
    "secret.txt\0.png",
    "..",
    ".",
    "",
    "link.txt",
    "up/secret.txt",
    "folder-link/secret.txt",
    "~/secret.txt",
    "~root/.bashrc",
    "/proc/self/environ",
    "CON",
    "a" * 5000,
    "\ud800",
]


@pytest.fixture
def trap(service: Service, tmp_path: Path) -> Path:
    """Secrets beside every folder that clients name files in, and links that lead to them."""
    for folder in (tmp_path, service.data, service.data / "users"):
        folder.mkdir(exist_ok=True)
        (folder / "secret.txt").write_bytes(SECRET)
    outputs = service.output_dir("local")
    for folder in (service.input_dir("local"), outputs, outputs / "temp"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
        (folder / "up").symlink_to("..")
        (folder / "folder-link").symlink_to(tmp_path)
    return tmp_path


async def test_no_name_reads_what_is_elsewhere(client: Client, trap: Path) -> None:
    paths = [
        "/view?filename={}&type=output",
        "/view?filename={}&type=input",
        "/view?filename={}&type=temp",
        "/api/view?filename={}",
        "/view?filename=secret.txt&subfolder={}",
        "/view?filename=secret.txt&type={}",
        "/view?filename={}&preview=webp;90",
        "/view?filename={}%20[output]",
        "/userdata/{}",
        "/userdata?dir={}&recurse=true",
        "/api/v2/userdata?path={}",
        "/models/{}",
        "/view_metadata/checkpoints?filename={}",
        "/api/editor/inputs/{}",
        "/api/editor/inputs/{}/thumbnail",
        "/api/editor/workflows/{}",
        "/api/v2/assets/{}/content",
        "/api/v2/jobs/{}/workflow",
        "/settings/{}",
        "/i18n/{}",
        "/extensions/{}",
        "/assets/{}",
        "/{}",
    ]
    for path, name in itertools.product(paths, NAMES):
        target = path.format(quoted(name))
        if len(target) > 7000:
            continue
        answer = await ask(client, "GET", target)
        assert answer.status < 500, target
        assert SECRET not in answer.body, target
        assert b"root:" not in answer.body, target
    for raw in (
        "/../secret.txt",
        "/view/../../secret.txt",
        "/..%2f..%2fsecret.txt",
        "//etc/passwd",
    ):
        answer = await ask(client, "GET", raw)
        assert answer.status in (400, 404)
        assert SECRET not in answer.body


async def test_folders_are_not_listed_from_elsewhere(client: Client, trap: Path) -> None:
    for name in ("..", "../..", "up", "folder-link", "/", "/etc", "\\"):
        for path in ("/userdata?dir={}&recurse=true", "/api/v2/userdata?path={}"):
            answer = await ask(client, "GET", path.format(quoted(name)))
            assert b"secret.txt" not in answer.body, (path, name)
            assert b"passwd" not in answer.body, (path, name)


def contents(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".txt", ".png", ".json")
    }


async def test_no_name_writes_elsewhere(client: Client, service: Service, trap: Path) -> None:
    homes = (service.input_dir("local"), service.output_dir("local"))
    for name in NAMES:
        named = name.encode("utf-8", "replace").decode()
        for target, part in (
            ("/upload/image", "image"),
            ("/upload/mask", "image"),
            ("/api/editor/inputs", "file"),
            ("/api/v2/assets", "file"),
        ):
            for field in ("filename", "subfolder", "name", "file_path", "type", "original_ref"):
                head = 'Content-Disposition: form-data; name="{}"'
                called = named if field == "filename" else "planted.txt"
                if any(sign in called for sign in '\0\r\n"'):
                    continue
                lines = [
                    "--x",
                    head.format(field),
                    "",
                    named,
                    "--x",
                    f'{head.format(part)}; filename="{called}"',
                    "",
                    "planted",
                    "--x--",
                    "",
                ]
                body = "\r\n".join(lines).encode()
                kind = "multipart/form-data; boundary=x"
                answer = await ask(client, "POST", target, body, Content_Type=kind)
                assert answer.status < 500, (target, field, name, answer)
        path = quoted(name)
        if len(path) > 5000:
            continue
        answers = [
            await ask(client, "POST", f"/userdata/{path}?overwrite=true", b"planted"),
            await ask(client, "POST", f"/userdata/a.txt/move/{path}?overwrite=true"),
            await ask(client, "DELETE", f"/userdata/{path}"),
            await ask(client, "DELETE", f"/api/editor/inputs/{path}"),
        ]
        assert all(answer.status < 500 for answer in answers), (name, answers)
    for folder in (trap, service.data, service.data / "users"):
        assert (folder / "secret.txt").read_bytes() == SECRET
    planted = [path for path, data in contents(trap).items() if data == b"planted"]
    home = service.data.resolve()
    for found in planted:
        assert found.resolve().is_relative_to(home), found
        assert found.parent not in (home, trap), found
    assert not [path for path in trap.iterdir() if path.name.startswith("planted")]
    assert all(folder.is_dir() for folder in homes)


async def test_saved_workflows_have_names_not_paths(
    client: Client, service: Service, trap: Path
) -> None:
    before = contents(trap)
    for name in NAMES:
        target = f"/api/editor/workflows/{quoted(name)}"
        if len(target) > 7000:
            continue
        body = json.dumps({"workflow": {"nodegraph": 1, "nodes": {}}}).encode()
        answer = await ask(client, "PUT", target, body, Content_Type="application/json")
        assert answer.status < 500, (name, answer)
    assert contents(trap) == before


async def test_nodes_read_and_write_their_own_folders_only(
    client: Client, service: Service, trap: Path
) -> None:
    """A workflow is somebody's file as well: what it names stays inside."""
    for name in (
        "../secret.txt",
        "/etc/passwd",
        "link.txt",
        "up/secret.txt",
        str(trap / "secret.txt"),
    ):
        read = {"type": "ReadText", "inputs": {"file": name}}
        show = {"type": "ShowText", "inputs": {"text": {"node": "r"}}}
        outcome = await run(client, {"r": read, "s": show})
        assert SECRET.decode() not in json.dumps(outcome), name
        assert outcome.get("status") == "failed" or outcome.get("error"), name
    for name in ("../planted", "/tmp/planted-by-a-test", "up/planted", "folder-link/planted"):
        save = {"type": "SaveText", "inputs": {"text": "planted", "name": name}}
        await run(client, {"s": save})
    assert not [path for path in trap.glob("planted*")]
    assert not [path for path in service.data.glob("planted*")]
    assert not Path("/tmp/planted-by-a-test.txt").exists()
