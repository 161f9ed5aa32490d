"""The templates: listed with pictures, and ready to run for whoever begins from one."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from nodegraph.server.templates import folder, read_templates
from tests.server.conftest import Client
from tests.server.processes import ROOT

PATH = "/api/editor/templates"
MOST_BYTES = 10_000


async def test_every_example_is_listed_with_words_and_a_small_picture(client: Client) -> None:
    listed = (await (await client.get(PATH)).json())["templates"]

    assert {one["name"] for one in listed} == {f.stem for f in (ROOT / "workflows").glob("*.json")}
    assert all(one["title"] and one["description"].endswith(".") for one in listed)
    assert [one["nodes"] for one in listed] == sorted(one["nodes"] for one in listed)
    for one in listed:
        answer = await client.get(one["thumbnail_url"])
        data = await answer.read()
        assert answer.headers["Content-Type"] == "image/webp"
        assert len(data) <= MOST_BYTES
        with Image.open(BytesIO(data)) as picture:
            assert picture.format == "WEBP"
            assert picture.size == (192, 192)


@pytest.mark.parametrize("path", sorted((ROOT / "workflows").glob("*.json")), ids=lambda p: p.stem)
def test_nodes_and_fields_are_told_apart(path: Path) -> None:
    workflow = json.loads(path.read_text())

    titles = [
        workflow["layout"].get(key, {}).get("title") or node["type"]
        for key, node in workflow["nodes"].items()
    ]
    assert len(set(titles)) == len(titles)
    words = {name: ref.get("description") for name, ref in workflow["inputs"].items()}
    prompts = [name for name in words if "prompt" in name or name == "negative"]
    assert len({words[name] for name in prompts} - {None}) == len(prompts)


async def test_beginning_brings_the_pictures_that_are_read(client: Client) -> None:
    answer = await client.post(f"{PATH}/img2img/begin")
    workflow = (await answer.json())["workflow"]

    [entry] = [e for e in workflow["nodes"].values() if e["type"] == "LoadImage"]
    listed = await (await client.get("/api/editor/inputs")).json()
    assert [one["name"] for one in listed["files"]] == [entry["inputs"]["image"]]
    answer = await client.get(listed["files"][0]["url"])
    assert await answer.read() == (ROOT / "workflows/assets/img2img.png").read_bytes()

    again = await (await client.post(f"{PATH}/img2img/begin")).json()
    assert again["workflow"] == workflow
    assert (await (await client.get("/api/editor/inputs")).json())["total"] == 1


async def test_a_file_of_the_same_name_stays(client: Client) -> None:
    mine = BytesIO()
    Image.new("RGB", (4, 4), "red").save(mine, "PNG")
    form = {"name": "assets/img2img.png", "file": BytesIO(mine.getvalue())}
    assert (await client.post("/api/editor/inputs", data=form)).status == 201

    answer = await client.post(f"{PATH}/img2img/begin")
    workflow = (await answer.json())["workflow"]

    [entry] = [e for e in workflow["nodes"].values() if e["type"] == "LoadImage"]
    assert entry["inputs"]["image"] == "assets/img2img (2).png"
    answer = await client.get("/api/editor/inputs/assets%2Fimg2img.png")
    assert await answer.read() == mine.getvalue()


async def test_a_template_that_is_not_there(client: Client) -> None:
    assert (await client.post(f"{PATH}/nothing/begin")).status == 404
    assert (await client.get(f"{PATH}/..%2F..%2Fetc/thumbnail")).status == 404


def test_values_that_lead_out_of_the_folder_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    where = tmp_path / "examples"
    where.mkdir()
    text = '{"nodegraph": 1, "nodes": {"a": {"type": "T", "inputs": {"b": "../secret.txt"}}}}'
    (where / "bad.json").write_text(text)

    assert read_templates(where)["bad"].pictures == {}
    assert read_templates(None) == {}
    assert folder() == ROOT / "workflows"
