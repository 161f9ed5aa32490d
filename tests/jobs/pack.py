"""A small node pack without torch: what a server can meet in a job, one node for each."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Annotated, Any

from PIL import Image

from nodegraph import Context, InputFile, ModelFile, Seed, node


@node(category="jobs")
def echo(value: str = "hello") -> str:
    """A text."""
    return value


@node(category="jobs")
def join(first: str, second: str = "") -> str:
    """Two texts as one."""
    return first + second


@node(category="jobs")
def dice(seed: Annotated[int, Seed()] = 0) -> str:
    """A number as a text."""
    return str(seed)


def _renamed(inputs: dict[str, Any], version: int) -> dict[str, Any]:
    """Version 1 called `strength` `force`, and broke at 13."""
    if inputs.get("force") == 13:
        raise ValueError("13 brings no luck")
    return {"strength" if name == "force" else name: value for name, value in inputs.items()}


@node(category="jobs", version=2, migrate=_renamed)
def push(strength: float = 1.0) -> str:
    """A number as a text."""
    return str(strength)


@node(category="jobs")
def slow(ctx: Context, text: str = "", steps: int = 10, pause: float = 0.02) -> str:
    """Some steps, with checks for a cancel."""
    for step in range(steps):
        ctx.check_cancelled()
        time.sleep(pause)
        ctx.progress(step + 1, steps)
        ctx.preview(Image.new("RGB", (64, 64), (step % 256, 0, 0)))
    return text


@node(category="jobs")
def deaf(text: str = "", seconds: float = 30.0) -> str:
    """Sleeps and hears no cancel."""
    time.sleep(seconds)
    return text


@node(category="jobs")
def hold(text: str = "", seconds: int = 2) -> str:
    """A call into C that keeps the interpreter's lock."""
    ctypes.PyDLL(None).sleep(seconds)
    return text


@node(category="jobs")
def talk(text: str = "said") -> str:
    """Prints, from Python and below it."""
    print(text)
    print(f"{text} as an error", file=sys.stderr)
    os.write(1, f"{text} from below\n".encode())
    return text


@node(category="jobs")
def flood(lines: int = 100) -> str:
    """Prints a lot."""
    for number in range(lines):
        print(number)
    return "done"


@node(category="jobs")
def crash(text: str = "", number: int = signal.SIGSEGV, once: str = "") -> str:
    """Ends the worker by a signal; with `once`, a path, only the first time."""
    if not once or not os.path.exists(once):
        if once:
            open(once, "x").close()
        os.kill(os.getpid(), number)
        time.sleep(10)
    return text


@node(category="jobs")
def spawn(text: str = "") -> str:
    """Waits for a program."""
    subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"], check=True)
    return text


@node(category="jobs")
def leave(code: int = 3) -> str:
    """Ends the worker without a signal."""
    os._exit(code)


@node(category="jobs")
def no_memory(text: str = "") -> str:
    """Finds no memory."""
    raise MemoryError


@node(category="jobs")
def wrong(text: str = "") -> str:
    """Has a bug."""
    values: dict[str, str] = {}
    return values[text]


@node(category="jobs")
def mangled(text: str = "") -> str:
    """Fails with a text that is no Unicode, as of a file name."""
    raise OSError(f"no file '{text}caf\udce9\0'")


@node(category="jobs")
def long_winded(length: int = 1) -> str:
    """Fails at length."""
    raise ValueError("x" * length)


@node(category="jobs")
def read_text(file: Annotated[str, InputFile("text")], ctx: Context) -> str:
    """The content of a file."""
    return ctx.files.input(file).read_text()


@node(category="jobs")
def pick_model(name: Annotated[str, ModelFile("checkpoints")]) -> str:
    """The name of a model."""
    return name


@node(category="jobs", effect=True)
def save_text(text: str, ctx: Context, name: str = "text") -> None:
    """Saves a text."""
    data = text.encode()
    ctx.files.save(name, ".txt", lambda stream: stream.write(data), type="text", name="texts")


@node(category="jobs", effect=True)
def show_text(text: str, ctx: Context) -> None:
    """Shows a text."""
    ctx.files.show(text)


@node(category="jobs", effect=True, volatile=True)
def count_runs(path: str, text: Any = "") -> None:
    """Adds a line to a file each time it runs."""
    with open(path, "a") as stream:
        stream.write(f"{text}\n")


NODES = (
    echo,
    join,
    dice,
    push,
    slow,
    deaf,
    hold,
    talk,
    flood,
    crash,
    spawn,
    leave,
    no_memory,
    wrong,
    mangled,
    long_winded,
    read_text,
    pick_model,
    save_text,
    show_text,
    count_runs,
)
