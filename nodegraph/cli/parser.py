"""The words of the command line. Parsing gives an action; `app.main` carries it out.

The modules that do the work are imported only when their command is given, so that help and
mistakes in spelling are answered at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import nodegraph
from nodegraph.cli.options import (
    Action,
    Attention,
    CacheDisk,
    CacheMemory,
    Data,
    Device,
    Dtype,
    Json,
    Models,
    VramBudget,
    places_of,
)
from nodegraph.cli.parser_serve import serve
from nodegraph.cli.parser_token import token
from nodegraph.cli.shell import Shell
from nodegraph.cli.sizes import read_size
from nodegraph.engine.devices import limit_device_memory, tell_attention

__all__ = ["Action", "app"]

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    a node failed, or results could not be written
  2    wrong usage
  3    the workflow is not valid, or cannot be read
  4    only a model or a node pack is missing
  130  interrupted
"""

app = typer.Typer(
    name="nodegraph",
    help="Diffusion pictures from graphs of typed functions.",
    epilog=_EXIT_CODES,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nodegraph {nodegraph.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Diffusion pictures from graphs of typed functions."""


OutputDir = Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go.")]


@app.command()
def run(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A workflow, or a picture made by one.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Set a declared input (prompt=...) or any field (sample.steps=30, seed=random).",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NODE", help="Run only this node and what it needs."),
    ] = None,
    output_dir: OutputDir = None,
    json: Json = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show for each node what became of it, and why.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Reuse nothing.")] = False,
    device: Device = "auto",
    dtype: Dtype = "auto",
    attention: Attention = "auto",
    vram_budget: VramBudget = None,
    cache_memory: CacheMemory = None,
    cache_disk: CacheDisk = None,
    data: Data = None,
    models: Models = None,
) -> Action:
    """Run a workflow, from a file or from a picture made by it.

    Without --output-dir results go to `outputs` in the data directory, which is --data,
    NODEGRAPH_DATA, or where this system keeps such things.
    """

    def act(shell: Shell) -> int:
        from nodegraph.cli.devices import check_attention_name
        from nodegraph.cli.run import RunOptions
        from nodegraph.cli.run import run as carry_out

        tell_attention(check_attention_name(attention))
        limit_device_memory(read_size(vram_budget, "--vram-budget"))
        options = RunOptions(
            file,
            tuple(settings or ()),
            tuple(only or ()),
            output_dir,
            explain,
            not no_cache,
            device,
            dtype,
            places_of(shell, data, models),
            read_size(cache_memory, "--cache-memory"),
            read_size(cache_disk, "--cache-disk"),
        )
        return carry_out(shell, options)

    return act


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Workflows or pictures.")],
    json: Json = False,
    data: Data = None,
    models: Models = None,
) -> Action:
    """Find all that is wrong with workflows."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.validate import validate as carry_out

        return carry_out(shell, files, places_of(shell, data, models))

    return act


@app.command()
def convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A workflow in any format, or a picture.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="native or api (ComfyUI's API format). By default native; api for a name "
            "that ends in .api.json.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
    json: Json = False,
) -> Action:
    """Write a workflow in another format, and say what could not be carried over."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.convert import convert as carry_out

        return carry_out(shell, source, target, to, force, places_of(shell, None, None))

    return act


@app.command()
def nodes(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Show this one.")] = None,
    json: Json = False,
) -> Action:
    """List the node types, or show what one takes and gives."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.nodes import list_nodes, show_node

        places = places_of(shell, None, None)
        return list_nodes(shell, places) if name is None else show_node(shell, name, places)

    return act


@app.command()
def models(json: Json = False, data: Data = None, models: Models = None) -> Action:
    """List the models that workflows can name."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.models import list_models

        return list_models(shell, places_of(shell, data, models))

    return act


cache = typer.Typer(rich_markup_mode=None)
app.add_typer(cache, name="cache", help="Look at what is kept of earlier runs, or clear it.")


@cache.command()
def show(json: Json = False, data: Data = None) -> Action:
    """Say how much is kept on disk, and where."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.cache import show as carry_out

        places_of(shell, data, None)
        return carry_out(shell)

    return act


@cache.command()
def clear(json: Json = False, data: Data = None) -> Action:
    """Remove all that is kept on disk of earlier runs; results stay."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.cache import clear as carry_out

        places_of(shell, data, None)
        return carry_out(shell)

    return act


@app.command()
def doctor(json: Json = False, data: Data = None, models: Models = None) -> Action:
    """Check that everything a run needs is there."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.doctor import doctor as carry_out

        return carry_out(shell, places_of(shell, data, models))

    return act


app.command()(serve)
app.add_typer(token, name="token", help="Say who may use the server.")
