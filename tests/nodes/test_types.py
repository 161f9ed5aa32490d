import pytest
import torch

from nodes.types import Image, Latent, Mask


def test_pictures() -> None:
    assert Image(torch.zeros(2, 4, 6, 3)).size == (4, 6)
    assert Image(torch.zeros(2, 4, 6, 4)).size == (4, 6)
    with pytest.raises(ValueError, match="needs 3 or 4 channels, got 1"):
        Image(torch.zeros(2, 4, 6, 1))
    with pytest.raises(ValueError, match=r"tensor \[B, H, W, C\], got \[4, 6, 3\]"):
        Image(torch.zeros(4, 6, 3))
    with pytest.raises(ValueError, match=r"must be float32, got torch\.float64"):
        Image(torch.zeros(2, 4, 6, 3, dtype=torch.float64))


def test_masks() -> None:
    with pytest.raises(ValueError, match=r"tensor \[B, H, W\], got list"):
        Mask([[1.0]])  # type: ignore[arg-type]


def test_latents() -> None:
    samples = torch.zeros(2, 4, 8, 8)
    with pytest.raises(ValueError, match="numbers 1 images, the batch has 2"):
        Latent(samples, batch_index=(0,))
    with pytest.raises(ValueError, match=r"noise_mask must be a tensor \[B, H, W\]"):
        Latent(samples, noise_mask=torch.zeros(8, 8))


def test_cells_of_an_empty_latent_are_made_for_a_model() -> None:
    samples = torch.ones(2, 4, 8, 8)
    assert Latent(samples).cells(16, 4) is samples
    empty = Latent(torch.zeros(2, 4, 8, 8), empty_size=(64, 32))
    assert empty.cells(16, 4).shape == (2, 16, 16, 8)
    with pytest.raises(ValueError, match="width 32 is no multiple of 24"):
        Latent(samples, empty_size=(48, 32)).cells(4, 24)
