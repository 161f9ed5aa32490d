import io
import json
from pathlib import Path

import PIL.Image
import pytest
import torch

from nodegraph import NodeError
from nodes.picture_files import Format, check_picture, write_picture
from nodes.pixels import from_pil, to_pil

METADATA = {"nodegraph": json.dumps({"name": "Bär 熊", "seed": 2**64 - 1}, ensure_ascii=False)}


def encoded(
    pixels: torch.Tensor,
    format: Format,
    metadata: dict[str, str] | None = None,
    *,
    quality: int = 90,
    lossless: bool = False,
) -> PIL.Image.Image:
    file = io.BytesIO()
    write_picture(file, to_pil(pixels), format, metadata or {}, quality=quality, lossless=lossless)
    picture = PIL.Image.open(file)
    picture.load()
    return picture


def embedded(picture: PIL.Image.Image) -> dict[str, object]:
    """What a reader finds: texts of PNG, or `name:text` in EXIF."""
    if picture.format == "PNG":
        texts = {str(k): str(v) for k, v in picture.info.items()}
    else:
        found = [value for _, value in sorted(picture.getexif().items())]
        texts = dict(str(value).split(":", 1) for value in found)
    return {name: json.loads(text) for name, text in texts.items()}


@pytest.mark.parametrize("format", ["png", "webp", "jpeg"])
def test_the_metadata_are_in_the_file(format: Format) -> None:
    two = {**METADATA, "more": "[1]"}
    picture = encoded(torch.rand(8, 8, 3), format, two)
    assert picture.format == format.upper()
    assert embedded(picture) == {"nodegraph": json.loads(METADATA["nodegraph"]), "more": [1]}


@pytest.mark.parametrize("format", ["png", "webp", "jpeg"])
def test_no_metadata_leave_nothing(format: Format) -> None:
    picture = encoded(torch.rand(8, 8, 3), format)
    assert not picture.getexif()
    assert "nodegraph" not in picture.info


@pytest.mark.parametrize("channels", [3, 4])
def test_png_and_lossless_webp_keep_every_pixel(channels: int) -> None:
    pixels = (torch.rand(16, 16, channels) * 255).round() / 255
    for picture in (encoded(pixels, "png"), encoded(pixels, "webp", lossless=True)):
        assert picture.mode == ("RGB" if channels == 3 else "RGBA")
        assert torch.equal(from_pil(picture)[..., :channels], pixels)


def test_webp_keeps_transparency() -> None:
    pixels = torch.ones(16, 16, 4)
    pixels[:8, :, 3] = 0
    alpha = from_pil(encoded(pixels, "webp"))[..., 3]
    assert torch.equal(alpha, pixels[..., 3])


def test_jpeg_shows_the_picture_on_white() -> None:
    pixels = torch.zeros(16, 16, 4)
    pixels[8:, :, 3] = 1
    flat = from_pil(encoded(pixels, "jpeg", quality=100))
    torch.testing.assert_close(flat[:8, :, :3], torch.ones(8, 16, 3), atol=0.02, rtol=0)
    torch.testing.assert_close(flat[8:, :, :3], torch.zeros(8, 16, 3), atol=0.02, rtol=0)


@pytest.mark.parametrize("format", ["webp", "jpeg"])
def test_quality_trades_size_for_likeness(format: Format, tmp_path: Path) -> None:
    pixels = torch.rand(64, 64, 3)
    sizes, errors = [], []
    for quality in (10, 95):
        file = io.BytesIO()
        write_picture(file, to_pil(pixels), format, {}, quality=quality)
        sizes.append(len(file.getvalue()))
        back = from_pil(PIL.Image.open(file))[..., :3]
        errors.append((back - pixels).abs().mean().item())
    assert sizes[0] < sizes[1]
    assert errors[0] > errors[1]


def test_too_long_sides_are_refused() -> None:
    check_picture((16383, 16383), "webp", {})
    check_picture((100_000, 1), "png", {})
    with pytest.raises(NodeError, match=r"16384 x 1 pixels is too large for webp.*16383.*as png"):
        check_picture((16384, 1), "webp", {})
    with pytest.raises(NodeError, match="too large for jpeg"):
        check_picture((1, 65501), "jpeg", {})


def test_the_largest_workflow_a_jpeg_holds_can_be_written() -> None:
    def workflow(length: int) -> dict[str, str]:
        return {"nodegraph": json.dumps("x" * length)}

    longest = 0
    for step in (2**power for power in reversed(range(17))):
        try:
            check_picture((8, 8), "jpeg", workflow(longest + step))
            longest += step
        except NodeError:
            continue
    assert 65000 < longest < 65536
    pixels = torch.rand(8, 8, 3)
    assert embedded(encoded(pixels, "jpeg", workflow(longest))) == {"nodegraph": "x" * longest}
    with pytest.raises(NodeError, match=r"hold 65\d\d\d; save the picture as png or webp"):
        check_picture((8, 8), "jpeg", workflow(longest + 1))
    check_picture((8, 8), "webp", workflow(200_000))
    assert embedded(encoded(pixels, "webp", workflow(200_000))) == {"nodegraph": "x" * 200_000}
