"""Every node says why it ran, in words that name the input and its values."""

from pathlib import Path
from typing import Annotated, Any

from nodegraph import Context, Registry, Secret, Seed, Workflow, node
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import at, flow, use


@node()
def sample(seed: Annotated[int, Seed()], prompt: str = "", ratio: float = 1.0) -> str:
    return f"{prompt} {seed} {ratio}"


@node()
def ask(question: str, password: Annotated[str, Secret()] = "") -> str:
    return question


@node(volatile=True)
def clock() -> int:
    return 12


@node(effect=True)
def write(text: str, ctx: Context) -> None:
    ctx.files.save("note", ".txt", lambda stream: stream.write(text.encode()), type="text")


def fingerprint(name: str, files: Any) -> str:
    digest: str = files.digest(files.input(name))
    return digest


@node(fingerprint=fingerprint)
def read(name: str, ctx: Context) -> str:
    return ctx.files.input(name).read_text()


class Talk(Lab):
    """A lab in which one node runs with changing inputs, and says why."""

    def why(self, type: str, /, **inputs: object) -> str:
        report = self.run(flow(x={"type": type, "inputs": inputs}), "x")
        assert report.status == "succeeded", report.errors
        return report.nodes["x"].reason


def talk(folder: Path) -> Talk:
    return Talk(folder, [sample, ask, clock, write, read, *arithmetic(Log())])


def test_the_first_time(tmp_path: Path) -> None:
    assert talk(tmp_path).why("Sample", seed=7) == "first run"


def test_a_changed_number(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7)

    assert lab.why("Sample", seed=8) == "input 'seed' changed 7 -> 8"


def test_several_changes(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7, prompt="a circle")

    why = lab.why("Sample", seed=8, prompt="a square")

    assert why == "input 'seed' changed 7 -> 8; input 'prompt' changed 'a circle' -> 'a square'"


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7, prompt="x" * 1000)

    assert len(lab.why("Sample", seed=7, prompt="y" * 1000)) < 200


def test_a_change_from_a_default(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7)

    assert lab.why("Sample", seed=7, ratio=0.5) == "input 'ratio' changed 1.0 -> 0.5"


def test_nothing_changed(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7)

    assert lab.why("Sample", seed=7) == "memory"


def test_changes_are_since_the_last_run_not_since_the_last_change(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    for seed in (7, 8, 7):
        lab.why("Sample", seed=seed)

    assert lab.why("Sample", seed=9) == "input 'seed' changed 7 -> 9"


def test_another_type_under_the_same_id(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7)

    assert lab.why("Number", value=7) == "first run"


def test_a_linked_value_that_changed(tmp_path: Path) -> None:
    lab = talk(tmp_path)

    def chained(value: int) -> Workflow:
        return flow(n=use("Number", value=value), a=use("Add", a=at("n"), b=1))

    lab.run(chained(1), "a")

    report = lab.run(chained(2), "a")

    assert reasons(report) == {"n": "input 'value' changed 1 -> 2", "a": "input 'a' changed"}


def test_a_literal_that_became_a_link_and_back(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    linked = flow(n=use("Number", value=5), a=use("Add", a=at("n")))
    plain = flow(n=use("Number", value=5), a=use("Add", a=6))
    lab.run(plain, "a")

    assert reasons(lab.run(linked, "a"))["a"] == "input 'a' changed to a link"
    other = flow(n=use("Number", value=5), a=use("Add", a=7))
    assert reasons(lab.run(other, "a"))["a"] == "input 'a' changed from a link to 7"


def test_volatile_nodes_never_say_anything_else(tmp_path: Path) -> None:
    lab = talk(tmp_path)

    assert [lab.why("Clock") for _ in range(2)] == ["volatile: never reused"] * 2


def test_an_equal_value_of_a_volatile_node_changes_nothing(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    timed = flow(c=use("Clock"), a=use("Add", a=at("c")))
    lab.run(timed, "a")

    report = lab.run(timed, "a")

    assert statuses(report) == {"c": "ran", "a": "reused"}


def test_a_file_that_changed(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("one")
    lab.why("Read", name="note.txt")
    assert lab.why("Read", name="note.txt") == "memory"

    (tmp_path / "in" / "note.txt").write_text("another")

    assert lab.why("Read", name="note.txt") == "a file it reads changed"


def test_the_same_content_in_another_file(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text("one")
    lab.why("Read", name="a.txt")

    assert lab.why("Read", name="b.txt") == "input 'name' changed 'a.txt' -> 'b.txt'"


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Write", text="hello")

    (path,) = (tmp_path / "out").iterdir()
    path.unlink()

    assert lab.why("Write", text="hello") == "the files it made are gone or belong elsewhere"


def test_secrets_are_not_said(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Ask", question="?", password="tiger")

    why = lab.why("Ask", question="?", password="swordfish")

    assert "tiger" not in why
    assert "swordfish" not in why
    assert "secret" in why
    assert "tiger" not in repr(lab.cache.seen)


def test_what_was_evicted(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.cache.budget = 0
    lab.run(flow(s=use("Sample", seed=1), a=use("Ask", question=at("s"))), "a")

    report = lab.run(
        flow(s=use("Sample", seed=1), a=use("Ask", question=at("s"), password="x")), "a"
    )

    assert reasons(report)["s"] == "evicted"


def test_another_version_of_the_node(tmp_path: Path) -> None:
    lab = talk(tmp_path)
    lab.why("Sample", seed=7)

    @node(name="Sample", version=2)
    def better(seed: Annotated[int, Seed()], prompt: str = "", ratio: float = 1.0) -> str:
        return f"better {prompt} {seed} {ratio}"

    lab.registry = Registry([better])

    assert lab.why("Sample", seed=7) == "its code, its package or the device changed"


def test_a_node_that_did_not_finish_was_not_evicted(tmp_path: Path) -> None:
    broken = [True]

    @node()
    def fragile(value: int) -> int:
        if broken:
            raise ValueError("broken")
        return value

    lab = Lab(tmp_path, [fragile])
    lab.run(flow(f=use("Fragile", value=1)), "f")
    broken.clear()

    report = lab.run(flow(f=use("Fragile", value=1)), "f")

    assert report.status == "succeeded"
    assert report.nodes["f"].reason == "it did not finish last time"
