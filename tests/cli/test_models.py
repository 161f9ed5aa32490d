"""`nodegraph models`."""

from collections.abc import Sequence
from pathlib import Path

from nodegraph.plugins.loader import Pack
from nodegraph.session import Session
from tests.cli import tiny
from tests.cli.command import Run
from tests.cli.tiny import open_tiny


def test_models_are_listed_with_size_and_place(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "more" / "loras" / "style"
    folder.mkdir(parents=True)
    (folder / "ink.safetensors").write_bytes(b"x" * 2048)

    told, counted = run("models", "--models", "more"), run("models", "--models", "more", "--json")

    assert told.code == counted.code == 0
    head, builtin, lora = [line.split() for line in told.out.splitlines()]
    assert head == ["kind", "name", "holds", "size", "path"]
    assert builtin[:3] == ["checkpoints", "tiny-model", "-"]
    assert lora == [
        "loras",
        "style/ink.safetensors",
        "-",
        "2.0",
        "KiB",
        "more/loras/style/ink.safetensors",
    ]
    assert f"looked in {tmp_path}/data/models, more;" in told.err
    assert counted.document["models"][1] == {
        "kind": "loras",
        "name": "style/ink.safetensors",
        "path": str(folder / "ink.safetensors"),
        "bytes": 2048,
        "holds": None,
        "problem": None,
    }
    assert counted.document["models"][0]["path"] == tiny.__file__


def test_where_to_put_models_is_said_when_there_are_none(run: Run, tmp_path: Path) -> None:
    done = run("models", "--data", "mine", open_session=lambda d, m: open_tiny(d, m, ()))

    assert done.code == 0
    assert done.out == "there are no models\n"
    assert f"looked in {tmp_path}/mine/models" in done.err


def test_node_packs_say_what_models_hold(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "more" / "loras"
    folder.mkdir(parents=True)
    for name in ("good", "bad"):
        (folder / name).with_suffix(".pt").write_text(name)

    def describe(path: Path) -> str:
        if path.read_text() == "bad":
            raise ValueError("loras/bad.pt is empty")
        return "ink for SD1"

    def opened(data: Path, models: Sequence[Path]) -> Session:
        session = open_tiny(data, models, ())
        session.packs = [Pack("p", "p", "0", describe=describe)]
        session.packs = [Pack("silent", "silent", "0"), *session.packs]
        return session

    told, counted = (
        run("models", "--models", "more", *options, open_session=opened)
        for options in ((), ("--json",))
    )

    lines = [line.split() for line in told.out.splitlines()]
    assert lines[1][:3] == ["loras", "bad.pt", "damaged"]
    assert lines[2][:5] == ["loras", "good.pt", "ink", "for", "SD1"]
    assert told.out.splitlines()[-1] == "loras/bad.pt: is empty"
    found = [(m["holds"], m["problem"]) for m in counted.document["models"]]
    assert found == [(None, "loras/bad.pt is empty"), ("ink for SD1", None)]
