"""Workflows embedded in pictures, read without decoding a pixel."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nodegraph import Registry, Workflow, WorkflowFileError
from nodegraph.formats.picture import embedded_texts, is_picture, texts_of
from nodegraph.formats.reading import read_any

DESCRIPTION = 0x010E
TEXT = Workflow(name="Größe 🎨").to_json()


def png(text: str | None = TEXT, name: str = "nodegraph", international: bool = True) -> bytes:
    stream, chunks = BytesIO(), PngInfo()
    if text is not None:
        (chunks.add_itxt if international else chunks.add_text)(name, text)
    Image.new("RGB", (4, 3), "red").save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()


def tagged(format: str, text: str | None = TEXT) -> bytes:
    stream, exif = BytesIO(), Image.Exif()
    if text is not None:
        exif[DESCRIPTION] = f"nodegraph:{text}"
    Image.new("RGB", (4, 3), "red").save(stream, format, exif=exif)
    return stream.getvalue()


def webp(text: str | None = TEXT) -> bytes:
    return tagged("WEBP", text)


def jpeg(text: str | None = TEXT) -> bytes:
    return tagged("JPEG", text)


MAKERS: list[Callable[..., bytes]] = [png, webp, jpeg]


@pytest.mark.parametrize("make", MAKERS)
def test_a_workflow_is_read_out_of_a_picture(tmp_path: Path, make: Callable[..., bytes]) -> None:
    ascii_only = Workflow(name="Size").to_json()
    (tmp_path / "picture.png").write_bytes(make(ascii_only))

    assert embedded_texts(tmp_path / "picture.png")["nodegraph"] == ascii_only
    assert read_any(tmp_path / "picture.png", Registry())[0].name == "Size"


def test_any_text_survives() -> None:
    assert Workflow.parse(texts_of(png(), "it")["nodegraph"]).name == "Größe 🎨"


def test_plain_png_texts_are_read_too() -> None:
    assert texts_of(png("{}", "prompt", international=False), "it") == {"prompt": "{}"}


def test_a_large_workflow(tmp_path: Path) -> None:
    large = Workflow(name="x", layout={"note": "y" * 3_000_000})
    (tmp_path / "a.png").write_bytes(png(large.to_json()))

    assert read_any(tmp_path / "a.png", Registry())[0] == large


@pytest.mark.parametrize("make", MAKERS)
def test_a_picture_without_one(tmp_path: Path, make: Callable[..., bytes]) -> None:
    path = tmp_path / "plain.png"
    path.write_bytes(make(None))

    assert "nodegraph" not in embedded_texts(path)
    with pytest.raises(WorkflowFileError, match="no workflow is embedded"):
        read_any(path, Registry())


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", png()[:40], webp()[:30], jpeg()[:30], b"GIF89a"]
)
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(data)

    with pytest.raises(WorkflowFileError) as caught:
        embedded_texts(path)

    assert f"'{path}' cannot be read as a picture" in str(caught.value)


def test_no_such_picture(tmp_path: Path) -> None:
    with pytest.raises(WorkflowFileError, match="there is no file"):
        embedded_texts(tmp_path / "none.png")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(WorkflowFileError, match="cannot read"):
        embedded_texts(tmp_path)


def test_a_picture_that_claims_to_be_huge() -> None:
    data = bytearray(png())
    data[16:24] = (60_000).to_bytes(4, "big") * 2

    with pytest.raises(WorkflowFileError, match="cannot be read as a picture"):
        texts_of(bytes(data), "it")


@pytest.mark.parametrize("text", ["", "not json", "[1]", '{"nodegraph": 99}', "{}"])
def test_an_embedded_text_that_is_no_workflow(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(text))

    with pytest.raises(WorkflowFileError) as caught:
        read_any(path, Registry())

    assert str(path) in str(caught.value)


def test_the_first_bytes_say_what_is_a_picture() -> None:
    assert all(is_picture(make()) for make in MAKERS)
    assert not is_picture(TEXT.encode())
    assert not is_picture(b"")


@pytest.mark.parametrize("make", MAKERS)
@given(data=st.data())
def test_damage_is_said_and_never_worse(make: Callable[..., bytes], data: st.DataObject) -> None:
    whole = make()
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = texts_of(bytes(damaged), "it")
    except WorkflowFileError:
        return
    assert all(isinstance(text, str) for text in found.values())
