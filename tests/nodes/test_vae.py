import pytest
import torch

from nodegraph import Cancelled, CancelToken, Context, NodeError, node_type_of
from nodes.diffusion.loading import Checkpoint
from nodes.types import Image, Latent, Mask
from nodes.vae import (
    NODES,
    vae_decode,
    vae_decode_tiled,
    vae_encode,
    vae_encode_for_inpaint,
    vae_encode_tiled,
)


def pictures(batch: int, height: int, width: int) -> Image:
    generator = torch.Generator().manual_seed(0)
    return Image(torch.rand(batch, height, width, 3, generator=generator))


def test_there_and_back(tiny: Checkpoint, context: Context) -> None:
    latent = vae_encode(pictures(2, 32, 24), tiny.vae, ctx=context)
    assert latent.samples.shape == (2, 4, 4, 3)
    image = vae_decode(latent, tiny.vae, ctx=context)
    assert image.pixels.shape == (2, 32, 24, 3)
    assert 0 <= float(image.pixels.min()) <= float(image.pixels.max()) <= 1


def test_tiles(tiny: Checkpoint, context: Context) -> None:
    pixels = pictures(1, 32, 32)
    whole = vae_encode(pixels, tiny.vae, ctx=context)
    latent = vae_encode_tiled(pixels, tiny.vae, 64, 16, ctx=context)
    torch.testing.assert_close(latent.samples, whole.samples)
    image = vae_decode_tiled(latent, tiny.vae, 64, 16, ctx=context)
    torch.testing.assert_close(image.pixels, vae_decode(whole, tiny.vae, ctx=context).pixels)


def test_an_empty_latent_has_a_picture_of_its_size(tiny: Checkpoint, context: Context) -> None:
    empty = Latent(torch.zeros(2, 4, 1, 1), empty_size=(16, 32))
    assert vae_decode(empty, tiny.vae, ctx=context).pixels.shape == (2, 16, 32, 3)
    with pytest.raises(ValueError, match="height 17 is no multiple of 8"):
        vae_decode(Latent(torch.zeros(2, 4, 1, 1), empty_size=(17, 32)), tiny.vae, ctx=context)


def test_a_hole_is_grey_and_its_mask_grows(tiny: Checkpoint, context: Context) -> None:
    pixels = pictures(2, 32, 32)
    mask = torch.zeros(1, 32, 32)
    mask[:, 12:20, 12:20] = 0.8
    latent = vae_encode_for_inpaint(pixels, tiny.vae, Mask(mask), 5, ctx=context)
    grey = pixels.pixels.clone()
    grey[:, 12:20, 12:20] = 0.5
    torch.testing.assert_close(latent.samples, tiny.vae.encode(grey))
    assert latent.noise_mask is not None
    expected = torch.zeros(1, 32, 32)
    expected[:, 10:22, 10:22] = 1.0
    assert torch.equal(latent.noise_mask, expected)


@pytest.mark.parametrize(("grow", "side"), [(0, 8), (1, 8), (2, 9), (6, 13), (7, 14)])
def test_the_mask_grows_by_so_many_pixels(
    tiny: Checkpoint, context: Context, grow: int, side: int
) -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 12:20, 12:20] = 1.0
    latent = vae_encode_for_inpaint(pictures(1, 32, 32), tiny.vae, Mask(mask), grow, ctx=context)
    assert latent.noise_mask is not None
    assert float(latent.noise_mask.sum()) == side**2


def test_a_hole_in_a_picture_that_is_cropped(tiny: Checkpoint, context: Context) -> None:
    mask = Mask(torch.ones(1, 8, 8))
    latent = vae_encode_for_inpaint(pictures(1, 21, 35), tiny.vae, mask, ctx=context)
    assert latent.samples.shape == (1, 4, 2, 4)
    assert latent.noise_mask is not None
    assert latent.noise_mask.shape == (1, 16, 32)


def test_masks_for_another_number_of_pictures(tiny: Checkpoint, context: Context) -> None:
    mask = Mask(torch.ones(2, 8, 8))
    with pytest.raises(NodeError, match=r"'mask' is \[2, 8, 8\] and 'pixels' is \[3, 16, 16, 3\]"):
        vae_encode_for_inpaint(pictures(3, 16, 16), tiny.vae, mask, ctx=context)


def test_cancelling(tiny: Checkpoint, context: Context) -> None:
    token = CancelToken()
    token.cancel()
    stopped = Context("node", context.files, cancel=token)
    with pytest.raises(Cancelled):
        vae_encode(pictures(1, 16, 16), tiny.vae, ctx=stopped)
    with pytest.raises(Cancelled):
        vae_decode_tiled(Latent(torch.zeros(1, 4, 2, 2)), tiny.vae, 64, 0, ctx=stopped)


def test_names_and_the_order_of_inputs() -> None:
    inputs = {node.name: [spec.name for spec in node.inputs] for node in map(node_type_of, NODES)}
    assert inputs == {
        "VAEEncode": ["pixels", "vae"],
        "VAEEncodeTiled": ["pixels", "vae", "tile_size", "overlap"],
        "VAEEncodeForInpaint": ["pixels", "vae", "mask", "grow_mask_by"],
        "VAEDecode": ["samples", "vae"],
        "VAEDecodeTiled": ["samples", "vae", "tile_size", "overlap"],
    }
