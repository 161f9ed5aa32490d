"""Files of version 1: shown, taken, merged with masks."""

import asyncio
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.v1 import finished, get, node, prompt


def picture(size: tuple[int, int] = (8, 6), colour: Any = (255, 0, 0, 128), **more: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", size, colour).save(stream, "PNG", **more)
    return stream.getvalue()


def form(data: bytes | None, name: str = "a.png", **fields: str) -> FormData:
    """Fields come after the file, as browsers send them."""
    made = FormData(quote_fields=False)
    if data is not None:
        made.add_field("image", data, filename=name, content_type="image/png")
    for key, value in fields.items():
        made.add_field(key, value)
    return made


async def upload(client: Client, data: bytes, name: str = "a.png", **fields: str) -> Any:
    answer = await client.post("/upload/image", data=form(data, name, **fields))
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def refused(client: Client, data: Any, status: int, path: str = "/upload/image") -> str:
    answer = await client.post(path, data=data)
    assert answer.status == status, await answer.text()
    kind: str = (await answer.json())["error"]["type"]
    return kind


def nothing_left(service: Service) -> None:
    assert not list(service.data.rglob("*.tmp"))


async def test_an_upload_can_be_seen_and_used(client: Client, service: Service) -> None:
    data = picture()
    assert await upload(client, data) == {"name": "a.png", "subfolder": "", "type": "input"}
    answer = await client.get("/view?filename=a.png&type=input")
    assert await answer.read() == data
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    part = await client.get("/api/view?filename=a.png&type=input", headers={"Range": "bytes=1-3"})
    assert (part.status, await part.read()) == (206, b"PNG")
    nothing_left(service)


async def test_a_name_that_is_taken_gets_a_number(client: Client, service: Service) -> None:
    first, second, third = (picture(colour=c) for c in ("red", "green", "blue"))
    assert (await upload(client, first))["name"] == "a.png"
    assert (await upload(client, second))["name"] == "a (1).png"
    assert (await upload(client, third))["name"] == "a (2).png"
    assert (await upload(client, first))["name"] == "a.png"  # it is there already
    assert (await upload(client, second))["name"] == "a (1).png"
    assert (await upload(client, third, overwrite="true"))["name"] == "a.png"
    assert (service.input_dir() / "a.png").read_bytes() == third
    assert len(list(service.input_dir().iterdir())) == 3


async def test_uploads_at_one_time_take_nothing_from_each_other(
    client: Client, service: Service
) -> None:
    pictures = [picture((8, n + 1)) for n in range(8)]
    made = await asyncio.gather(*(upload(client, data) for data in pictures))
    names = [one["name"] for one in made]
    assert len(set(names)) == 8
    for name, data in zip(names, pictures, strict=True):
        assert (service.input_dir() / name).read_bytes() == data


async def test_a_folder_may_be_named(client: Client, service: Service) -> None:
    made = await upload(client, picture(), subfolder="my/pictures", type="temp")
    assert made == {"name": "a.png", "subfolder": "my/pictures", "type": "temp"}
    assert (service.output_dir() / "temp" / "my" / "pictures" / "a.png").is_file()
    answer = await client.get("/view?filename=a.png&subfolder=my/pictures&type=temp")
    assert answer.status == 200
    made = await upload(client, picture(), "C:\\fakepath\\b.png", type="output")
    assert made["name"] == "b.png"
    assert (service.output_dir() / "b.png").is_file()
    assert (await client.get("/view?filename=b.png%20[output]&type=input")).status == 200


@pytest.mark.parametrize(
    ("name", "subfolder", "kind"),
    [
        ("..", "", "input"),
        ("a.png", "..", "input"),
        ("a.png", "../../x", "input"),
        ("a.png", "a/../../b", "input"),
        ("a.png", "\\\\x\\y", "input"),
        ("a\u202e.png", "", "input"),
        ("x" * 300, "", "input"),
        ("a.png", "", "secrets"),
    ],
)
async def test_no_name_leads_out(
    client: Client, service: Service, name: str, subfolder: str, kind: str
) -> None:
    before = set(service.data.rglob("*"))
    kind = await refused(client, form(picture(), name, subfolder=subfolder, type=kind), 400)
    assert kind in ("invalid_name", "invalid_type", "invalid_request")
    left = {p for p in set(service.data.rglob("*")) - before if p.suffix in (".png", ".tmp")}
    assert not left


@pytest.mark.parametrize(
    "query",
    [
        "filename=../nodegraph.db&type=input",
        "filename=nodegraph.db&subfolder=..&type=input",
        "filename=..%2F..%2Fnodegraph.db",
        "filename=/etc/passwd",
        "filename=a%00.png",
        "filename=",
        "type=input",
        "filename=a.png&type=models",
        "filename=a.png&preview=exe;90&type=input",
    ],
)
async def test_nothing_else_can_be_seen(client: Client, query: str) -> None:
    await upload(client, picture())
    assert (await client.get(f"/view?{query}")).status == 400


async def test_what_is_not_there_is_not_found(client: Client, service: Service) -> None:
    for query in (
        "filename=none.png",
        "filename=none.png&preview=webp;90",
        "filename=none&type=temp",
    ):
        assert (await client.get(f"/view?{query}")).status == 404
    (service.input_dir() / "folder").mkdir()
    assert (await client.get("/view?filename=folder&type=input")).status == 404
    (service.input_dir() / "link.png").symlink_to("/etc/passwd")
    assert (await client.get("/view?filename=link.png&type=input")).status == 403


async def test_what_a_browser_could_run_is_offered_for_saving(client: Client) -> None:
    await upload(client, b"<svg onload='alert(1)'/>", "a.svg")
    await upload(client, b"<script>alert(1)</script>", "a.html")
    for name in ("a.svg", "a.html"):
        answer = await client.get(f"/view?filename={name}&type=input")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        shown = await client.get(f"/view?filename={name}&type=input&preview=webp;90")
        assert shown.status == 415


@pytest.mark.parametrize(
    ("asked", "kind", "mode"),
    [
        ("preview=webp;90", "webp", "RGBA"),
        ("preview=webp;90&channel=rgb", "webp", "RGB"),
        ("preview=jpeg;75", "jpeg", "RGB"),
        ("preview=webp", "webp", "RGBA"),
        ("preview=;50", "webp", "RGBA"),
        ("channel=rgb", "png", "RGB"),
        ("channel=a", "png", "RGBA"),
    ],
)
async def test_a_picture_is_shown_in_another_form(
    client: Client, asked: str, kind: str, mode: str
) -> None:
    await upload(client, picture())
    answer = await client.get(f"/view?filename=a.png&type=input&{asked}")
    assert answer.headers["Content-Type"] == f"image/{kind}"
    made = Image.open(io.BytesIO(await answer.read()))
    assert (made.format, made.mode, made.size) == (kind.upper(), mode, (8, 6))
    if asked == "channel=a":
        assert made.getpixel((0, 0)) == (0, 0, 0, 128)


async def test_a_picture_that_is_too_large_is_not_decoded(serve: Serve) -> None:
    client = await serve(Settings(max_pixels=100))
    await upload(client, picture((10, 10)))
    data = picture((11, 10))
    assert await refused(client, form(data), 400) == "too_many_pixels"
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + data[24:29]
    bomb = data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]
    assert await refused(client, form(bomb), 400) == "too_many_pixels"


async def test_a_large_picture_among_the_results_is_not_decoded(
    serve: Serve, service: Service
) -> None:
    client = await serve(Settings(max_pixels=100))
    service.output_dir().mkdir(exist_ok=True)
    (service.output_dir() / "large.png").write_bytes(picture((11, 10)))
    assert (await client.get("/view?filename=large.png&preview=webp;90")).status == 400
    assert (await client.get("/view?filename=large.png")).status == 200


async def test_a_form_that_is_wrong_is_refused(client: Client, service: Service) -> None:
    assert await refused(client, form(None, type="input"), 400) == "invalid_request"
    assert await refused(client, form(picture(), subfolder="x" * 70_000), 400) == "invalid_request"
    assert await refused(client, b"not a form", 400) == "invalid_request"
    answer = await client.post(
        "/upload/image", data=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data"}
    )
    assert answer.status == 400
    answer = await client.post(
        "/upload/image",
        data=b"--x\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\nPNG",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status == 400
    nothing_left(service)


async def test_a_file_that_is_too_large_is_refused(serve: Serve, service: Service) -> None:
    client = await serve(Settings(max_upload=1000))
    assert await refused(client, form(b"x" * 1001), 413) == "payload_too_large"
    nothing_left(service)
    assert not list(service.input_dir().iterdir())


async def test_a_client_that_goes_away_leaves_nothing(client: Client, service: Service) -> None:
    assert client.port is not None
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = (
        "POST /upload/image HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    )
    writer.write(head.encode() + b"x" * 50_000)
    await writer.drain()
    async with asyncio.timeout(10):
        while not list(service.data.rglob("*.tmp")):
            await asyncio.sleep(0.01)
        writer.close()
        while list(service.data.rglob("*.tmp")):
            await asyncio.sleep(0.01)
    assert not list(service.input_dir().iterdir())


async def mask_upload(client: Client, mask: bytes, reference: Any, subfolder: str = "") -> Any:
    data = form(
        mask, "mask.png", original_ref=json.dumps(reference), subfolder=subfolder, type="input"
    )
    return await client.post("/upload/mask", data=data)


async def test_a_mask_becomes_the_transparency_of_its_picture(
    client: Client, service: Service
) -> None:
    texts = PngInfo()
    texts.add_text("prompt", '{"1": {}}')
    await upload(client, picture(colour=(200, 100, 50, 255), pnginfo=texts))
    mask = picture(colour=(0, 0, 0, 77))
    reference = {"filename": "a.png", "subfolder": "", "type": "input"}
    answer = await mask_upload(client, mask, reference, subfolder="clipspace")
    assert await answer.json() == {"name": "mask.png", "subfolder": "clipspace", "type": "input"}
    made = Image.open(service.input_dir() / "clipspace" / "mask.png")
    assert made.getpixel((3, 3)) == (200, 100, 50, 77)
    assert made.info["prompt"] == '{"1": {}}'
    nothing_left(service)


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        ({"filename": "none.png", "type": "input"}, 404),
        ({"filename": "../nodegraph.db", "type": "input"}, 400),
        ({"filename": "a.png", "type": "elsewhere"}, 400),
        ({}, 400),
        ([], 400),
        ("text", 400),
        ({"filename": "notes.txt", "type": "input"}, 415),
        ({"filename": "large.png", "type": "input"}, 400),
    ],
)
async def test_a_mask_needs_its_picture(
    client: Client, service: Service, reference: Any, status: int
) -> None:
    (service.input_dir() / "notes.txt").write_text("text")
    (service.input_dir() / "large.png").write_bytes(picture((80, 60)))
    answer = await mask_upload(client, picture(), reference)
    assert answer.status == status
    assert (await answer.json())["error"]["type"]
    assert not (service.input_dir() / "mask.png").exists()
    nothing_left(service)


async def test_users_have_folders_of_their_own(serve: Serve, service: Service) -> None:
    tokens = {Settings.digest_of(name): name for name in ("ann", "bob")}
    client = await serve(Settings(tokens=tokens))
    ann, bob = ({"Authorization": f"Bearer {name}"} for name in ("ann", "bob"))
    answer = await client.post("/upload/image", data=form(picture()), headers=ann)
    assert answer.status == 200
    path = "/view?filename=a.png&type=input"
    assert (await client.get(path, headers=ann)).status == 200
    assert (await client.get(path, headers=bob)).status == 404
    mask = form(picture(), original_ref=json.dumps({"filename": "a.png", "type": "input"}))
    assert (await client.post("/upload/mask", data=mask, headers=bob)).status == 404


async def test_a_name_with_its_folder_is_an_input(client: Client) -> None:
    await upload(client, b"content", "notes.txt", subfolder="mine")
    document = {
        "1": node("ReadText", file="mine/notes.txt [input]"),
        "2": node("SaveText", text=["1", 0]),
    }
    entry = await finished(client, await prompt(client, document))
    assert entry["status"]["status_str"] == "success"
    assert (await get(client, "/queue"))["queue_running"] == []


def test_no_folder_is_taken_for_a_file(tmp_path: Path) -> None:
    from nodegraph.server.comfy_v1_upload import place
    from nodegraph.server.errors import ApiError

    (tmp_path / "a.png").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(ApiError):
        place(tmp_path / "file", tmp_path / "a.png", overwrite=True)
    (tmp_path / "b").write_text("y")
    with pytest.raises(ApiError):
        place(tmp_path / "file", tmp_path / "b" / "c.png", overwrite=False)
