"""Input files and thumbnails: found, bounded, and never outside their folder."""

import io
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import FormData
from PIL import Image
from yarl import URL

from nodegraph.jobs.service import Service
from nodegraph.server.errors import ApiError
from nodegraph.server.settings import Settings
from nodegraph.server.shrinking import small
from nodegraph.server.thumbnails import Thumbnails
from tests.server.conftest import Client, Serve


def png(width: int = 40, height: int = 20, mode: str = "RGB", colour: Any = None) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (width, height), colour if colour is not None else 0).save(stream, "PNG")
    return stream.getvalue()


def at(name: str, rest: str = "") -> URL:
    return URL(f"/api/editor/inputs/{quote(name, safe='')}{rest}", encoded=True)


async def upload(client: Client, data: bytes, filename: str, name: str | None = None) -> Any:
    form = FormData(quote_fields=False)
    if name is not None:
        form.add_field("name", name)
    form.add_field("file", data, filename=filename, content_type="image/png")
    answer = await client.post("/api/editor/inputs", data=form)
    return answer.status, await answer.json()


async def test_files_are_uploaded_listed_read_and_deleted(client: Client, service: Service) -> None:
    status, made = await upload(client, png(), "C:\\x\\cat.png")
    assert (status, made["name"], made["content_type"]) == (201, "cat.png", "image/png")
    assert (await upload(client, png(), "cat.png"))[1]["name"] == "cat.png"
    assert (await upload(client, png(41), "cat.png"))[1]["name"] == "cat (2).png"
    assert (await upload(client, b"hi", "x", "notes/a.txt"))[1]["name"] == "notes/a.txt"
    assert service.files().has_input("notes/a.txt")

    listed = await (await client.get("/api/editor/inputs?limit=2")).json()
    assert (len(listed["files"]), listed["total"], listed["next"]) == (2, 3, 2)
    listed = await (await client.get("/api/editor/inputs?kind=image&search=(2)")).json()
    (found,) = listed["files"]
    assert found["name"] == "cat (2).png"
    assert await (await client.get(URL(found["url"], encoded=True))).read() == png(41)
    assert await (await client.get(at("notes/a.txt"))).read() == b"hi"
    assert (await client.delete(at("cat.png"))).status == 204
    assert (await client.delete(at("cat.png"))).status == 404
    assert (await client.get(at("cat.png"))).status == 404
    assert not [path for path in service.input_dir().iterdir() if path.suffix == ".tmp"]


@pytest.mark.parametrize("data", [b"", b"nothing of the kind", png(64, 64)[:60]])
async def test_what_is_called_as_a_picture_and_is_none_is_refused(
    client: Client, service: Service, data: bytes
) -> None:
    status, found = await upload(client, data, "red.png")
    assert (status, found["error"]["code"]) == (415, "no_picture")
    assert found["error"]["message"].startswith("this is no picture that can be read")
    assert not any(service.input_dir().iterdir())
    assert (await upload(client, data, "red.exr"))[0] == 201  # a node may know more


async def test_an_asset_becomes_an_input_file(client: Client, service: Service) -> None:
    asset = service.assets.put([png()], "local", "out.png", "image/png")
    body = {"asset_id": asset.id, "name": "mine/in.png"}
    answer = await client.post("/api/editor/inputs/from-asset", json=body)
    assert (answer.status, (await answer.json())["name"]) == (201, "mine/in.png")
    answer = await client.post("/api/editor/inputs/from-asset", json={"asset_id": asset.id})
    assert (await answer.json())["name"] == "out.png"
    path = service.input_dir() / "out.png"
    path.write_bytes(b"edited in place")
    assert service.assets.path(asset.hash).read_bytes() == png()
    other = service.assets.put([png()], "ann", "out.png", "image/png")
    answer = await client.post("/api/editor/inputs/from-asset", json={"asset_id": other.id})
    assert answer.status == 404


async def test_no_name_leads_out_of_the_folder(client: Client, service: Service) -> None:
    folder = service.input_dir()
    (service.data / "secret.png").write_bytes(png())
    (folder / "out").symlink_to(service.data)
    for name in ("../secret.png", "/etc/passwd", "a/../../secret.png", "out/secret.png", "a\x00"):
        assert (await client.get(at(name))).status in (400, 403)
        assert (await client.get(at(name, "/thumbnail"))).status in (400, 403)
        assert (await client.delete(at(name))).status in (400, 403)
        assert (await upload(client, b"x", "a", name))[0] in (400, 403)
    assert (service.data / "secret.png").read_bytes() == png()
    listed = await (await client.get("/api/editor/inputs")).json()
    assert listed["files"] == []


async def test_uploads_are_bounded_and_forms_checked(serve: Serve) -> None:
    client = await serve(Settings(max_upload=100_000))
    status, answer = await upload(client, os.urandom(99_990), "a.png")
    assert (status, answer["error"]["code"]) == (413, "payload_too_large")
    form = FormData()
    form.add_field("other", b"x", filename="x")
    assert (await client.post("/api/editor/inputs", data=form)).status == 400
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = await client.post("/api/editor/inputs", data=b"no form", headers=headers)
    assert broken.status == 400
    listed = await (await client.get("/api/editor/inputs")).json()
    assert listed["files"] == []


async def test_thumbnails_of_assets_and_inputs(client: Client, service: Service) -> None:
    asset = service.assets.put([png(600, 300)], "local", "a.png", "image/png")
    path = f"/api/editor/assets/{asset.id}/thumbnail"
    answer = await client.get(f"{path}?size=100")
    shown = Image.open(io.BytesIO(await answer.read()))
    assert (answer.content_type, shown.size) == ("image/webp", (128, 64))
    assert "immutable" in answer.headers["Cache-Control"]
    again = await client.get(f"{path}?size=100", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304

    await upload(client, png(20, 20), "a.png")
    shown = Image.open(io.BytesIO(await (await client.get(at("a.png", "/thumbnail"))).read()))
    assert shown.size == (20, 20)
    _, spaced = await upload(client, png(), "photos of cats/a & b.png", "photos of cats/a & b.png")
    assert (await client.get(URL(spaced["thumbnail_url"], encoded=True))).status == 200
    (service.input_dir() / "a.png").write_bytes(png(30, 20))
    shown = Image.open(io.BytesIO(await (await client.get(at("a.png", "/thumbnail"))).read()))
    assert shown.size == (30, 20)

    text = service.assets.put([b"<svg/>"], "local", "a.svg", "image/svg+xml")
    answer = await client.get(f"/api/editor/assets/{text.id}/thumbnail")
    assert (answer.status, (await answer.json())["error"]["code"]) == (415, "no_thumbnail")
    assert (await client.get("/api/editor/assets/x/thumbnail")).status == 404
    assert (await client.get(f"{path}?size=9999")).status == 400
    theirs = service.assets.put([png()], "ann", "a.png", "image/png")
    assert (await client.get(f"/api/editor/assets/{theirs.id}/thumbnail")).status == 404


def test_every_kind_of_picture_has_a_thumbnail(tmp_path: Path) -> None:
    for mode, colour in (("L", 9), ("RGBA", (1, 2, 3, 4)), ("P", 0), ("1", 1), ("LA", (1, 2))):
        (tmp_path / "a.png").write_bytes(png(300, 10, mode, colour))
        made = Image.open(io.BytesIO(small(tmp_path / "a.png", 128, 10_000)))
        assert made.size == (128, 4)
    (tmp_path / "a.png").write_bytes(png(8, 8, "I;16", 0x8000))
    made = Image.open(io.BytesIO(small(tmp_path / "a.png", 128, 10_000)))
    assert abs(made.convert("L").getpixel((0, 0)) - 128) < 6  # type: ignore[operator]


def test_a_picture_on_its_side_is_turned(tmp_path: Path) -> None:
    image, stream = Image.new("RGB", (400, 200)), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(stream, "JPEG", exif=exif)
    (tmp_path / "a.jpg").write_bytes(stream.getvalue())
    assert Image.open(io.BytesIO(small(tmp_path / "a.jpg", 128, 10**6))).size == (64, 128)


def test_a_picture_with_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(20_000, 20_000, "1"))
    for most in (10**6, 10**9):
        with pytest.raises(ApiError, match="pixels"):
            small(tmp_path / "a.png", 128, most)


async def test_old_thumbnails_go(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "t", 10**6, most_bytes=1)
    (tmp_path / "a.png").write_bytes(png())
    first = await thumbnails.of(tmp_path / "a.png", "aa", 128)
    thumbnails.trim()
    assert not first.exists()
