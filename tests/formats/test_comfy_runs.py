"""One workflow in every format makes the same picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nodegraph import Result, Session
from nodegraph.graph.plan import check
from tests.formats.conftest import DATA
from tests.formats.test_reading import png, tagged

FILES = ("txt2img.api.json", "txt2img.ui.json", "subgraphs.ui.json")


def pixels(result: Result) -> np.ndarray:
    """The picture that a run saved."""
    [output] = [one for one in result.outputs if one.path is not None]
    assert output.path is not None
    with Image.open(output.path) as picture:
        return np.asarray(picture)


@pytest.fixture(scope="module")
def native(session: Session, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The picture of our own file."""
    folder = tmp_path_factory.mktemp("native")
    return pixels(session.run(DATA / "txt2img.json", output_dir=folder).raise_for_errors())


@pytest.mark.parametrize("name", FILES)
def test_comfyuis_files_make_the_picture_of_ours(
    session: Session, native: np.ndarray, tmp_path: Path, name: str
) -> None:
    workflow, _ = session.load(DATA / name)
    assert check(workflow, session.registry, session.files()) == []

    result = session.run(DATA / name, output_dir=tmp_path, use_cache=False).raise_for_errors()

    assert native.std() > 0
    assert np.array_equal(pixels(result), native)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_so_do_pictures_that_comfyui_made(
    session: Session, native: np.ndarray, tmp_path: Path, suffix: str
) -> None:
    text = (DATA / "txt2img.api.json").read_text()
    file = tmp_path / f"picture{suffix}"
    file.write_bytes(png(prompt=text) if suffix == ".png" else tagged("WEBP", prompt=text))

    result = session.run(file, output_dir=tmp_path / "out").raise_for_errors()

    assert np.array_equal(pixels(result), native)
