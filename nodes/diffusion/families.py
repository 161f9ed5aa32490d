"""The families of models that are known, and which of them a UNet belongs to.

A family is told by its tensors' names and shapes alone, and only by an exact fit: what differs is
not recognised, and the answer says in what it differs from the family nearest to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nodes.diffusion.betas import beta_schedule
from nodes.diffusion.errors import LoadError
from nodes.diffusion.ldm_unet import LdmUnet
from nodes.diffusion.noise_schedule import NoiseSchedule

__all__ = ["FAMILIES", "Family", "TextPlace", "UnknownFamily", "recognise", "variant"]

VARIANTS = {0: "", 1: "depth", 3: "x4 upscaler", 4: "edit", 5: "inpaint"}
"""What a UNet is that reads so many channels beside the four of the latent."""


class UnknownFamily(LoadError):
    """A UNet of a family that we do not know."""


@dataclass(frozen=True)
class TextPlace:
    """Where a text model lies in a single file: the prefixes it may have, and what it is.

    `projected`: whether its pooled embedding is projected; `padding`: the token that fills
    chunks, None for the one that ends them.
    """

    prefixes: tuple[str, ...]
    width: int
    projected: bool = False
    padding: int | None = None


@dataclass(frozen=True)
class Family:
    """What shapes tell of a family, and what they do not.

    Attributes:
        channels, depths, middle, context, linear, vector, classes: of the UNet, as in `LdmUnet`.
        beside: how many channels its variants read beside the latent's.
        heads: of each attention; None for as many of 64 each.
        scale: what latents are multiplied with.
        vae_levels: resolutions of its VAE.
        betas: the first and the last variance of its scaled-linear schedule of 1000 steps.
        prediction: what the network predicts; None: v or epsilon, as its weights tell.
    """

    name: str
    channels: tuple[int, ...]
    depths: tuple[int, ...]
    middle: int
    context: int
    linear: bool
    text: tuple[TextPlace, ...]
    beside: tuple[int, ...] = (0,)
    vector: int = 0
    classes: int = 0
    heads: int | None = None
    scale: float = 0.18215
    vae_levels: int = 4
    betas: tuple[float, float] = (0.00085, 0.012)
    prediction: Literal["epsilon", "v_prediction"] | None = "epsilon"

    def schedule(self) -> NoiseSchedule:
        """The levels it was trained at."""
        return NoiseSchedule.from_betas(beta_schedule("scaled_linear", 1000, *self.betas))

    def contradictions(self, unet: LdmUnet) -> list[str]:
        """What of a UNet does not fit this family, as texts."""
        beside = unet.inputs - unet.outputs
        facts = (
            ("latent channels", 4, unet.outputs),
            ("channels of the levels", self.channels, unet.channels),
            ("transformer blocks of the levels", self.depths, unet.depths),
            ("transformer blocks in the middle", self.middle, unet.middle),
            ("residual blocks per level", 2, unet.layers),
            ("width of the embeddings", self.context, unet.context),
            ("linear projections", self.linear, unet.linear),
            ("width of the vector beside the time", self.vector, unet.vector),
            ("noise levels of a picture beside", self.classes, unet.classes),
        )
        found = [f"{what}: {_text(got)} and not {_text(want)}"
                 for what, want, got in facts if got != want]  # fmt: skip
        if beside not in self.beside:
            known = " or ".join(str(4 + count) for count in self.beside)
            found.append(f"input channels: {unet.inputs} and not {known}")
        return found


CLIP_L = TextPlace(("cond_stage_model.transformer.",), 768)
OPEN_H = TextPlace(("cond_stage_model.model.",), 1024, padding=0)
FINE = (320, 640, 1280, 1280)
ATTENDED = (1, 1, 1, 0)

FAMILIES = (
    Family("SD1", FINE, ATTENDED, 1, 768, False, (CLIP_L,), beside=(0, 4, 5), heads=8),
    Family(
        "SD2", FINE, ATTENDED, 1, 1024, True, (OPEN_H,), beside=(0, 1, 5), prediction=None
    ),
    Family(
        "SDXL",
        (320, 640, 1280),
        (0, 2, 10),
        10,
        2048,
        True,
        (
            TextPlace(("conditioner.embedders.0.transformer.",), 768),
            TextPlace(("conditioner.embedders.1.model.",), 1280, projected=True, padding=0),
        ),
        beside=(0, 4, 5),
        vector=2816,
        scale=0.13025,
    ),
    Family(
        "SDXL refiner",
        (384, 768, 1536, 1536),
        (0, 4, 4, 0),
        4,
        1280,
        True,
        (TextPlace(("conditioner.embedders.0.model.",), 1280, projected=True, padding=0),),
        vector=2560,
        scale=0.13025,
    ),
    Family(
        "SD2",
        (256, 512, 512, 1024),
        (0, 1, 1, 1),
        1,
        1024,
        True,
        (OPEN_H,),
        beside=(3,),
        classes=1000,
        heads=8,
        scale=0.08333,
        vae_levels=3,
        betas=(0.0001, 0.02),
        prediction="v_prediction",
    ),
)  # fmt: skip


def recognise(unet: LdmUnet, families: Sequence[Family] = FAMILIES) -> Family:
    """The family of a UNet. Raises UnknownFamily, with the nearest one and what contradicts it."""
    found = [(family.contradictions(unet), family) for family in families]
    contradictions, nearest = min(found, key=lambda pair: len(pair[0]))
    if contradictions:
        raise UnknownFamily(
            f"the UNet in it is of no family that is known here ({', '.join(_names(families))}); "
            f"nearest is {_title(nearest)}, which it is not for its {'; '.join(contradictions)}"
        )
    return nearest


def variant(family: Family, unet: LdmUnet) -> str:
    """The family with what sets this UNet apart: "SD1", "SD1 inpaint", "SD2 depth", ..."""
    return f"{family.name} {VARIANTS[unet.inputs - unet.outputs]}".rstrip()


def _title(family: Family) -> str:
    return f"{family.name} {VARIANTS[family.beside[0]]}".rstrip()


def _names(families: Sequence[Family]) -> list[str]:
    return [_title(family) for family in families]


def _text(fact: object) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return ", ".join(map(str, fact)) if isinstance(fact, tuple) else str(fact)
