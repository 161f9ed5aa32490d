import json
from pathlib import Path

import PIL.Image
import pytest
import torch

from nodegraph import Cancelled, CancelToken, Context, NodeError, OutputError, node_type_of
from nodegraph.formats.picture import embedded_texts
from nodes.images import load_image, preview_image, save_image
from nodes.picture_files import Format
from nodes.pixels import read_pictures, to_pil
from nodes.types import Image


def local(folder: Path) -> Context:
    return Context.local(output_dir=folder, input_dir=folder)


def written(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_saved_and_loaded_again(tmp_path: Path) -> None:
    ctx = local(tmp_path)
    image = Image(torch.rand(2, 6, 5, 3))
    save_image(image, ctx=ctx)
    for path, pixels in zip(written(tmp_path), image.pixels, strict=True):
        back, mask = load_image(path.name, ctx=ctx)
        torch.testing.assert_close(back.pixels[0], pixels, atol=0.5 / 255 + 1e-6, rtol=0)
        assert torch.equal(mask.values, torch.zeros(1, 6, 5))


def test_transparency_becomes_the_mask(tmp_path: Path) -> None:
    pixels = torch.rand(1, 4, 3, 4)
    save_image(Image(pixels), ctx=local(tmp_path))
    back, mask = load_image(written(tmp_path)[0].name, ctx=local(tmp_path))
    assert back.pixels.shape == (1, 4, 3, 3)
    torch.testing.assert_close(mask.values, 1 - pixels[..., 3], atol=0.5 / 255 + 1e-6, rtol=0)


def test_frames(tmp_path: Path) -> None:
    frames = [to_pil(torch.full((4, 4, 3), level)) for level in (0.0, 1.0)]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    assert load_image("two.gif", ctx=local(tmp_path)).image.pixels.shape[0] == 2
    assert load_image("two.gif", "first", ctx=local(tmp_path)).mask.values.shape[0] == 1


def test_a_broken_picture_and_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    with pytest.raises(NodeError, match=r"cannot read 'broken\.jpg' as a picture"):
        load_image("broken.jpg", ctx=local(tmp_path))
    with pytest.raises(NodeError, match=r"no input file 'absent\.png'"):
        load_image("absent.png", ctx=local(tmp_path))


def test_the_fingerprint_is_the_content(tmp_path: Path) -> None:
    fingerprint = node_type_of(load_image).fingerprint
    assert fingerprint is not None
    for name, level in (("a", 0.0), ("b", 1.0), ("c", 0.0)):
        to_pil(torch.full((2, 2, 3), level)).save(tmp_path / f"{name}.png")
    files = local(tmp_path).files
    a, b, c = (fingerprint(image=f"{name}.png", files=files) for name in "abc")
    assert a == c != b


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    for level in (0.0, 0.2, 0.4):
        save_image(Image(torch.full((2, 2, 2, 3), level)), "same", ctx=local(tmp_path))
    levels = [read_pictures(path)[0, 0, 0, 0].item() for path in written(tmp_path)]
    assert levels == pytest.approx([0, 0, 0.2, 0.2, 0.4, 0.4])


def test_names_may_hold_folders_sizes_and_the_number_in_the_batch(tmp_path: Path) -> None:
    image = Image(torch.zeros(2, 2, 3, 3))
    save_image(image, "sub/{width}x{height}-{batch}", "webp", ctx=local(tmp_path))
    names = [path.relative_to(tmp_path).as_posix() for path in written(tmp_path)]
    assert len(names) == 2
    assert names[0].startswith("sub/3x2-0")
    assert names[1].startswith("sub/3x2-1")
    assert all(name.endswith(".webp") for name in names)


@pytest.mark.parametrize(
    ("format", "kind", "suffix"),
    [("png", "PNG", ".png"), ("webp", "WEBP", ".webp"), ("jpeg", "JPEG", ".jpg")],
)
def test_formats_hold_the_workflow(tmp_path: Path, format: Format, kind: str, suffix: str) -> None:
    ctx = local(tmp_path)
    ctx.files.metadata = {"nodegraph": json.dumps({"nodegraph": 1, "name": "Bär"})}
    save_image(Image(torch.rand(1, 8, 8, 3)), format=format, ctx=ctx)
    (path,) = written(tmp_path)
    assert path.suffix == suffix
    with PIL.Image.open(path) as picture:
        assert picture.format == kind
    texts = embedded_texts(path)
    assert json.loads(texts["nodegraph"]) == {"nodegraph": 1, "name": "Bär"}


def test_a_preview_is_temporary_and_has_no_workflow(tmp_path: Path) -> None:
    ctx = local(tmp_path)
    ctx.files.metadata = {"nodegraph": "{}"}
    preview_image(Image(torch.rand(2, 8, 8, 4)), ctx=ctx)
    paths = written(tmp_path)
    assert [path.parent.name for path in paths] == ["temp", "temp"]
    assert "nodegraph" not in embedded_texts(paths[0])


def test_progress_counts_the_pictures(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ctx = Context.local(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    save_image(Image(torch.zeros(3, 2, 2, 3)), ctx=ctx)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_cancelling_stops_between_pictures(tmp_path: Path) -> None:
    token = CancelToken()
    ctx = Context.local(tmp_path, cancel=token, on_progress=lambda done, total: token.cancel())
    with pytest.raises(Cancelled):
        save_image(Image(torch.zeros(3, 2, 2, 3)), ctx=ctx)
    assert len(written(tmp_path)) == 1


def test_what_cannot_be_saved_leaves_nothing(tmp_path: Path) -> None:
    ctx = local(tmp_path)
    with pytest.raises(NodeError, match="not finite"):
        save_image(Image(torch.full((1, 2, 2, 3), torch.nan)), ctx=ctx)
    with pytest.raises(NodeError, match="too large for webp"):
        save_image(Image(torch.zeros(1, 1, 16384, 3)), format="webp", ctx=ctx)
    ctx.files.metadata = {"nodegraph": json.dumps("x" * 70_000)}
    with pytest.raises(NodeError, match="save the picture as png"):
        save_image(Image(torch.zeros(1, 2, 2, 3)), format="jpeg", ctx=ctx)
    assert not written(tmp_path)


def test_an_output_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file in the way")
    with pytest.raises(OutputError, match="out"):
        save_image(Image(torch.zeros(1, 2, 2, 3)), ctx=Context.local(tmp_path / "out"))


def test_the_nodes_are_declared_as_the_field_knows_them() -> None:
    load, save, preview = map(node_type_of, (load_image, save_image, preview_image))
    assert [output.name for output in load.outputs] == ["image", "mask"]
    assert [spec.name for spec in load.inputs][:1] == ["image"]
    assert [spec.name for spec in save.inputs][:2] == ["images", "filename_prefix"]
    assert [spec.name for spec in preview.inputs] == ["images"]
    assert save.effect
    assert save.io
    assert preview.effect
    assert load.io
