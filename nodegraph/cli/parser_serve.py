"""The words of `nodegraph serve`."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated, Literal

import typer

from nodegraph.cli.options import (
    Action,
    Attention,
    Data,
    Device,
    Dtype,
    Models,
    VramBudget,
    places_of,
)
from nodegraph.cli.shell import Shell
from nodegraph.cli.sizes import read_size
from nodegraph.engine.devices import limit_device_memory, tell_attention

__all__ = ["serve"]

_Texts = list[str] | None

Host = Annotated[
    str, typer.Option(metavar="HOST", help="Where to listen. Off this machine needs a token.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
Token = Annotated[
    _Texts,
    typer.Option(
        metavar="[NAME=]TOKEN",
        envvar="NODEGRAPH_TOKEN",
        help="Answer only who has this token; with a NAME, that user's. May be repeated.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(metavar="URL", help="postgresql://...; by default a file in --data."),
]
FrontEnd = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Serve the front end in this folder.")
]
AllowHost = Annotated[
    _Texts, typer.Option(metavar="NAME", help="A name under which clients may ask.")
]
AllowOrigin = Annotated[
    _Texts, typer.Option(metavar="ORIGIN", help="A web page that may ask: https://HOST.")
]
PrivateWebhooks = Annotated[
    bool, typer.Option("--private-webhooks", help="Webhooks may go to private addresses.")
]
QueueLimit = Annotated[int, typer.Option(min=1, help="How many jobs may wait.")]
Attempts = Annotated[int, typer.Option(min=1, help="How often a job is started whose worker dies.")]
MaxAge = Annotated[
    str | None, typer.Option(metavar="TIME", help="Forget finished jobs after, say, 30d.")
]
MaxBytes = Annotated[
    str | None,
    typer.Option(metavar="BYTES", help="Forget the oldest jobs when outputs hold more."),
]
RetryInterrupted = Annotated[
    bool, typer.Option("--retry-interrupted", help="After a crash, run again what was cut off.")
]
Finish = Annotated[
    bool,
    typer.Option(
        "--finish", help="When stopped, finish the running job; otherwise it is queued again."
    ),
]
LogFormat = Annotated[Literal["text", "json"], typer.Option(help="Of the log, on stderr.")]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    typer.Option(help="debug also logs requests that change nothing."),
]
Pack = Annotated[_Texts, typer.Option(metavar="MODULE", hidden=True)]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8188,
    data: Data = None,
    models: Models = None,
    token: Token = None,
    database: Url = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    attention: Attention = "auto",
    vram_budget: VramBudget = None,
    front_end: FrontEnd = None,
    allow_host: AllowHost = None,
    allow_origin: AllowOrigin = None,
    private_webhooks: PrivateWebhooks = False,
    queue_limit: QueueLimit = 1000,
    attempts: Attempts = 1,
    max_age: MaxAge = None,
    max_bytes: MaxBytes = None,
    retry_interrupted: RetryInterrupted = False,
    finish: Finish = False,
    log_format: LogFormat = "text",
    log_level: LogLevel = "info",
    pack: Pack = None,
) -> Action:
    """Serve the editor, the HTTP API and ComfyUI's clients.

    The queue, results and workflows are kept in the data directory and survive restarts. SIGTERM
    or Ctrl-C stops it with care, a second one at once.
    """
    given = dict(locals())

    def act(shell: Shell) -> int:
        gc.disable()  # nothing of the hundreds of modules to be loaded is garbage
        from nodegraph.cli.devices import check_attention_name
        from nodegraph.cli.serve import Given
        from nodegraph.cli.serve import serve as carry_out

        tell_attention(check_attention_name(given.pop("attention")))
        limit_device_memory(read_size(given.pop("vram_budget"), "--vram-budget"))
        places = places_of(shell, given.pop("data"), given.pop("models"))
        return carry_out(shell, Given(**given, places=places))

    return act
