"""Secrets stay where they were written."""

import json
from pathlib import Path

from nodegraph import (
    Session,
)
from nodegraph.engine.cache import TieredCache
from nodegraph.engine.disk import DiskCache
from tests.graph.shapes import at, use
from tests.session.kit import txt2txt


def test_secrets_stay_out_of_files_names_and_documents(session: Session) -> None:
    made = txt2txt(
        inputs={},
        outputs={"text": {"node": "e"}},
        nodes={
            "a": use("Ask", question="who?", password="swordfish"),
            "e": use("Embedded"),
            "s": use("Show", value=at("a")),
        },
    )

    result = session.run(made)

    assert "swordfish" not in result["text"]
    assert "who?" in result["text"]
    assert "swordfish" not in json.dumps(result.to_dict())
    assert made.nodes["a"].inputs["password"] == "swordfish"


def test_a_file_name_may_not_hold_a_secret(session: Session) -> None:
    nodes = {
        "a": use("Ask", question="who?", password="swordfish"),
        "w": use("Write", text=at("a"), name="{a.question}-{a.password}"),
    }

    result = session.run(txt2txt(inputs={}, outputs={}, nodes=nodes))

    assert result.status == "failed"
    assert "unknown value {a.password}" in result.errors[0].message


def test_a_file_name_may_hold_a_default(session: Session) -> None:
    nodes = {
        "sample": use("Sample", prompt="x"),
        "w": use("Write", text=at("sample"), name="{sample.steps}-{sample.seed}"),
    }

    result = session.run(txt2txt(inputs={}, outputs={}, nodes=nodes))

    assert [Path(str(output.path)).name for output in result.outputs] == ["2-0_00001.txt"]


def test_secrets_are_not_written_to_the_disk(session: Session, tmp_path: Path) -> None:
    asked = {"a": use("Ask", question="who is there?", password="swordfish")}
    body = {"nodegraph": 1, "outputs": {"str": {"node": "a"}}, "nodes": asked}
    session.cache = TieredCache(2**20, disk=DiskCache(tmp_path / "data" / "cache", 2**20))

    for nodes in (asked, {"a": use("Inside", body=body)}):
        made = txt2txt(inputs={}, outputs={"text": {"node": "a"}}, nodes=nodes)
        assert session.run(made)["text"] == "who is there?"

    session.cache.flush()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"who is there?" in written
    assert b"swordfish" not in written
