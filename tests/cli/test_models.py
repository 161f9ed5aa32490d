"""`nodegraph models`."""

from pathlib import Path

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
    assert head == ["kind", "name", "size", "path"]
    assert builtin[:2] == ["checkpoints", "tiny-model"]
    assert lora == [
        "loras",
        "style/ink.safetensors",
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
    }
    assert counted.document["models"][0]["path"] == tiny.__file__


def test_where_to_put_models_is_said_when_there_are_none(run: Run, tmp_path: Path) -> None:
    done = run("models", "--data", "mine", open_session=lambda d, m: open_tiny(d, m, ()))

    assert done.code == 0
    assert done.out == "there are no models\n"
    assert f"looked in {tmp_path}/mine/models" in done.err
