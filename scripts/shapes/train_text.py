"""Train the text encoder alone, to know what a caption says of each attribute.

The UNet then starts from hidden states in which colours are already bound to the shape or to
the background. The heads that ask for the attributes are dropped afterwards.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from shapes.captions import captions, leave_out
from shapes.loop import Plan, Trainee, fit
from shapes.networks import FULL, Width, make_text_encoder
from shapes.scenes import COUNTS, IntArray, training_scenes
from shapes.tokenizer import encode


class Reader(nn.Module):
    """A text encoder with one linear head for each attribute; the last class is "unsaid"."""

    def __init__(self, encoder: CLIPTextModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.heads = nn.ModuleList(nn.Linear(width, count + 1) for count in COUNTS)

    def forward(self, ids: Tensor) -> list[Tensor]:
        """Logits (n, 77, classes) for each attribute, at every position."""
        hidden = self.encoder(ids).last_hidden_state
        return [head(hidden) for head in self.heads]


def said(scenes: IntArray) -> Tensor:
    """Class targets (n, 5) of scenes whose unsaid attributes are -1."""
    return torch.from_numpy(np.where(scenes < 0, np.array(COUNTS), scenes))


def captioned_scenes(n: int, rng: np.random.Generator) -> IntArray:
    """(n, 5) scenes from the training combinations, with some attributes left out."""
    scenes = training_scenes()
    return leave_out(scenes[rng.integers(0, len(scenes), n)], rng)


def train_text(plan: Plan, tokenizer: CLIPTokenizer, width: Width = FULL) -> Trainee:
    """Cross-entropy of every head at the end token and at all the padding after it."""
    torch.manual_seed(plan.seed)
    reader = Reader(make_text_encoder(len(tokenizer), width))

    def loss_at(step: int) -> Tensor:
        rng = plan.rng(step)
        scenes = captioned_scenes(plan.batch, rng)
        ids = encode(tokenizer, captions(scenes, rng)).to(plan.device)
        weight = (ids == tokenizer.eos_token_id).float()
        weight /= weight.sum(dim=1, keepdim=True)
        targets = said(scenes).to(plan.device)
        with torch.autocast(plan.device.split(":")[0], torch.bfloat16):
            logits = reader(ids)
        loss = torch.zeros((), device=plan.device)
        for head, target in zip(logits, targets.T, strict=True):
            spread = target[:, None].expand(ids.shape)
            each = F.cross_entropy(head.float().transpose(1, 2), spread, reduction="none")
            loss = loss + (each * weight).sum() / len(ids)
        return loss

    return fit(reader, loss_at, plan)


@torch.no_grad()
def read(reader: Reader, tokenizer: CLIPTokenizer, prompts: list[str]) -> IntArray:
    """What the reader understands, (n, 5), from the mean of the end and padding positions."""
    ids = encode(tokenizer, prompts)
    after = (ids == tokenizer.eos_token_id)[..., None]
    answers = [(head * after).sum(dim=1).argmax(dim=1) for head in reader(ids)]
    classes = torch.stack(answers, dim=1).numpy()
    return np.where(classes == np.array(COUNTS), -1, classes)
