"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell
from nodegraph.engine.devices import ATTENTION, VRAM_BUDGET

__all__ = [
    "Action",
    "Attention",
    "CacheDisk",
    "CacheMemory",
    "Data",
    "Device",
    "Dtype",
    "Json",
    "Models",
    "VramBudget",
    "places_of",
]

Action = Callable[[Shell], int]
"""What a command does; it returns the exit code."""

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where models, results and logs are kept."),
]
Models = Annotated[
    list[Path] | None,
    typer.Option("--models", metavar="DIR", help="One more folder of models; may be repeated."),
]
Device = Annotated[str, typer.Option(metavar="DEVICE", help="auto, cpu, cuda, cuda:N or mps.")]
Dtype = Annotated[
    str,
    typer.Option(
        metavar="DTYPE",
        help="auto, float32, float16 or bfloat16; float8_e4m3fn or float8_e5m2 keep the weights "
        "of what denoises at half the size of float16.",
    ),
]
Attention = Annotated[
    str,
    typer.Option(
        metavar="WAY",
        envvar=ATTENTION,
        help="auto, sdpa or sliced, which takes one head at a time: slower, in less memory where "
        "the device has no fused attention.",
    ),
]
VramBudget = Annotated[
    str | None,
    typer.Option(
        metavar="BYTES",
        envvar=VRAM_BUDGET,
        help="What models may take on the device; by default what is free there. What does not "
        "fit comes when it is used.",
    ),
]
CacheMemory = Annotated[
    str | None,
    typer.Option(
        metavar="BYTES",
        help="What values kept in memory may take, models included; by default a quarter of it.",
    ),
]
CacheDisk = Annotated[
    str | None,
    typer.Option(metavar="BYTES", help="What values kept on disk may take; by default 8GiB."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, whatever comes.")]


def places_of(shell: Shell, data: Path | None, models: list[Path] | None) -> Places:
    """The folders of a command; the data directory becomes the shell's."""
    if data is not None:
        shell.data = data.expanduser().resolve()
    return Places(tuple(models or ()))
