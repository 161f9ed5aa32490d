"""The node that leads from a picture to its noise, and the way back."""

import pytest
import torch
from torch import Tensor

from nodegraph import Context, NodeError
from nodes.diffusion.loading import Checkpoint
from nodes.inversion import ddim_inversion
from nodes.model_sampling import model_sampling_sd3
from nodes.sampling import ksampler_advanced
from nodes.text import clip_encode
from nodes.types import Denoiser, Latent


def there_and_back(model: Denoiser, checkpoint: Checkpoint, latent: Latent, ctx: Context) -> Tensor:
    prompt = clip_encode("a cat", checkpoint.text_encoder, ctx=ctx)
    noise = ddim_inversion(
        model,
        steps=12,
        cfg=1.0,
        scheduler="simple",
        iterations=40,
        positive=prompt,
        negative=prompt,
        latent_image=latent,
        ctx=ctx,
    )
    assert not torch.allclose(noise.samples, latent.samples, atol=0.1)
    return ksampler_advanced(
        model,
        add_noise="disable",
        steps=12,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
        positive=prompt,
        negative=prompt,
        latent_image=noise,
        ctx=ctx,
    ).samples


@pytest.mark.parametrize("kind", ["velocity", "flow"])
def test_the_same_prompt_leads_back(
    kind: str, tiny: Checkpoint, tiny_v: Checkpoint, context: Context
) -> None:
    """With ε, a network of random weights is too steep for a fixed point; trained ones are not."""
    checkpoint = tiny_v if kind == "velocity" else tiny
    model = checkpoint.denoiser
    if kind == "flow":
        model = model_sampling_sd3(model, 3.0)
    samples = torch.randn(1, 4, 8, 6, generator=torch.Generator().manual_seed(2)) * 0.8
    back = there_and_back(model, checkpoint, Latent(samples), context)
    torch.testing.assert_close(back, samples, rtol=0, atol=2e-3)


def test_an_empty_latent_is_refused(tiny: Checkpoint, context: Context) -> None:
    empty = Latent(torch.zeros(1, 4, 8, 8), empty_size=(64, 64))
    with pytest.raises(NodeError, match="'latent_image' is empty"):
        there_and_back(tiny.denoiser, tiny, empty, context)
