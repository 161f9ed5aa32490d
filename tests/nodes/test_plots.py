import pytest
import torch

from nodegraph import NodeError
from nodes import plots as pack
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.sigmas import manual_sigmas
from nodes.types import Image, Latent


def line_at(image: Image, column: int) -> float:
    """The height (0 is the top) of the blue of the line in a column, in pixels."""
    red, blue = image.pixels[0, :, column, 0], image.pixels[0, :, column, 2]
    rows = torch.nonzero((blue > 0.8) & (red < 0.4))
    return float(rows.float().mean())


def test_a_straight_ladder_is_a_straight_line() -> None:
    picture = pack.plot_sigmas(manual_sigmas("4 3 2 1 0"), "linear", 400, 300)
    assert picture.pixels.shape == (1, 300, 400, 3)
    heights = [line_at(picture, column) for column in (120, 220, 320)]
    assert heights[0] < heights[1] < heights[2]
    assert heights[2] - heights[1] == pytest.approx(heights[1] - heights[0], abs=1.5)


def test_a_geometric_ladder_is_straight_in_logarithms() -> None:
    picture = pack.plot_sigmas(manual_sigmas("16 8 4 2 1"), width=400, height=300)
    heights = [line_at(picture, column) for column in (120, 220, 320)]
    assert heights[2] - heights[1] == pytest.approx(heights[1] - heights[0], abs=1.5)


@pytest.mark.parametrize("text", ["3", "0", "0 0", "2 2 2", "3 0"])
@pytest.mark.parametrize("scale", ["logarithmic", "linear"])
def test_odd_ladders_are_drawn(text: str, scale: pack.Scale) -> None:
    assert pack.plot_sigmas(manual_sigmas(text), scale).pixels.isfinite().all()


def test_no_ladder_is_not_drawn(tiny: Checkpoint) -> None:
    with pytest.raises(NodeError, match="no level to draw"):
        pack.plot_sigmas(manual_sigmas(""))
    with pytest.raises(NodeError, match="no level to show"):
        pack.forward_process(tiny.denoiser, Latent(torch.zeros(1, 4, 4, 4)), manual_sigmas(""))


def test_signal_falls_and_noise_rises_with_time(tiny: Checkpoint) -> None:
    signal = pack.plot_noise_schedule(tiny.denoiser, "alpha bar", "linear")
    noise = pack.plot_noise_schedule(tiny.denoiser, "sigma")
    assert line_at(signal, 150) < line_at(signal, 450)
    assert line_at(noise, 150) > line_at(noise, 450)


def test_channels_side_by_side() -> None:
    latent = torch.zeros(2, 3, 2, 2)
    latent[0, 1], latent[1, 2] = 3.0, -9.0
    picture = pack.latent_channels(Latent(latent), 3.0, 4).pixels
    assert picture.shape == (2, 8, 24, 3)
    assert picture[:, 0, ::8, 0].tolist() == [[0.5, 1.0, 0.5], [0.5, 0.5, 0.0]]


def test_the_way_to_noise_keeps_its_variance(tiny: Checkpoint) -> None:
    clean = initial_noise((2, 4, 32, 32), 1)
    sigmas = manual_sigmas("0 1 1000")
    shown = pack.forward_process(tiny.denoiser, Latent(clean), sigmas, 5).samples
    noise = initial_noise((2, 4, 32, 32), 5)
    assert shown.shape[0] == 6
    torch.testing.assert_close(shown[0::3], clean)
    torch.testing.assert_close(shown[1::3], (clean + noise) / 2**0.5)
    torch.testing.assert_close(shown[2::3], noise, atol=0.01, rtol=0)
