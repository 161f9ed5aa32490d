"""`nodegraph doctor`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nodegraph import DeclarationError, Session
from nodegraph.plugins.loader import Pack
from tests.cli.command import Outcome, Run
from tests.cli.tiny import NODES, PACK, open_tiny


def clashing(data: Path, models: Sequence[Path]) -> Session:
    raise DeclarationError("pack 'b': node name 'Text' is declared twice")


def found(done: Outcome) -> dict[str, Any]:
    """The last finding on each subject."""
    return {check["subject"]: check for check in done.document["checks"]}


def test_a_healthy_place_is_ok(run: Run) -> None:
    told, counted = run("doctor"), run("doctor", "--json")

    checks = found(counted)
    assert told.code == counted.code == 0
    assert counted.document["status"] in ("ok", "warn")
    assert all(check["level"] != "fail" for check in checks.values())
    assert checks["pack tiny"]["text"] == f"1.0, {len(NODES)} nodes, imported in 0.1 s"
    assert checks["built-in model"]["text"].startswith("'tiny-model', ")
    assert checks["models"]["text"] == "1 checkpoints"
    assert {"python", "nodegraph", "torch", "memory", "disk", "device", "data"} <= {*checks}
    assert len(told.out.splitlines()) == len(counted.document["checks"])
    assert told.out.startswith("ok   python ")


BROKEN = Pack("extra", "extra", "1.0", error="ImportError: no module named 'cv2'")
HOLLOW = Pack("tiny", "tiny", "1.0", NODES, {"checkpoints": {"gone": Path("/no/such/model")}})


@pytest.mark.parametrize(
    ("packs", "subject", "text"),
    [
        ((PACK, BROKEN), "pack extra", "disabled: ImportError: no module named 'cv2'"),
        ((HOLLOW,), "built-in model", "'gone' is gone: nothing is in /no/such/model"),
        ((), "packs", "no node pack is installed: pip install nodegraph"),
    ],
)
def test_a_failing_part_is_named(
    run: Run, packs: tuple[Pack, ...], subject: str, text: str
) -> None:
    done = run("doctor", "--json", open_session=lambda d, m: open_tiny(d, m, packs))

    assert (done.code, done.document["status"]) == (1, "fail")
    assert (found(done)[subject]["level"], found(done)[subject]["text"]) == ("fail", text)


def test_packs_that_clash_do_not_hide_the_rest(run: Run) -> None:
    done = run("doctor", "--json", open_session=clashing)

    assert done.code == 1
    assert "declared twice" in found(done)["packs"]["text"]
    assert found(done)["disk"]["level"] in ("ok", "warn")


def test_a_data_directory_that_cannot_be_written_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run("doctor", "--data", "file/data")

    assert done.code == 1
    assert f"fail data            {tmp_path}/file/data cannot be written" in done.out


def test_a_pack_without_a_model_is_a_warning(run: Run) -> None:
    pack = Pack("tiny", "tiny", "1.0", NODES)

    done = run("doctor", "--json", open_session=lambda d, m: open_tiny(d, m, (pack,)))

    assert (done.code, found(done)["built-in model"]["level"]) == (0, "warn")
