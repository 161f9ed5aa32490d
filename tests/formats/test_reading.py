"""One way in for every format; what is none of them is refused in words."""

import json
import os
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nodegraph import InvalidWorkflow, Registry, WorkflowFileError, load_workflow
from nodegraph.formats import reading
from nodegraph.formats.reading import read_any
from tests.formats.conftest import DATA, comfy

API = (DATA / "txt2img.api.json").read_text()
DRAWN = (DATA / "txt2img.ui.json").read_text()
NATIVE = (DATA / "txt2img.json").read_text()


def png(**texts: str) -> bytes:
    """A small picture with these text chunks."""
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=chunks)
    return file.getvalue()


def tagged(kind: str, **texts: str) -> bytes:
    """A small picture with these texts in the EXIF tags that ComfyUI uses."""
    exif = Image.Exif()
    for tag, (name, text) in zip((0x0110, 0x010F), texts.items(), strict=False):
        exif[tag] = f"{name}:{text}"
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, kind, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (NATIVE.encode(), "nodegraph"),
        (API.encode(), "comfyui-api"),
        (DRAWN.encode(), "comfyui-ui"),
        (b"\xef\xbb\xbf" + API.encode(), "comfyui-api"),
        (json.dumps({"prompt": json.loads(API), "client_id": "x"}).encode(), "comfyui-api"),
        (json.dumps({"workflow": json.loads(DRAWN)}).encode(), "comfyui-ui"),
        (png(prompt=API), "comfyui-api"),
        (png(workflow=DRAWN), "comfyui-ui"),
        (png(prompt=API, workflow=DRAWN, nodegraph=NATIVE), "nodegraph"),
        (tagged("WEBP", prompt=API), "comfyui-api"),
        (tagged("WEBP", workflow=DRAWN), "comfyui-ui"),
        (tagged("JPEG", prompt=API, workflow=DRAWN), "comfyui-api"),
    ],
)
def test_every_format_is_recognised(registry: Registry, data: bytes, source: str) -> None:
    made, report = read_any(data, registry)

    assert len(made.nodes) == 7
    assert report.source == source
    assert report.remarks == []


def test_a_picture_runs_what_ran_laid_out_as_it_was_drawn(registry: Registry) -> None:
    ran = json.loads(API)
    ran["3"]["inputs"]["seed"] = 99
    made, _ = read_any(png(prompt=json.dumps(ran), workflow=DRAWN), registry)

    assert made.nodes["3"].inputs["seed"] == 99
    spot = {"x": 415, "y": 186, "width": 422, "height": 164}
    assert made.layout["6"] == {"title": "Positive", **spot}
    assert made.layout["$groups"][0]["title"] == "Prompts"


def test_nodes_of_subgraphs_are_laid_out_under_the_ids_they_ran_with(registry: Registry) -> None:
    ran = {"12:5": json.loads(API)["5"]}
    drawn = (DATA / "subgraphs.ui.json").read_text()
    made, _ = read_any(png(prompt=json.dumps(ran), workflow=drawn), registry)

    assert made.layout["12:5"]["x"] == 1300


def test_a_damaged_drawing_does_not_keep_a_picture_from_running(registry: Registry) -> None:
    made, report = read_any(png(prompt=API, workflow='{"nodes": [3]}'), registry)

    assert len(made.nodes) == 7
    assert [r.code for r in report.remarks] == ["no_layout"]


def test_numbers_that_are_not_finite_are_let_by_where_python_wrote_them(
    registry: Registry,
) -> None:
    raw = comfy("txt2img.api.json")
    raw["4"]["is_changed"] = [float("nan")]
    made, report = read_any(json.dumps(raw).encode(), registry)

    assert len(made.nodes) == 7
    assert [r.code for r in report.remarks] == ["not_finite"]


def test_they_are_refused_in_a_file_of_ours(registry: Registry) -> None:
    with pytest.raises(WorkflowFileError, match="NaN is not JSON"):
        read_any(b'{"nodegraph": 1, "nodes": {}, "x": NaN}', registry)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is not JSON"),
    "not text": (b"\x80\x81\x82", "not a JSON file"),
    "a list": (b"[]", "expected an object, got list"),
    "null": (b"null", "expected an object, got NoneType"),
    "a number": (b"-1.5", "expected an object, got float"),
    "a truth value": (b"true", "expected an object, got bool"),
    "a text in quotes": (b'"x"', "expected an object, got str"),
    "another object": (b'{"a": 1, "b": {}}', 'it has no "nodegraph": 1; its keys are: a, b'),
    "deep": (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    "deep in a node": (
        b'{"1": {"class_type": "A", "inputs": ' + b'{"a":' * 200 + b"1" + b"}" * 202,
        "nested too deeply",
    ),
    "a key twice": (b'{"1": {"class_type": "A", "inputs": {}}, "1": {}}', "stands twice"),
    "a huge number": (b'{"1": {"class_type": "A", "inputs": {"a": %s}}}' % (b"9" * 5000), "digits"),
    "a picture with nothing": (png(), "no workflow is embedded"),
    "a picture with other text": (png(parameters="a cat"), "no workflow is embedded"),
    "a picture with a broken text": (png(prompt='{"3":'), "is not JSON"),
    "a damaged picture": (png(prompt=API)[:40], "cannot be read as a picture"),
    "only the beginning of one": (b"\xff\xd8\xff", "cannot be read as a picture"),
    "WebP in name only": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "cannot be read as a picture"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_workflow_is_refused(registry: Registry, name: str) -> None:
    data, message = REFUSED[name]

    with pytest.raises(WorkflowFileError, match=message):
        read_any(data, registry)


def test_what_is_too_large_is_refused_unread(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate(reading.MAX_BYTES + 1)

    with pytest.raises(WorkflowFileError, match="too large"):
        read_any(file, registry)
    with pytest.raises(WorkflowFileError, match="too large to be a workflow"):
        read_any(b" " * (reading.MAX_JSON + 1), registry)


def test_what_never_ends_is_refused(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 3 << 20)

    with pytest.raises(WorkflowFileError, match="'/dev/zero' is too large: it has more than 3 MiB"):
        read_any("/dev/zero", registry)


def test_a_pipe_is_read_to_its_end(registry: Registry, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = json.dumps({"nodegraph": 1, "name": "x" * 3_000_000, "nodes": {}})
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()

    made, _ = read_any(pipe, registry)
    writer.join()

    assert len(made.name) == 3_000_000


def test_a_missing_file_is_named_with_the_nearest_one(registry: Registry) -> None:
    with pytest.raises(WorkflowFileError, match=r"did you mean '.*txt2img\.json'"):
        read_any(DATA / "txt2img.jsn", registry)


def test_a_name_that_no_file_can_have_is_refused(registry: Registry) -> None:
    with pytest.raises(WorkflowFileError, match="cannot read"):
        read_any("a\0b", registry)


@pytest.mark.parametrize("raw", [{"prompt": {}}, {"prompt": [1]}, {"workflow": "x"}, {"nodes": {}}])
def test_a_wrapper_around_nothing_is_no_workflow(registry: Registry, raw: Any) -> None:
    with pytest.raises((WorkflowFileError, InvalidWorkflow)):
        read_any(json.dumps(raw).encode(), registry)


def test_load_workflow_knows_the_installed_types() -> None:
    made = load_workflow(DATA / "txt2img.ui.json")

    assert made.nodes["3"].inputs["steps"] == 2
