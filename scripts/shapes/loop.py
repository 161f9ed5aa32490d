"""The training loop that every stage shares: resumable, with progress, on any device.

The batch of step k depends on the seed and on k alone, so a run that was interrupted and
resumed does exactly what an uninterrupted one does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train, and where to keep the state.

    Attributes:
        steps: Optimiser steps in total, those done before a resume included.
        batch: Pictures or captions for each step.
        rate: Peak learning rate, reached after `warmup` steps; a cosine then takes it to 1 %.
        save_every: Seconds between checkpoints.
        stop_after: Leave after this many steps of the total, as an interruption would.
        ema: Highest decay of the averaged weights.
    """

    steps: int
    batch: int
    rate: float
    folder: Path
    name: str
    seed: int = 0
    warmup: int = 100
    save_every: float = 120.0
    report_every: int = 50
    stop_after: int | None = None
    ema: float = 0.999
    device: str = "cpu"

    @property
    def checkpoint(self) -> Path:
        """The file of the resumable state."""
        return self.folder / f"{self.name}.pt"

    def rng(self, step: int) -> np.random.Generator:
        """The source of every random choice of one step."""
        return np.random.default_rng((self.seed, step))


def best_device() -> str:
    """`cuda` where there is one, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def noise_like(rng: np.random.Generator, shape: tuple[int, ...], device: str) -> Tensor:
    """Standard normal noise, the same on every device."""
    return torch.from_numpy(rng.standard_normal(shape, np.float32)).to(device)


def _rate_at(plan: Plan, step: int) -> float:
    if step < plan.warmup:
        return plan.rate * (step + 1) / plan.warmup
    along = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return plan.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, along))))


class Trainee:
    """A network, its averaged weights and its optimiser, saved and restored together."""

    def __init__(self, model: nn.Module, plan: Plan) -> None:
        self.model = model.to(plan.device)
        self.plan = plan
        self.step = 0
        self.optimiser = torch.optim.AdamW(
            model.parameters(), lr=plan.rate, betas=(0.9, 0.99), weight_decay=1e-3, fused=True
        )
        self.average = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def save(self) -> None:
        """Write the checkpoint, never leaving a half-written one."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
        }
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        partial = self.plan.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.plan.checkpoint)

    def restore(self) -> None:
        """Continue from the checkpoint if there is one."""
        if not self.plan.checkpoint.exists():
            return
        state = load_state(self.plan.checkpoint, self.plan.device)
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])

    def update(self, loss: Tensor) -> None:
        """One optimiser step, then one step of the average."""
        self.optimiser.param_groups[0]["lr"] = _rate_at(self.plan, self.step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        decay = min(self.plan.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for key, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.average[key].lerp_(value, 1 - decay)
                else:
                    self.average[key].copy_(value)


def load_state(path: Path, device: str = "cpu") -> dict[str, Any]:
    """A checkpoint's contents."""
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return state


def fit(model: nn.Module, loss_at: Callable[[int], Tensor], plan: Plan) -> Trainee:
    """Train until `plan.steps`, from the checkpoint if there is one.

    Args:
        model: What to train, in place.
        loss_at: The loss of the batch of one step, computed with `model`.

    Returns:
        The trainee; `average` holds the weights to keep.
    """
    trainee = Trainee(model, plan)
    trainee.restore()
    model.train()
    last = min(plan.steps, plan.stop_after or plan.steps)
    saved = begun = time.monotonic()
    first, recent = trainee.step, []
    while trainee.step < last:
        loss = loss_at(trainee.step)
        trainee.update(loss)
        recent.append(loss.item())
        now = time.monotonic()
        if trainee.step % plan.report_every == 0 or trainee.step == last:
            pace = (now - begun) / (trainee.step - first)
            left = (plan.steps - trainee.step) * pace / 60
            mean = sum(recent) / len(recent)
            print(
                f"{plan.name} {trainee.step}/{plan.steps} loss {mean:.5f} "
                f"{pace:.3f} s/step, {left:.1f} min left",
                flush=True,
            )
            recent.clear()
        if now - saved > plan.save_every:
            trainee.save()
            saved = now
    trainee.save()
    return trainee
