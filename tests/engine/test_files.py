"""Files as nodes see them: models, inputs, results that are whole or not there."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from nodegraph import Context, MissingModel, NodeError, OutputError
from nodegraph.engine.events import Output
from nodegraph.engine.files import Files, NodeFiles, write_new

Write = Callable[[BinaryIO], object]


def text(content: str) -> Write:
    return lambda stream: stream.write(content.encode())


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "in").mkdir()
    return Files(tmp_path, tmp_path / "out", [tmp_path / "in"])


@pytest.fixture
def saver(files: Files) -> NodeFiles:
    return NodeFiles(files, "save")


class TestSaving:
    """Results are new files, each of them whole."""

    def test_a_counter_is_added(self, saver: NodeFiles, tmp_path: Path) -> None:
        for _ in range(3):
            saver.save("picture", ".png", text("x"))

        assert names(tmp_path / "out") == [f"picture_0000{i}.png" for i in (1, 2, 3)]

    def test_nothing_is_ever_overwritten(self, saver: NodeFiles, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "picture_00007.png").write_text("mine")

        path = saver.save("picture", ".png", text("new"))

        assert path.name == "picture_00008.png"
        assert (tmp_path / "out" / "picture_00007.png").read_text() == "mine"

    def test_threads_do_not_overwrite_each_other(self, saver: NodeFiles, tmp_path: Path) -> None:
        together = threading.Barrier(8)

        def work(number: int) -> None:
            for i in range(10):
                together.wait()
                saver.save("picture", ".png", text(f"{number} {i}"))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        written = {path.read_text() for path in (tmp_path / "out").iterdir()}
        assert written == {f"{n} {i}" for n in range(8) for i in range(10)}

    def test_a_reader_never_sees_half_a_file(self, saver: NodeFiles, tmp_path: Path) -> None:
        seen: list[list[str]] = []

        def slow(stream: BinaryIO) -> None:
            stream.write(b"first half")
            stream.flush()
            seen.append([n for n in names(tmp_path / "out") if not n.startswith(".")])

        saver.save("picture", ".png", slow)

        assert seen == [[]]
        assert names(tmp_path / "out") == ["picture_00001.png"]

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: nothing was "),
            (PermissionError(errno.EACCES, "Permission denied"), "cannot be written: Permission"),
            (OSError(errno.EIO, "Input/output error"), "cannot write to '"),
        ],
    )
    def test_a_write_that_fails_leaves_nothing(
        self, saver: NodeFiles, tmp_path: Path, error: OSError, message: str
    ) -> None:
        def fail(stream: BinaryIO) -> None:
            stream.write(b"x" * 100_000)
            raise error

        with pytest.raises(OutputError) as caught:
            saver.save("picture", ".png", fail)

        assert message in str(caught.value)
        assert str(tmp_path / "out") in str(caught.value)
        assert names(tmp_path / "out") == []

    def test_a_disk_that_is_full_when_flushing(
        self, saver: NodeFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="the disk is full"):
            saver.save("picture", ".png", text("x"))

        assert names(tmp_path / "out") == []

    def test_a_writer_that_raises_leaves_nothing(self, saver: NodeFiles, tmp_path: Path) -> None:
        def fail(stream: BinaryIO) -> None:
            stream.write(b"half")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            saver.save("picture", ".png", fail)

        assert names(tmp_path / "out") == []

    def test_without_hard_links(
        self, saver: NodeFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
        for i in range(2):
            saver.save("picture", ".png", text(str(i)))

        assert names(tmp_path / "out") == ["picture_00001.png", "picture_00002.png"]
        assert (tmp_path / "out" / "picture_00001.png").read_text() == "0"

    def test_the_next_free_name_is_taken(self, tmp_path: Path) -> None:
        for i in range(3):
            (tmp_path / f"{i}").write_text("taken")

        assert write_new(lambda attempt: tmp_path / str(attempt), text("x")).name == "3"

    def test_what_was_saved_is_reported(self, files: Files, tmp_path: Path) -> None:
        reported: list[Output] = []
        saver = NodeFiles(files, "keep", on_output=reported.append)

        saver.save("a", ".txt", text("x"), type="text", name="notes")
        saver.save("b", ".txt", text("x"), temporary=True)
        saver.show("hello")

        out = tmp_path / "out"
        assert reported == [
            Output("keep", "notes", "text", str(out / "a_00001.txt")),
            Output("keep", "images", "image", str(out / "temp" / "b_00001.txt"), temporary=True),
            Output("keep", "text", "text", text="hello", temporary=True),
        ]

    def test_a_folder_that_is_a_file(self, saver: NodeFiles, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("no folder")

        with pytest.raises(OutputError, match="cannot be made: a file is in its way"):
            saver.save("picture", ".png", text("x"))


class TestOutputFolder:
    """Found out before a run, not after it."""

    def test_it_is_made(self, files: Files, tmp_path: Path) -> None:
        files.check_output_dir()

        assert (tmp_path / "out").is_dir()
        assert names(tmp_path / "out") == []

    def test_a_file_in_its_place(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("")

        with pytest.raises(OutputError, match=r"out' cannot be made: a file is in its way"):
            files.check_output_dir()

    def test_a_folder_that_may_not_be_written(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir(mode=0o500)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)  # root may write everywhere
        try:
            with pytest.raises(OutputError, match="cannot be written: Permission denied"):
                files.check_output_dir()
        finally:
            if root:
                os.seteuid(0)


class TestInputs:
    """Input files by name, and by path where that is allowed."""

    def test_by_name(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "in" / "sub").mkdir()
        (tmp_path / "in" / "sub" / "cat.png").write_text("meow")

        assert files.input("sub/cat.png").read_text() == "meow"
        assert files.has_input("sub/cat.png")

    def test_by_path(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "dog.png").write_text("wuff")

        assert files.input(str(tmp_path / "dog.png")).read_text() == "wuff"

    def test_the_input_folder_comes_first(
        self, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "cat.png").write_text("other")
        (tmp_path / "in" / "cat.png").write_text("meow")

        assert files.input("cat.png").read_text() == "meow"

    def test_one_that_is_not_there(self, files: Files, tmp_path: Path) -> None:
        with pytest.raises(NodeError) as caught:
            files.input("cow.png")

        assert str(caught.value) == (
            f"there is no input file 'cow.png' (looked in: {tmp_path / 'in'})"
        )

    @pytest.mark.parametrize(
        "name",
        ["", ".", "/", "in", "\0", "a\0b", "x" * 300, "~nobody-of-that-name/cat.png", "\ud800"],
    )
    def test_names_that_are_none(self, files: Files, name: str) -> None:
        assert not files.has_input(name)

    @pytest.mark.parametrize(
        "name", ["../secret.txt", "link.txt", "{path}", "sub/../../secret.txt"]
    )
    def test_no_way_out_where_paths_are_not_allowed(
        self, files: Files, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
        files.any_path = False

        assert not files.has_input(name.format(path=tmp_path / "secret.txt"))


class TestModels:
    """Models by kind and logical name."""

    @pytest.fixture
    def stocked(self, tmp_path: Path) -> Files:
        kinds = tmp_path / "models" / "checkpoints"
        (kinds / "sd" / "tiny").mkdir(parents=True)
        (kinds / "sd" / "tiny" / "model_index.json").write_text("{}")
        (kinds / "sd" / "v15.safetensors").write_text("data")
        (kinds / "notes.txt").write_text("no model")
        more = tmp_path / "more" / "checkpoints"
        more.mkdir(parents=True)
        (more / "other.ckpt").write_text("more")
        (more / "sd").mkdir()
        (more / "sd" / "v15.safetensors").write_text("shadowed")
        builtin = {"checkpoints": {"shapes-64": tmp_path / "shapes"}}
        return Files(tmp_path, tmp_path / "out", [], [tmp_path / "more"], builtin)

    def test_files_and_folders_have_logical_names(self, stocked: Files) -> None:
        assert stocked.models("checkpoints") == [
            "other.ckpt",
            "sd/tiny",
            "sd/v15.safetensors",
            "shapes-64",
        ]
        assert stocked.models("vae") == []
        assert stocked.model_kinds() == ["checkpoints"]

    def test_the_data_directory_comes_first(self, stocked: Files) -> None:
        assert stocked.model("checkpoints", "sd/v15.safetensors").read_text() == "data"

    def test_one_that_is_not_there_names_those_that_are(self, stocked: Files) -> None:
        with pytest.raises(MissingModel) as caught:
            stocked.model("checkpoints", "shapes64")

        assert str(caught.value) == (
            "there is no model 'shapes64' of kind 'checkpoints'; present: other.ckpt, sd/tiny, "
            "sd/v15.safetensors, shapes-64; did you mean 'shapes-64'?"
        )

    def test_a_kind_that_is_not_there(self, stocked: Files) -> None:
        with pytest.raises(MissingModel, match=r"present: \(none\)"):
            stocked.model("loras", "style")

    @pytest.mark.parametrize("name", ["../../secret.safetensors", "/etc/passwd", "notes.txt", "sd"])
    def test_no_way_out(self, stocked: Files, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret.safetensors").write_text("secret")

        with pytest.raises(MissingModel):
            stocked.model("checkpoints", name)

    def test_folders_that_go_in_circles(self, stocked: Files, tmp_path: Path) -> None:
        kinds = tmp_path / "models" / "checkpoints"
        for name in ("loop", "again"):
            (kinds / "sd" / name).symlink_to(kinds, target_is_directory=True)

        assert "sd/v15.safetensors" in stocked.models("checkpoints")


class TestDigests:
    """Digests of content, read again only when a file changed."""

    def test_content_is_what_counts(self, files: Files, tmp_path: Path) -> None:
        for name, content in (("a", "same"), ("b", "same"), ("c", "other")):
            (tmp_path / name).write_text(content)

        found = [files.digest(tmp_path / name) for name in "abc"]

        assert found[0] == found[1] != found[2]

    def test_a_changed_file(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("one")
        before = files.digest(tmp_path / "a")

        (tmp_path / "a").write_text("another")

        assert files.digest(tmp_path / "a") != before

    def test_an_empty_file(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        (tmp_path / "full").write_text("x")

        assert files.digest(tmp_path / "empty") != files.digest(tmp_path / "full")

    def test_a_folder_is_its_names_and_contents(self, files: Files, tmp_path: Path) -> None:
        def folder(name: str, **content: str) -> str:
            (tmp_path / name).mkdir()
            for file, written in content.items():
                (tmp_path / name / file).write_text(written)
            return files.digest(tmp_path / name)

        base = folder("one", a="1", b="2")

        assert folder("two", a="1", b="2") == base
        assert folder("three", a="2", b="1") != base
        assert folder("four", a="1", c="2") != base
        assert folder("five", a="1") != base

    def test_documents_and_hidden_files_do_not_count(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "weights").write_text("1")
        before = files.digest(tmp_path / "model")

        for name in ("README.md", ".gitattributes"):
            (tmp_path / "model" / name).write_text("new")

        assert files.digest(tmp_path / "model") == before

    def test_a_path_that_is_not_there(self, files: Files, tmp_path: Path) -> None:
        with pytest.raises(NodeError, match=r"there is nothing at '.*gone'"):
            files.digest(tmp_path / "gone")


def test_a_local_context_reads_and_writes(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    ctx = Context.local(output_dir=tmp_path / "out", input_dir=tmp_path)

    ctx.progress(1, 2)
    ctx.preview(None)
    ctx.check_cancelled()
    path = ctx.files.save("copy", ".txt", text(ctx.files.input("note.txt").read_text()))

    assert path.read_text() == "hello"
    assert not ctx.wants_preview
    assert ctx.files.metadata == {}
    assert ctx.files.output_dir == tmp_path / "out"
