import json
from pathlib import Path
from typing import Any

import pytest
import torch

from nodes.diffusion.errors import LoadError
from nodes.diffusion.preview import SD1_FIT, PreviewFit, read_preview_fit

FIT = PreviewFit(factors=((0.5, 0.0, 0.0), (0.0, 0.25, 0.0)), bias=(0.1, 0.5, 0.2))


def test_a_linear_map_clipped_to_pictures() -> None:
    latent = torch.tensor([[1.0, 10.0], [-1.0, -10.0]]).reshape(1, 2, 1, 2)
    expected = torch.tensor([[[[0.6, 0.25, 0.2], [1.0, 0.0, 0.2]]]])
    torch.testing.assert_close(FIT.rgb(latent), expected)


def test_the_picture_of_the_first_latent_enlarged() -> None:
    image = FIT.image(torch.zeros(3, 2, 4, 6), factor=8)
    assert (image.mode, image.size) == ("RGB", (48, 32))
    assert image.getpixel((20, 20)) == (26, 128, 51)


@pytest.mark.parametrize(("cells", "side"), [(128, 512), (1024, 1024)])
def test_large_previews_are_not_enlarged_beyond_their_limit(cells: int, side: int) -> None:
    assert FIT.image(torch.zeros(1, 2, cells // 2, cells), factor=8).size == (side, side // 2)


def test_stable_diffusions_own_fit_has_its_channels() -> None:
    grey = SD1_FIT.rgb(torch.zeros(1, 4, 1, 1))
    assert grey.flatten().tolist() == [0.5, 0.5, 0.5]


def test_reading_a_fit(tmp_path: Path) -> None:
    file = tmp_path / "latent_preview.json"
    file.write_text(json.dumps({"factors": FIT.factors, "bias": FIT.bias}))
    assert read_preview_fit(file, 2) == FIT
    with pytest.raises(
        LoadError, match=r"latent_preview\.json has 2 factors for 4 latent channels"
    ):
        read_preview_fit(file, 4)


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        [],
        {"factors": [[1, 2, 3]]},
        {"factors": [[1, 2]], "bias": [0, 0, 0]},
        {"factors": [[1, 2, "x"]], "bias": [0, 0, 0]},
        {"factors": [[1, 2, 3]], "bias": 0},
    ],
)
def test_files_that_hold_none(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "latent_preview.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(LoadError, match=r"latent_preview\.json must hold"):
        read_preview_fit(file, 1)
