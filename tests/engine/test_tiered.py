"""Runs with both tiers: what a new process reuses, and why it runs what it runs."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

from nodegraph import Context, Secret, Workflow, node
from nodegraph.engine.cache import TieredCache
from nodegraph.engine.disk import DiskCache
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.kept import content, keep_all, tiered
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, flow, use

ROOT = Path(__file__).resolve().parents[2]
DISK = "disk (earlier process)"
SUM = flow(
    one=use("Number", value=1),
    two=use("Number", value=2),
    sum=use("Add", a=at("one"), b=at("two")),
    end=use("Add", a=at("sum"), b=5),
)


class Model:
    """A value without content."""

    __opaque__ = True


@node()
def load(path: str = "a") -> Model:
    """Make an opaque value."""
    return Model()


@node()
def draw(model: Model, seed: int = 0) -> np.ndarray:
    """Make an array."""
    return np.full(1000, seed, np.uint8)


@node()
def mean(image: np.ndarray, plus: int = 0) -> int:
    """A number of an array."""
    return int(image.mean()) + plus


@node()
def sign_in(token: Annotated[str, Secret()], user: str = "me") -> str:
    """Something that needs a secret."""
    return user


@node(effect=True)
def note(value: int, ctx: Context) -> None:
    """Write a number down."""
    ctx.files.save("note", ".txt", lambda out: out.write(b"%d" % value), type="text")


@pytest.fixture
def lab(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab that keeps everything on disk."""
    keep_all(monkeypatch)
    made = Lab(tmp_path, [*arithmetic(log), load, draw, mean, sign_in, note])
    made.cache = tiered(tmp_path / "cache")
    return made


def disk_of(lab: Lab) -> DiskCache:
    assert isinstance(lab.cache, TieredCache)
    assert lab.cache.disk is not None
    return lab.cache.disk


def restart(lab: Lab, cap: int = 1 << 24) -> None:
    """Go on as a new process would."""
    disk_of(lab).close()
    lab.cache = tiered(lab.folder / "cache", cap=cap)


def test_after_a_restart_an_unchanged_workflow_runs_nothing(lab: Lab, log: Log) -> None:
    lab.run(SUM, "end")
    log.taken()
    restart(lab)

    report = lab.run(SUM, "end", keep=["end"])

    assert log.taken() == []
    assert set(reasons(report).values()) == {DISK}
    assert report.values["end"] == (8,)


def test_after_a_restart_a_change_runs_what_follows_it(lab: Lab, log: Log) -> None:
    lab.run(SUM, "end")
    log.taken()
    restart(lab)

    report = lab.run(SUM.set_inputs({"two.value": 4}), "end", keep=["end"])

    assert log.taken() == ["number 4", "add 1 4", "add 5 5"]
    assert reasons(report) == {
        "one": DISK,
        "two": "input 'value' changed 2 -> 4",
        "sum": "input 'b' changed",
        "end": "input 'a' changed",
    }
    assert report.values["end"] == (10,)


def test_an_equal_value_stops_a_change_across_a_restart(lab: Lab, log: Log) -> None:
    cut = flow(n=use("Number", value=50), c=use("Clamp", value=at("n")), end=use("Add", a=at("c")))
    lab.run(cut, "end")
    log.taken()
    restart(lab)

    report = lab.run(cut.set_inputs({"n.value": 60}), "end")

    assert log.taken() == ["number 60", "clamp 60 10"]
    assert statuses(report)["end"] == "reused"


def test_what_was_too_quick_to_keep_is_made_again_where_needed(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodegraph.engine.disk.MIN_SECONDS", 1e9)
    lab = Lab(tmp_path, arithmetic(log))
    lab.cache = tiered(tmp_path / "cache")
    lab.run(SUM, "end")
    log.taken()
    restart(lab)

    unchanged = lab.run(SUM, "end")
    assert set(reasons(unchanged).values()) == {DISK}
    changed = lab.run(SUM.set_inputs({"end.b": 6}), "end", keep=["end"])

    assert changed.values["end"] == (9,)
    assert reasons(changed)["end"] == "input 'b' changed 5 -> 6"
    assert sorted(log.taken()) == ["add 1 2", "add 3 6", "number 1", "number 2"]
    again = {reasons(changed)[name] for name in ("one", "two", "sum")}
    assert again == {"needed again: not kept on disk"}


def test_models_are_never_written_and_do_not_run_what_follows(lab: Lab) -> None:
    drawing = flow(
        model=use("Load"),
        image=use("Draw", model=at("model"), seed=3),
        m=use("Mean", image=at("image")),
    )
    lab.run(drawing, "m")
    restart(lab)
    disk = disk_of(lab)
    assert disk.figures().values == 2

    report = lab.run(drawing, "m")
    assert ran(report) == set()

    report = lab.run(drawing.set_inputs({"m.plus": 1}), "m", keep=["m"])
    assert ran(report) == {"m"}
    assert report.values["m"] == (4,)

    report = lab.run(drawing.set_inputs({"image.seed": 4}), "m", keep=["m"])
    assert ran(report) == {"model", "image", "m"}
    assert report.values["m"] == (4,)


def test_a_damaged_value_is_made_again(lab: Lab) -> None:
    drawing = flow(model=use("Load"), image=use("Draw", model=at("model"), seed=3))
    lab.run(drawing, "image")
    restart(lab)
    for path in (lab.folder / "cache").glob("values/*/*"):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)

    report = lab.run(drawing, "image", keep=["image"])

    assert report.status == "succeeded"
    assert set(report.values["image"][0]) == {3}
    assert "image" in ran(report)


def test_a_changed_package_runs_again(lab: Lab, log: Log) -> None:
    pack = Path(__file__).stem
    lab.pack_codes = {"tests": "1", pack: "1"}
    lab.run(SUM, "end")
    log.taken()
    restart(lab)
    lab.pack_codes = {"tests": "2", pack: "2"}

    report = lab.run(SUM, "end")

    assert ran(report) == {"one", "two", "sum", "end"}
    assert reasons(report)["end"] == "its code, its package or the device changed"


def test_lazy_inputs_are_remembered(lab: Lab, log: Log) -> None:
    switch = flow(
        yes=use("Number", value=1),
        no=use("Number", value=2),
        pick=use("Pick", which=True, yes=at("yes"), no=at("no")),
    )
    lab.run(switch, "pick")
    log.taken()
    restart(lab)

    report = lab.run(switch, "pick", keep=["pick"])

    assert log.taken() == []
    assert report.values["pick"] == (1,)
    assert statuses(report)["no"] == "skipped"


def test_effects_of_an_earlier_process_are_reported(lab: Lab) -> None:
    saving = flow(n=use("Number", value=7), save=use("Note", value=at("n")))
    (first,) = lab.run(saving).outputs
    restart(lab)

    report = lab.run(saving)
    assert (ran(report), report.outputs) == (set(), [first])

    assert first.path is not None
    Path(first.path).unlink()
    restart(lab)
    report = lab.run(saving)
    assert ran(report) == {"save"}
    assert Path(report.outputs[0].path or "").read_bytes() == b"7"


def test_secrets_are_never_written(lab: Lab) -> None:
    secret = "hunter2-is-a-secret"
    lab.run(
        flow(a=use("SignIn", token=secret), b=use("SignIn", token=secret, user="you")), "a", "b"
    )
    lab.run(flow(a=use("SignIn", token=secret + "3")), "a")
    disk_of(lab).close()

    written = content(lab.folder)

    assert b"SignIn" in written
    assert secret.encode() not in written
    assert secret.encode().hex().encode() not in written


def test_a_small_cap_changes_no_result(lab: Lab) -> None:
    drawing: dict[str, Any] = {"model": use("Load")}
    for seed in range(8):
        drawing[f"i{seed}"] = use("Draw", model=at("model"), seed=seed)
        drawing[f"m{seed}"] = use("Mean", image=at(f"i{seed}"))
    names = [f"m{seed}" for seed in range(8)]
    for cap in (0, 1500, 4000):
        restart(lab, cap)
        report = lab.run(flow(**drawing), *names, keep=names)
        assert [report.values[name][0] for name in names] == list(range(8))
        assert disk_of(lab).figures().bytes <= cap


CHILD = """
import json, sys
from pathlib import Path
from nodegraph.engine import disk
disk.MIN_SECONDS, disk.READ_BYTES_PER_SECOND = 0.0, float("inf")
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.kept import tiered
from tests.engine.lab import Lab
from tests.engine.test_tiered import SUM
log = Log()
lab = Lab(Path(sys.argv[1]), arithmetic(log))
lab.cache = tiered(Path(sys.argv[1]) / "cache")
report = lab.run(SUM, "end", keep=["end"])
keys = {name: done.key for name, done in report.nodes.items()}
end = report.values["end"]
print(json.dumps({"status": report.status, "calls": log, "keys": keys, "end": end}))
"""


def child(folder: Path, seed: str = "0", **options: Any) -> "subprocess.Popen[str]":
    """Another process that runs the workflow in the same folder."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def outcome(process: "subprocess.Popen[str]") -> Any:
    """What it printed."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(out)


def test_keys_are_equal_in_every_process(tmp_path: Path) -> None:
    first = outcome(child(tmp_path, "1"))
    second = outcome(child(tmp_path, "2"))

    assert len(first["calls"]) == 4
    assert second["calls"] == []
    assert second["keys"] == first["keys"]
    assert second["end"] == first["end"] == [8]


def test_two_processes_at_once(tmp_path: Path) -> None:
    both = [child(tmp_path), child(tmp_path)]

    for found in map(outcome, both):
        assert (found["status"], found["end"]) == ("succeeded", [8])
    assert outcome(child(tmp_path))["calls"] == []


def test_a_full_disk_fails_no_run(tmp_path: Path) -> None:
    def no_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    found = outcome(child(tmp_path, preexec_fn=no_bytes))

    assert (found["status"], found["end"]) == ("succeeded", [8])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_fails_no_run(tmp_path: Path) -> None:
    outcome(child(tmp_path))
    (tmp_path / "cache").chmod(0o500)
    try:
        found = outcome(child(tmp_path))
    finally:
        (tmp_path / "cache").chmod(0o700)

    assert (found["status"], found["end"]) == ("succeeded", [8])


def test_nothing_of_an_earlier_process_is_called_evicted(lab: Lab) -> None:
    def twins(seed: int) -> Workflow:
        return flow(
            one=use("Load"),
            two=use("Load"),
            a=use("Draw", model=at("one"), seed=seed),
            b=use("Draw", model=at("two"), seed=seed + 1),
        )

    lab.run(twins(1), "a", "b")
    restart(lab)

    told = reasons(lab.run(twins(5), "a", "b"))

    assert {told["one"], told["two"]} <= {"needed again: not kept on disk", "memory"}
    for key in lab.cache.records:
        lab.cache.discard(key)
    assert "evicted" in reasons(lab.run(twins(9), "a", "b")).values()
