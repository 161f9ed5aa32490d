from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.errors import NotFiniteError, ShapeError
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.memory import DeviceMemory
from nodes.diffusion.network import Network
from nodes.diffusion.vae import Vae
from tests.nodes.tiny import tiny_vae


@pytest.fixture
def vae(tiny: Checkpoint) -> Vae:
    return tiny.vae


def pictures(batch: int, height: int, width: int, channels: int = 3) -> Tensor:
    return torch.rand(batch, height, width, channels, generator=torch.Generator().manual_seed(0))


def test_it_knows_its_cells(vae: Vae) -> None:
    assert (vae.latent_channels, vae.factor) == (4, 8)


def test_encoding_is_the_scaled_mean(vae: Vae) -> None:
    pixels = pictures(2, 32, 24)
    with torch.no_grad():
        mode = vae.model.encode(pixels.movedim(-1, 1) * 2 - 1).latent_dist.mode()
    torch.testing.assert_close(vae.encode(pixels), mode * 0.18215)


def test_decoding_undoes_the_scale_and_clips(vae: Vae) -> None:
    samples = torch.randn(2, 4, 4, 3, generator=torch.Generator().manual_seed(0)) * 3
    with torch.no_grad():
        decoded = vae.model.decode(samples / 0.18215).sample
    pixels = vae.decode(samples)
    assert pixels.shape == (2, 32, 24, 3)
    torch.testing.assert_close(pixels.movedim(-1, 1), (decoded / 2 + 0.5).clamp(0, 1))


def test_a_batch_is_what_its_pictures_are_alone(vae: Vae) -> None:
    pixels = pictures(3, 16, 16)
    samples = vae.encode(pixels)
    assert torch.equal(samples[1:2], vae.encode(pixels[1:2]))
    assert torch.equal(vae.decode(samples)[2:], vae.decode(samples[2:]))


def test_sides_that_do_not_fit_are_cropped_in_the_middle(vae: Vae) -> None:
    pixels = pictures(1, 21, 16)
    assert torch.equal(vae.encode(pixels), vae.encode(pixels[:, 2:18]))
    with pytest.raises(ShapeError, match="8 x 8 pixels or more, got 5 x 64"):
        vae.encode(pictures(1, 64, 5))


def test_alpha_is_ignored(vae: Vae) -> None:
    pixels = pictures(1, 16, 16, 4)
    assert torch.equal(vae.encode(pixels), vae.encode(pixels[..., :3]))


def test_a_shift_is_taken_off_and_put_back(vae: Vae) -> None:
    shifted: Any = tiny_vae()
    shifted.load_state_dict(vae.model.state_dict())  # type: ignore[attr-defined]
    shifted.register_to_config(shift_factor=0.25)
    other = replace(vae, network=Network(shifted.eval()))
    pixels = pictures(1, 16, 16)
    samples = other.encode(pixels)
    torch.testing.assert_close(samples, vae.encode(pixels) - 0.25 * 0.18215)
    torch.testing.assert_close(other.decode(samples), vae.decode(vae.encode(pixels)))


def test_latents_of_another_model(vae: Vae) -> None:
    with pytest.raises(ShapeError, match="has 16 channels and this VAE decodes 4"):
        vae.decode(torch.zeros(1, 16, 4, 4))
    with pytest.raises(ShapeError, match="has 16 channels"):
        vae.decode_tiled(torch.zeros(1, 16, 4, 4), 64, 16)


def test_overflow_is_named(vae: Vae) -> None:
    with pytest.raises(NotFiniteError, match=r"VAE gave NaN or infinity in torch\.float32"):
        vae.decode(torch.full((1, 4, 4, 4), float("nan")))


def test_one_tile_is_the_whole(vae: Vae) -> None:
    pixels = pictures(2, 32, 32)
    samples = vae.encode(pixels)
    torch.testing.assert_close(vae.encode_tiled(pixels, 64, 16), samples)
    torch.testing.assert_close(vae.decode_tiled(samples, 64, 16), vae.decode(samples))


@pytest.mark.parametrize(("tile", "overlap"), [(32, 8), (32, 0), (40, 512), (8, 8)])
def test_tiles_of_any_size_cover_the_picture(vae: Vae, tile: int, overlap: int) -> None:
    pixels = torch.full((1, 48, 80, 3), 0.25)
    samples = vae.encode_tiled(pixels, tile, overlap)
    assert samples.shape == (1, 4, 6, 10)
    decoded = vae.decode_tiled(samples, tile, overlap)
    assert decoded.shape == (1, 48, 80, 3)
    assert decoded.isfinite().all()


def test_every_call_can_be_stopped(vae: Vae) -> None:
    calls = []
    vae.encode(pictures(3, 16, 16), lambda: calls.append(1))
    vae.decode(torch.zeros(2, 4, 2, 2), lambda: calls.append(1))
    assert len(calls) == 5
    vae.decode_tiled(torch.zeros(1, 4, 32, 32), 128, 32, lambda: calls.append(1))
    assert len(calls) > 5 + 9


class Tight:
    """A device with little free; with `fails` calls of the network find no memory at first."""

    def __init__(self, vae: Vae, free: int, fails: int = 0) -> None:
        self.memory = DeviceMemory(torch.device("cpu"))
        self.memory.free = lambda: free  # type: ignore[method-assign]
        network = Network(vae.model, memory=self.memory)
        self.vae, self.fails = replace(vae, network=network), fails
        vae.model.decoder.register_forward_pre_hook(self.called)  # type: ignore[attr-defined]
        self.sizes: list[int] = []

    def called(self, _module: Any, given: tuple[Tensor]) -> None:
        self.sizes.append(8 * max(given[0].shape[-2:]))
        self.fails -= 1
        if self.fails >= 0:
            raise torch.OutOfMemoryError("out of memory")


@pytest.fixture
def fresh() -> Vae:
    return Vae(Network(tiny_vae().eval()), torch.device("cpu"), torch.float32)


def test_a_picture_larger_than_memory_is_decoded_in_tiles(fresh: Vae) -> None:
    samples = torch.randn(1, 4, 64, 40, generator=torch.Generator().manual_seed(0))
    whole = fresh.decode(samples)
    tight = Tight(fresh, 200 * 200 * fresh._bytes_per_pixel)
    assert tight.vae.decode(samples).shape == whole.shape
    assert max(tight.sizes) == 256  # tiles of 128, and such twice as tall
    tight = Tight(fresh, 10**9)
    assert torch.equal(tight.vae.decode(samples), whole)


def test_no_memory_found_is_tried_again_in_ever_smaller_tiles(fresh: Vae) -> None:
    samples = torch.zeros(1, 4, 64, 64)
    tight = Tight(fresh, 10**12, fails=2)
    assert tight.vae.decode(samples).shape == (1, 512, 512, 3)
    assert tight.sizes[:2] == [512, 256]
    assert tight.sizes[2] == 128
    with pytest.raises(torch.OutOfMemoryError):
        Tight(fresh, 10**12, fails=100).vae.decode(samples)
