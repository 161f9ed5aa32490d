"""Animations, videos and contact sheets."""

import sys
from pathlib import Path
from typing import Any

import av
import PIL.Image
import pytest
import torch

from nodegraph import Cancelled, CancelToken, Context, NodeError
from nodegraph.formats.picture import embedded_texts
from nodes.film_files import FilmFormat
from nodes.films import contact_sheet, save_animation, save_video
from nodes.pixels import read_pictures
from nodes.types import Image


def local(folder: Path, **more: Any) -> Context:
    return Context.local(output_dir=folder, input_dir=folder, **more)


def frames(count: int, height: int = 12, width: int = 10, channels: int = 3) -> Image:
    """Plain pictures that differ."""
    levels = torch.linspace(0.1, 0.9, count)[:, None, None, None]
    return Image(levels.expand(count, height, width, channels).clone())


def only_file(folder: Path) -> Path:
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    return path


@pytest.mark.parametrize("format", ["webp", "png", "gif"])
def test_an_animation_shows_its_frames_in_their_order(tmp_path: Path, format: FilmFormat) -> None:
    images = frames(5)
    save_animation(images, "a", fps=4.0, format=format, lossless=True, ctx=local(tmp_path))
    path = only_file(tmp_path)
    assert path.suffix == f".{format}"
    with PIL.Image.open(path) as film:
        assert film.n_frames == 5  # type: ignore[attr-defined]
        film.seek(1)
        film.load()
        assert film.info["duration"] == 250
        assert film.info["loop"] == 0
    found = read_pictures(path)[..., :3]
    torch.testing.assert_close(found, images.pixels, atol=1.5 / 255, rtol=0)


@pytest.mark.parametrize("format", ["webp", "png"])
def test_an_animation_keeps_transparency_and_the_workflow(
    tmp_path: Path, format: FilmFormat
) -> None:
    ctx = local(tmp_path)
    ctx.files.metadata = {"nodegraph": '{"nodes": {}}'}
    pixels = torch.rand(3, 8, 8, 4)
    save_animation(Image(pixels), format=format, lossless=True, ctx=ctx)
    path = only_file(tmp_path)
    assert embedded_texts(path)["nodegraph"] == '{"nodes": {}}'
    alpha = read_pictures(path)[..., 3]
    torch.testing.assert_close(alpha, pixels[..., 3], atol=1 / 255, rtol=0)


def test_a_gif_is_on_white_where_it_was_transparent(tmp_path: Path) -> None:
    save_animation(Image(torch.zeros(2, 4, 4, 4)), format="gif", ctx=local(tmp_path))
    assert float(read_pictures(only_file(tmp_path))[..., :3].min()) > 0.98


@pytest.mark.parametrize("size", [(12, 10), (13, 11)])
def test_a_video_shows_its_frames_in_their_order(tmp_path: Path, size: tuple[int, int]) -> None:
    images = frames(6, *size)
    save_video(images, "v", fps=12.5, crf=1, ctx=local(tmp_path))
    with av.open(only_file(tmp_path)) as video:
        stream = video.streams.video[0]
        assert float(stream.average_rate or 0) == 12.5
        assert (stream.height, stream.width) == (size[0] + size[0] % 2, size[1] + size[1] % 2)
        levels = [frame.to_ndarray(format="rgb24").mean() / 255 for frame in video.decode(stream)]
    assert levels == pytest.approx([float(one.mean()) for one in images.pixels], abs=0.02)


def test_a_video_carries_the_workflow(tmp_path: Path) -> None:
    ctx = local(tmp_path)
    ctx.files.metadata = {"nodegraph": '{"nodes": {}}'}
    save_video(frames(2), ctx=ctx)
    with av.open(only_file(tmp_path)) as video:
        assert video.metadata["comment"] == 'nodegraph:{"nodes": {}}'


def test_a_video_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        save_video(frames(3), ctx=local(tmp_path, cancel=token))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_pyav_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(NodeError, match=r"pip install 'nodegraph\[video\]'"):
        save_video(frames(2), ctx=local(tmp_path))


def test_a_contact_sheet_has_every_picture_in_its_place() -> None:
    images = frames(5, 3, 2)
    sheet = contact_sheet(images, columns=3, gap=1, ground=1.0).pixels
    assert sheet.shape == (1, 2 * 3 + 1, 3 * 2 + 2, 3)
    for index, picture in enumerate(images.pixels):
        top, left = index // 3 * 4, index % 3 * 3
        assert torch.equal(sheet[0, top : top + 3, left : left + 2], picture)
    assert sheet[0, 4:, 6:].unique().tolist() == [1.0]  # type: ignore[no-untyped-call]
    assert sheet[0, 3].unique().tolist() == [1.0]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("count", "columns", "size"),
    [(1, 0, (3, 2)), (4, 0, (6, 6)), (2, 9, (3, 4)), (6, 1, (18, 2))],
)
def test_the_sheets_size(count: int, columns: int, size: tuple[int, int]) -> None:
    assert contact_sheet(frames(count, 3, 2), columns, gap=0).pixels.shape[1:3] == size
