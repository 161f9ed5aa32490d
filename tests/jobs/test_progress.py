"""One number for how far a job is."""

from hypothesis import given
from hypothesis import strategies as st

from nodegraph.jobs.progress import Progress, weight_of


def test_nodes_weigh_their_steps() -> None:
    progress = Progress()
    progress.plan([("model", "Load", 1), ("sample", "KSampler", 18), ("save", "Save", 1)])
    progress.started("model", "Load")
    progress.settled("model")
    progress.started("sample", "KSampler")
    progress.stepped("sample", 9, 18)

    assert progress.snapshot() == {
        "value": 0.5,
        "nodes_done": 1,
        "nodes_total": 3,
        "current_node": "sample",
        "current_node_class": "KSampler",
        "step": 9,
        "steps": 18,
        "message": "KSampler 9/18",
    }


def test_what_is_not_planned_does_not_count() -> None:
    progress = Progress()
    progress.plan([("a", "A", 1)])
    progress.settled("not needed")
    progress.stepped("nothing", 1, 2)

    assert progress.snapshot()["value"] == 0.0
    assert progress.snapshot()["nodes_done"] == 0


def test_nodes_that_nodes_make_add_to_the_whole_and_nothing_goes_back() -> None:
    progress = Progress()
    progress.plan([("a", "A", 1), ("b", "B", 1)])
    progress.started("a", "A")
    progress.settled("a")
    assert progress.snapshot()["value"] == 0.5
    progress.started("b/1", "C")

    made = progress.snapshot()

    assert (made["nodes_total"], made["value"]) == (3, 0.5)


def test_nothing_to_do_is_no_division_by_zero() -> None:
    assert Progress().snapshot()["value"] == 0.0


def test_weights_are_of_plain_steps_only() -> None:
    assert weight_of({"steps": 20}) == 20
    for odd in (0, -1, True, "20", 1e9, 10**9, {"node": "x"}, None):
        assert weight_of({"steps": odd}) == 1
    assert weight_of({}) == 1


@given(st.data())
def test_it_never_goes_back_and_never_leaves_0_to_1(data: st.DataObject) -> None:
    progress = Progress()
    names = [f"n{i}" for i in range(5)]
    progress.plan([(name, "T", data.draw(st.integers(1, 50))) for name in names])
    last = 0.0
    for _ in range(30):
        name = data.draw(st.sampled_from([*names, "other"]))
        match data.draw(st.integers(0, 2)):
            case 0:
                progress.started(name, "T")
            case 1:
                progress.stepped(name, data.draw(st.integers(-2, 9)), data.draw(st.integers(-1, 7)))
            case 2:
                progress.settled(name)
        value = progress.snapshot()["value"]
        assert last <= value <= 1.0
        last = value
