"""Workflows of other programs, in and out, and everything wrong with one at once."""

import io
import json
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, workflow
from tests.server.conftest import Client

API = {
    "1": {"class_type": "Echo", "inputs": {"value": "hello"}, "_meta": {"title": "Say"}},
    "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}},
}
UI = {
    "version": 0.4,
    "nodes": [
        {"id": 1, "type": "Echo", "pos": [0, 0], "outputs": [{"name": "str", "links": [1]}],
         "widgets_values": ["hello"]},
        {"id": 2, "type": "SaveText", "pos": [9, 0], "inputs": [{"name": "text", "link": 1}],
         "widgets_values": ["text"]},
        {"id": 3, "type": "Unheard", "pos": [9, 9], "widgets_values": [3]},
    ],
    "links": [[1, 1, 0, 2, 0, "STRING"]],
}  # fmt: skip


def picture(kind: str, **texts: str) -> bytes:
    stream, image = io.BytesIO(), Image.new("RGB", (8, 8))
    if kind == "PNG":
        info = PngInfo()
        for name, text in texts.items():
            info.add_text(name, text)
        image.save(stream, kind, pnginfo=info)
    else:
        exif = image.getexif()
        for tag, (name, text) in zip((0x010F, 0x010E), texts.items(), strict=False):
            exif[tag] = f"{name}:{text}"
        image.save(stream, kind, exif=exif)
    return stream.getvalue()


async def send(client: Client, data: bytes, name: str = "file") -> tuple[int, Any]:
    form = FormData()
    form.add_field(name, data, filename="a", content_type="image/png")
    answer = await client.post("/api/editor/import/file", data=form)
    return answer.status, await answer.json()


async def test_every_format_is_read(client: Client) -> None:
    for document, source in ((saying(), "nodegraph"), (API, "comfyui-api"), (UI, "comfyui-ui")):
        answer = await client.post("/api/editor/import", json={"document": document})
        found = await answer.json()
        assert (answer.status, found["report"]["source"]) == (200, source)
        assert found["workflow"]["nodegraph"] == 1
        kept, text = await send(client, json.dumps(document).encode())
        assert (kept, text) == (200, found)
    assert {one["node"] for one in found["report"]["remarks"]} == {"3"}
    assert found["workflow"]["nodes"]["3"]["type"] == "Unheard"


@pytest.mark.parametrize("data", [b"null", b"3", b"true"])
async def test_json_that_is_no_object_is_refused(client: Client, data: bytes) -> None:
    status, found = await send(client, data)
    assert (status, found["error"]["code"]) == (422, "invalid_workflow")
    assert "is not a workflow: expected an object" in found["error"]["message"]


async def test_pictures_are_opened(client: Client, service: Service) -> None:
    for data in (
        picture("PNG", nodegraph=json.dumps(saying())),
        picture("WEBP", nodegraph=json.dumps(saying())),
    ):
        status, found = await send(client, data)
        assert (status, found["workflow"]) == (200, saying())
        asset = service.assets.put([data], "local", "a", "image/png")
        answer = await client.post("/api/editor/import", json={"asset_id": asset.id})
        assert (await answer.json())["workflow"] == saying()
    status, found = await send(client, picture("PNG", prompt=json.dumps(API)))
    assert (status, found["report"]["source"]) == (200, "comfyui-api")


async def test_what_holds_no_workflow_is_refused(client: Client) -> None:
    for data in (b"", b"{", b"[]", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        status, found = await send(client, data)
        assert (status, found["error"]["code"]) == (422, "invalid_workflow")
    assert (await send(client, b"{}", "another"))[0] == 400
    for body in ({}, {"document": {}, "asset_id": "x"}, {"document": 3}):
        assert (await client.post("/api/editor/import", json=body)).status == 400
    answer = await client.post("/api/editor/import", json={"asset_id": "x"})
    assert answer.status == 404


async def test_a_file_is_called_by_its_name_in_what_is_wrong_with_it(client: Client) -> None:
    async def refusal(data: bytes, name: str) -> tuple[str, str]:
        form = FormData()
        form.add_field("file", data, filename=name)
        answer = await client.post("/api/editor/import/file", data=form)
        error = (await answer.json())["error"]
        return error["code"], error["message"]

    none = ("no_workflow", "no workflow is embedded in 'bare.png'")
    assert await refusal(picture("PNG"), "bare.png") == none
    for data in (b"", b"not a picture", picture("PNG")[:20]):
        code, message = await refusal(data, "red.png")
        assert code == "invalid_workflow"
        assert message.startswith("'red.png' cannot be read as a picture")
        assert "object at 0x" not in message
    assert (await refusal(b"%PDF-1.4", "a.pdf"))[1].startswith("a.pdf is not JSON")


async def test_the_api_format_is_written(client: Client) -> None:
    answer = await client.post("/api/editor/export", json={"workflow": saying()})
    found = await answer.json()

    assert found["prompt"]["save"]["class_type"] == "SaveText"
    assert found["prompt"]["join"]["inputs"] == {"first": ["echo", 0], "second": "!"}
    assert {one["code"] for one in found["report"]["remarks"]} == {"unknown_to_comfyui"}
    assert (await client.post("/api/editor/export", json={"workflow": {}})).status == 422


async def test_all_problems_come_at_once(client: Client) -> None:
    document = workflow(
        echo={"type": "Echo", "value": 3},
        save={"type": "SaveText", "text": link("nobody"), "nmae": "x"},
        alone={"type": "Eco"},
    )
    answer = await client.post("/api/editor/validate", json={"workflow": document})
    found = (await answer.json())["problems"]

    assert {(one["node"], one["field"]) for one in found} == {
        ("echo", "value"),
        ("save", "text"),
        ("save", "nmae"),
        ("alone", None),
    }
    assert [one["nearest"] for one in found if one["node"] == "alone"] == ["Echo"]
    fine = await client.post("/api/editor/validate", json={"workflow": saying()})
    assert await fine.json() == {"problems": []}
    ui = await client.post("/api/editor/validate", json={"workflow": UI})
    assert (await ui.json())["error"]["code"] == "workflow_format_ui"
