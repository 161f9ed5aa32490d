from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.pixels import from_pil, read_pictures, to_pil

ORIENTATION = 0x0112


@given(st.lists(st.integers(0, 255), min_size=12, max_size=12))
def test_eight_bits_survive_both_ways(levels: list[int]) -> None:
    pixels = torch.tensor(levels, dtype=torch.float32).reshape(1, 3, 4) / 255
    assert torch.equal(from_pil(to_pil(pixels)), pixels)


def test_values_are_rounded_and_clamped() -> None:
    pixels = torch.tensor([[[-1.0, 2.0, 0.5]]])
    picture = to_pil(pixels)
    assert picture.mode == "RGB"
    assert picture.getpixel((0, 0)) == (0, 255, 128)


def test_values_that_are_not_finite_are_refused() -> None:
    pixels = torch.zeros(2, 2, 3)
    pixels[0, 0, 0], pixels[1, 1, 1] = torch.nan, torch.inf
    with pytest.raises(NodeError, match="2 values that are not finite"):
        to_pil(pixels)


def test_sixteen_bit_grey_keeps_its_precision(tmp_path: Path) -> None:
    levels = np.array([[0, 1, 1000, 65535]], dtype=np.uint16)
    PIL.Image.fromarray(levels).save(tmp_path / "deep.png")
    pixels = read_pictures(tmp_path / "deep.png")
    expected = torch.tensor([0, 1, 1000, 65535]) / 65535
    assert torch.equal(pixels[0, 0, :, 0], expected)
    assert torch.equal(pixels[0, 0, :, 2], expected)
    assert bool((pixels[..., 3] == 1).all())


def test_floating_point_grey_is_clamped() -> None:
    picture = PIL.Image.fromarray(np.array([[-1.0, 0.25, 7.0, np.nan]], dtype=np.float32))
    assert from_pil(picture)[0, :, 0].tolist() == [0, 0.25, 1, 0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_every_mode_gives_colours_and_alpha(mode: str) -> None:
    pixels = from_pil(PIL.Image.new("RGB", (3, 2), "white").convert(mode))
    assert pixels.shape == (2, 3, 4)
    torch.testing.assert_close(pixels, torch.ones(2, 3, 4))


def test_a_transparent_colour_is_transparent(tmp_path: Path) -> None:
    picture = PIL.Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putdata([0, 1])
    picture.save(tmp_path / "p.png", transparency=1)
    assert read_pictures(tmp_path / "p.png")[0, 0, :, 3].tolist() == [1, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    upright = torch.zeros(2, 3, 3)
    upright[0, 0] = 1
    # What a camera stores: the inverse of the turn that the tag asks for.
    stored = {
        1: upright,
        2: upright.flip(1),
        3: upright.flip(0, 1),
        4: upright.flip(0),
        5: upright.transpose(0, 1),
        6: upright.rot90(1),
        7: upright.flip(0, 1).transpose(0, 1),
        8: upright.rot90(-1),
    }[orientation]
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    to_pil(stored).save(tmp_path / "turned.png", exif=exif)
    assert torch.equal(read_pictures(tmp_path / "turned.png")[0, ..., :3], upright)


def animation(path: Path, sizes: list[tuple[int, int]]) -> None:
    frames = [PIL.Image.new("RGB", size, (40 * i, 0, 0)) for i, size in enumerate(sizes)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tiff"])
def test_frames_are_a_batch(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"moving.{suffix}"
    animation(path, [(4, 3)] * 3)
    assert read_pictures(path).shape == (3, 3, 4, 4)
    assert read_pictures(path, first_only=True).shape == (1, 3, 4, 4)
    reds = read_pictures(path)[:, 1, 1, 0] * 255
    torch.testing.assert_close(reds, torch.tensor([0.0, 40, 80]), atol=3, rtol=0)


def test_pages_of_another_size_are_left_out(tmp_path: Path) -> None:
    animation(tmp_path / "pages.tiff", [(4, 3), (2, 2), (4, 3)])
    reds = read_pictures(tmp_path / "pages.tiff")[:, 0, 0, 0] * 255
    torch.testing.assert_close(reds, torch.tensor([0.0, 80.0]))


def test_the_previews_of_a_camera_file_are_left_out(tmp_path: Path) -> None:
    frames = [PIL.Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "x.mpo", format="MPO", save_all=True, append_images=frames[1:])
    assert read_pictures(tmp_path / "x.mpo").shape[0] == 1


def png() -> bytes:
    import io

    file = io.BytesIO()
    to_pil(torch.rand(32, 32, 3)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", png()[:200], png()[:40], b"\x89PNG\r\n\x1a\n", b"GIF89a\0\0", b"BM"],
    ids=["empty", "text", "cut", "cut header", "signature", "gif", "bmp"],
)
def test_unreadable_files_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(NodeError, match=r"cannot read 'broken\.png' as a picture: .*PNG, JPEG"):
        read_pictures(path)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="as a picture"):
        read_pictures(tmp_path)


def test_too_large_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to_pil(torch.zeros(10, 10, 3)).save(tmp_path / "large.png")
    animation(tmp_path / "long.gif", [(4, 4)] * 5)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 30)
    with pytest.raises(NodeError, match=r"'large\.png' as a picture: .*100 pixels"):
        read_pictures(tmp_path / "large.png")
    with pytest.raises(NodeError, match="more than 60 pixels; load only the first"):
        read_pictures(tmp_path / "long.gif")
    assert read_pictures(tmp_path / "long.gif", first_only=True).shape[0] == 1
