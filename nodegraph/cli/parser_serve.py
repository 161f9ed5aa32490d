"""The words of `nodegraph serve`."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated, Literal

import typer

from nodegraph.cli.options import Action, Data, Device, Dtype, Models, places_of
from nodegraph.cli.shell import Shell

__all__ = ["serve"]

_Texts = list[str] | None


def serve(
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Where to listen. Off this machine needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8188,
    data: Data = None,
    models: Models = None,
    token: Annotated[
        _Texts,
        typer.Option(
            metavar="[NAME=]TOKEN",
            envvar="NODEGRAPH_TOKEN",
            help="Answer only who has this token; with a NAME, that user's. May be repeated.",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="postgresql://...; by default a file in --data."),
    ] = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    front_end: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Serve the front end in this folder.")
    ] = None,
    allow_host: Annotated[
        _Texts, typer.Option(metavar="NAME", help="A name under which clients may ask.")
    ] = None,
    allow_origin: Annotated[
        _Texts, typer.Option(metavar="ORIGIN", help="A web page that may ask: https://HOST.")
    ] = None,
    private_webhooks: Annotated[
        bool, typer.Option("--private-webhooks", help="Webhooks may go to private addresses.")
    ] = False,
    queue_limit: Annotated[int, typer.Option(min=1, help="How many jobs may wait.")] = 1000,
    attempts: Annotated[
        int, typer.Option(min=1, help="How often a job is started whose worker dies.")
    ] = 1,
    max_age: Annotated[
        str | None, typer.Option(metavar="TIME", help="Forget finished jobs after, say, 30d.")
    ] = None,
    max_bytes: Annotated[
        str | None,
        typer.Option(metavar="BYTES", help="Forget the oldest jobs when outputs hold more."),
    ] = None,
    retry_interrupted: Annotated[
        bool,
        typer.Option("--retry-interrupted", help="After a crash, run again what was cut off."),
    ] = False,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish", help="When stopped, finish the running job; otherwise it is queued again."
        ),
    ] = False,
    log_format: Annotated[
        Literal["text", "json"], typer.Option(help="Of the log, on stderr.")
    ] = "text",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="debug also logs requests that change nothing."),
    ] = "info",
    pack: Annotated[_Texts, typer.Option(metavar="MODULE", hidden=True)] = None,
) -> Action:
    """Serve the editor, the HTTP API and ComfyUI's clients.

    The queue, results and workflows are kept in the data directory and survive restarts. SIGTERM
    or Ctrl-C stops it with care, a second one at once.
    """

    def act(shell: Shell) -> int:
        gc.disable()  # nothing of the hundreds of modules to be loaded is garbage
        from nodegraph.cli.serve import Given
        from nodegraph.cli.serve import serve as carry_out

        given = Given(
            host=host,
            port=port,
            tokens=tuple(token or ()),
            database=database,
            device=device,
            dtype=dtype,
            front_end=front_end,
            allow_host=tuple(allow_host or ()),
            allow_origin=tuple(allow_origin or ()),
            private_webhooks=private_webhooks,
            queue_limit=queue_limit,
            attempts=attempts,
            max_age=max_age,
            max_bytes=max_bytes,
            retry_interrupted=retry_interrupted,
            finish=finish,
            log_format=log_format,
            log_level=log_level,
            packs=tuple(pack or ()),
            places=places_of(shell, data, models),
        )
        return carry_out(shell, given)

    return act
