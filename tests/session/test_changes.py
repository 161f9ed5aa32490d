"""A workflow may be changed between two runs in any way; plans are not reused wrongly."""

from pathlib import Path

import pytest

from nodegraph import (
    InvalidWorkflow,
    Session,
    Workflow,
)
from nodegraph.graph.workflow import OutputRef
from tests.graph.shapes import at, use
from tests.session.kit import sample, session_total, txt2txt


class TestChangedByHand:
    """A workflow may be changed between two runs in any way; plans are not reused wrongly."""

    def test_an_output_added(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.outputs["again"] = OutputRef(node="sample", output="str")

        assert session.run(made)["again"] == "a circle 7 2"

    def test_an_output_replaced(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)
        made.add(sample, id="other", prompt="other")

        made.outputs["text"] = OutputRef(node="other")

        assert session.run(made)["text"] == "other 0 2"

    def test_an_output_turned_to_another_node(self, session: Session) -> None:
        made = txt2txt()
        made.add(sample, id="other", prompt="other")
        session.run(made)

        made.outputs["text"] = OutputRef(node="other")
        assert session.run(made)["text"] == "other 0 2"
        made.outputs["text"].node = "sample"
        assert session.run(made)["text"] == "a circle 7 2"

    def test_a_body_that_was_broken(self, session: Session) -> None:
        asked = {"a": use("Ask", question="who?")}
        body = {"nodegraph": 1, "outputs": {"str": {"node": "a"}}, "nodes": asked}
        made = txt2txt(
            inputs={}, outputs={"text": {"node": "i"}}, nodes={"i": use("Inside", body=body)}
        )
        assert session.run(made)["text"] == "who?"

        made.nodes["i"].inputs["body"] = {**body, "nodes": {"a": use("Ask", question=3)}}

        with pytest.raises(InvalidWorkflow, match="expected str, got 3"):
            session.run(made)

    def test_a_literal_changed_in_place(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.nodes["sample"].inputs["seed"] = 8

        assert session.run(made)["text"] == "a circle 8 2"

    def test_a_literal_of_another_type_that_is_equal(self, session: Session) -> None:
        made = txt2txt()
        session.run(made, {"seed": 1})

        for value in (True, 1.0):
            with pytest.raises(InvalidWorkflow, match="expected int, got"):
                session.run(made, {"seed": value})

    def test_a_list_changed_in_place(self, session: Session) -> None:
        values = [1, 2]
        made = Workflow()
        made.add(session_total(session), id="t", values=values)
        made.outputs["sum"] = OutputRef(node="t")
        assert session.run(made)["sum"] == 3

        values.append(3)

        assert session.run(made)["sum"] == 6

    def test_a_link_turned(self, session: Session) -> None:
        made = txt2txt()
        made.add(sample, id="other", prompt="other")
        session.run(made)

        made.nodes["save"].inputs["text"] = at("other")

        (output,) = session.run(made).outputs
        assert Path(str(output.path)).read_text() == "other 0 2"

    def test_a_link_instead_of_a_literal(self, session: Session) -> None:
        made = txt2txt()
        made.nodes["save"].inputs["text"] = "plain"
        session.run(made)

        made.nodes["save"].inputs["text"] = at("sample")

        assert session.run(made)["text"] == "a circle 7 2"

    def test_another_type(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.nodes["sample"].type = "Ask"
        made.nodes["sample"].inputs = {"question": "who?"}

        assert session.run(made)["text"] == "who?"

    def test_a_node_removed(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        del made.nodes["save"]
        del made.outputs["file"]

        assert list(session.run(made).nodes) == ["sample"]

    def test_two_workflows_of_one_name(self, session: Session) -> None:
        one = txt2txt()
        two = txt2txt(nodes={"sample": use("Ask", question="who?"), "save": use("Show", value=1)})

        texts = [session.run(made)["text"] for made in (one, two, one, two)]

        assert texts == ["a circle 7 2", "who?"] * 2

    def test_a_file_that_came_and_went(self, session: Session, tmp_path: Path) -> None:
        folder = tmp_path / "data" / "input"
        folder.mkdir(parents=True)
        made = txt2txt(
            inputs={}, outputs={"text": {"node": "r"}}, nodes={"r": use("Read", name="a.txt")}
        )
        with pytest.raises(InvalidWorkflow, match="there is no input file"):
            session.run(made)

        (folder / "a.txt").write_text("hello")
        assert session.run(made)["text"] == "hello"
        (folder / "a.txt").unlink()

        with pytest.raises(InvalidWorkflow, match="there is no input file"):
            session.run(made)
