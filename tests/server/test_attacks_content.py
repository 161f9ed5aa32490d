"""Files that are not what they seem: pages, scripts, bombs, pickles."""

import io
import pickle
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from aiohttp import FormData
from PIL import Image
from yarl import URL

from nodegraph.engine.files import Files, NodeFiles
from nodegraph.errors import NodegraphError
from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.raw import ask, quoted, run

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
ACTIVE = {
    "a.svg": SVG,
    "a.html": HTML,
    "a.htm": HTML,
    "a.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "a.xml": b'<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"/>',
    "a.js": b"alert(1)",
    "a.mjs": b"alert(1)",
    "a.css": b"*{background:url(//evil.example)}",
    "a.swf": b"CWS\x09",
    "a.png": HTML,
    "a.png.html": b"\x89PNG\r\n\x1a\n" + HTML,
    "a.shtml": HTML,
    "a": HTML,
    "<img src=x onerror=alert(1)>.png": b"\x89PNG\r\n\x1a\n",
    'a"onload="alert(1).png': b"\x89PNG\r\n\x1a\n",
}


def check_harmless(headers: dict[str, str], name: str) -> None:
    """No browser runs it: shown as a picture at most, else saved."""
    kind = headers["content-type"].partition(";")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    if headers["content-disposition"].startswith("inline"):
        assert kind.partition("/")[0] in ("image", "video", "audio"), name
        assert "svg" not in kind
    assert not any(word in kind for word in ("html", "xml", "script", "css", "flash")), name
    assert "<" not in headers["content-disposition"]


async def test_uploads_are_never_run_by_a_browser(client: Client) -> None:
    for name, data in ACTIVE.items():
        for target, part in (
            ("/upload/image", "image"),
            ("/api/v2/assets", "file"),
            ("/api/editor/inputs", "file"),
        ):
            form = FormData(quote_fields=False)
            escaped = name.replace('"', '\\"')
            form.add_field(part, data, filename=escaped, content_type="text/html")
            answer = await client.post(target, data=form)
            made = await answer.json()
            if answer.status in (400, 415):
                continue
            assert answer.status in (200, 201), (target, name, made)
            if target == "/upload/image":
                url = f"/view?filename={quoted(made['name'])}&type=input"
            elif target == "/api/v2/assets":
                url = f"/api/v2/assets/{made['id']}/content"
            else:
                url = f"/api/editor/inputs/{quoted(made['name'])}"
            found = await ask(client, "GET", url)
            assert found.status == 200, (url, found)
            check_harmless(found.headers, name)
            ranged = await ask(client, "GET", url, Range="bytes=0-3")
            assert ranged.status == 206
            check_harmless(ranged.headers, name)
    for name in ("a.html", "a.svg", "a.js"):
        kept = await ask(client, "POST", f"/userdata/{name}", ACTIVE[name])
        assert kept.status == 200
        found = await ask(client, "GET", f"/userdata/{name}")
        check_harmless(found.headers, name)


async def test_texts_of_clients_come_back_as_json_only(client: Client) -> None:
    """A prompt with markup is a text in JSON, under a type that no browser sniffs."""
    markup = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    nodes: dict[str, object] = {
        "e": {"type": "Echo", "inputs": {"value": markup}},
        "s": {"type": "ShowText", "inputs": {"text": {"node": "e"}}},
    }
    job = await run(client, nodes)
    for target in (
        f"/api/v2/jobs/{job['id']}",
        f"/api/v2/jobs/{job['id']}/workflow",
        f"/history/{job['id']}",
        "/history",
        "/queue",
        f"/api/v2/jobs/{quoted(markup)}",
        f"/object_info/{quoted(markup)}",
    ):
        answer = await ask(client, "GET", target, Accept="text/html")
        assert answer.headers["content-type"].startswith("application/json"), target
        assert answer.headers["x-content-type-options"] == "nosniff"
    for output in job["outputs"]:
        found = await client.get(URL(output["url"]).raw_path)
        check_harmless({k.lower(): v for k, v in found.headers.items()}, "an output")


def png_of(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it has many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + end


def bombs() -> dict[str, bytes]:
    made = {"wide.png": png_of(2**31 - 1, 1000), "square.png": png_of(60_000, 60_000)}
    for kind in ("BMP", "GIF", "WEBP", "TIFF", "JPEG"):
        stream = io.BytesIO()
        Image.new("L", (1200, 1200)).save(stream, kind)
        made[f"a.{kind.lower()}"] = stream.getvalue()
    return made


async def test_pictures_that_would_be_huge_are_refused_by_their_header(serve: Serve) -> None:
    client = await serve(Settings(max_pixels=1_000_000))
    for name, data in bombs().items():
        for target, part in (
            ("/upload/image", "image"),
            ("/api/v2/assets", "file"),
            ("/api/editor/inputs", "file"),
        ):
            form = FormData()
            form.add_field(part, io.BytesIO(data), filename=name)
            answer = await client.post(target, data=form)
            assert answer.status in (400, 413, 422), (target, name)
    small = io.BytesIO()
    Image.new("L", (100, 100)).save(small, "PNG")
    for target, part in (("/upload/image", "image"), ("/api/v2/assets", "file")):
        form = FormData()
        form.add_field(part, small.getvalue(), filename="small.png")
        assert (await client.post(target, data=form)).status in (200, 201)


async def test_pictures_that_are_here_are_not_decoded_if_huge(
    serve: Serve, service: Service
) -> None:
    client = await serve(Settings(max_pixels=1_000_000))
    for name, data in bombs().items():
        (service.input_dir("local") / name).write_bytes(data)
        for target in (
            f"/view?filename={name}&type=input&preview=webp;90",
            f"/view?filename={name}&type=input&channel=a",
            f"/api/editor/inputs/{name}/thumbnail",
        ):
            answer = await client.get(target)
            assert 400 <= answer.status < 500, target


class Trigger:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


async def test_no_pickle_is_ever_loaded_by_the_server(
    client: Client, service: Service, tmp_path: Path
) -> None:
    """A checkpoint with a program in it: uploaded, named as a model, shown, imported."""
    mark = tmp_path / "the pickle ran"
    plain = pickle.dumps(Trigger(mark))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", plain)
        archive.writestr("archive/version", "3\n")
    models = service.data / "models" / "checkpoints"
    models.mkdir(parents=True)
    for name, data in (("a.ckpt", plain), ("b.pt", packed.getvalue()), ("c.png", plain)):
        (models / name).write_bytes(data)
        for target, part in (
            ("/upload/image", "image"),
            ("/api/v2/assets", "file"),
            ("/api/editor/inputs", "file"),
            ("/api/editor/import/file", "file"),
        ):
            form = FormData()
            form.add_field(part, data, filename=name)
            assert (await client.post(target, data=form)).status < 500
        for target in (
            f"/view?filename={name}&type=input",
            f"/view?filename={name}&type=input&preview=webp",
            f"/view_metadata/checkpoints?filename={name}",
            f"/api/editor/inputs/{name}/thumbnail",
            "/models/checkpoints",
            "/experiment/models/checkpoints",
            "/api/editor/models",
            "/object_info",
        ):
            assert (await client.get(target)).status < 500, target
        pick = {"type": "PickModel", "inputs": {"name": name}}
        show = {"type": "ShowText", "inputs": {"text": {"node": "p"}}}
        await run(client, {"p": pick, "s": show})
    assert not mark.exists()


def test_no_loader_runs_a_pickle(tmp_path: Path) -> None:
    """As a file of its own, and as the weights in a folder whose rest is in order."""
    from nodegraph import Context
    from nodes import MODELS, checkpoints

    mark = tmp_path / "the pickle ran"
    good = MODELS["checkpoints"]["shapes-64"]
    for part in ("unet", "vae", "text_encoder"):
        shutil.copytree(good, tmp_path / "models" / "checkpoints" / part)
        [weights] = (tmp_path / "models" / "checkpoints" / part / part).glob("*.safetensors")
        weights.with_suffix(".bin").write_bytes(pickle.dumps(Trigger(mark)))
        weights.unlink()
    for name in ("a.ckpt", "b.pt", "c.safetensors"):
        for kind in ("checkpoints", "vae"):
            place = tmp_path / "models" / kind / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(pickle.dumps(Trigger(mark)))
    context = Context("n", NodeFiles(Files(tmp_path, tmp_path), "n"))
    for name in ("unet", "vae", "text_encoder", "a.ckpt", "b.pt", "c.safetensors"):
        with pytest.raises((ValueError, NodegraphError)):
            checkpoints.load_checkpoint(name, ctx=context)
    for name in ("a.ckpt", "b.pt", "c.safetensors"):
        with pytest.raises((ValueError, NodegraphError)):
            checkpoints.vae_loader(name, ctx=context)
    assert not mark.exists()
