"""A list where a node takes one value: the node is run for each element."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nodegraph import CancelToken, Workflow, node
from tests.engine.arithmetic import Log, Parts, arithmetic
from tests.engine.lab import Lab, ran, statuses
from tests.graph.shapes import at, flow, use


def test_once_for_each_element(lab: Lab, log: Log) -> None:
    made = flow(n=use("Numbers", count=3), a=use("Add", a=at("n"), b=10))

    assert lab.value(made, "a") == [10, 11, 12]
    assert log == ["numbers 3", "add 0 10", "add 1 10", "add 2 10"]


def test_several_lists_go_side_by_side(lab: Lab) -> None:
    made = flow(n=use("Numbers", count=3), a=use("Add", a=at("n"), b=at("n")))

    assert lab.value(made, "a") == [0, 2, 4]


def test_a_list_of_one_goes_with_every_element(lab: Lab) -> None:
    made = flow(
        one=use("Numbers", count=1),
        many=use("Numbers", count=3),
        first=use("Add", a=at("one"), b=at("many")),
        second=use("Add", a=at("many"), b=at("one")),
        sum=use("Add", a=at("first"), b=at("second")),
    )

    assert lab.value(made, "sum") == [0, 2, 4]


def test_lists_of_other_lengths_are_an_error(lab: Lab) -> None:
    made = flow(
        two=use("Numbers", count=2),
        three=use("Numbers", count=3),
        a=use("Add", a=at("two"), b=at("three")),
    )

    report = lab.run(made, "a")

    (failure,) = report.errors
    assert failure.message == ("the lists it is run over differ in length: 'a' has 2, 'b' has 3")
    assert statuses(report)["a"] == "failed"


@pytest.mark.parametrize(("other", "value"), [(0, []), (1, [])])
def test_nothing_in_nothing_out(lab: Lab, log: Log, other: int, value: list[int]) -> None:
    made = flow(
        none=use("Numbers", count=0),
        others=use("Numbers", count=other),
        a=use("Add", a=at("none"), b=at("others")),
        t=use("Total", values=at("a")),
    )

    assert lab.value(made, "t") == 0
    assert not [call for call in log if call.startswith("add")]


def test_nothing_beside_several_is_an_error(lab: Lab) -> None:
    made = flow(
        none=use("Numbers", count=0),
        two=use("Numbers", count=2),
        a=use("Add", a=at("none"), b=at("two")),
    )

    assert "'a' has 0, 'b' has 2" in lab.run(made, "a").errors[0].message


def test_every_output_becomes_a_list(lab: Lab) -> None:
    made = flow(
        n=use("Numbers", count=12),
        d=use("Digits", value=at("n")),
        tens=use("Total", values=at("d.tens")),
        ones=use("Total", values=at("d.ones")),
    )

    report = lab.run(made, "tens", "ones", keep=["tens", "ones"])

    assert report.values == {"tens": (2,), "ones": (46,)}


def test_no_elements_give_a_list_for_every_output(lab: Lab) -> None:
    made = flow(
        n=use("Numbers", count=0),
        d=use("Digits", value=at("n")),
        tens=use("Total", values=at("d.tens")),
        ones=use("Total", values=at("d.ones")),
    )

    assert lab.run(made, "tens", "ones", keep=["ones"]).values == {"ones": (0,)}


def test_lists_of_lists_are_joined(lab: Lab) -> None:
    made = flow(
        n=use("Numbers", count=4), m=use("Numbers", count=at("n")), t=use("Total", values=at("m"))
    )

    assert lab.value(made, "m") == [0, 0, 1, 0, 1, 2]
    assert lab.value(made, "t") == 4


def test_a_single_value_goes_with_a_mapped_one(lab: Lab) -> None:
    made = flow(
        k=use("Number", value=7),
        n=use("Numbers", count=2),
        a=use("Add", a=at("n"), b=at("k")),
    )

    assert lab.value(made, "a") == [7, 8]


def test_a_mapped_node_is_reused_as_a_whole(lab: Lab, log: Log) -> None:
    def made(count: int) -> Workflow:
        return flow(n=use("Numbers", count=count), a=use("Add", a=at("n"), b=1))

    lab.run(made(3), "a")
    log.clear()
    assert ran(lab.run(made(3), "a")) == set()

    assert lab.value(made(4), "a") == [1, 2, 3, 4]


def test_effect_nodes_are_mapped_too(lab: Lab, log: Log) -> None:
    @node(effect=True)
    def tell(value: int) -> None:
        log.append(f"tell {value}")

    lab.registry.add([tell])

    report = lab.run(flow(n=use("Numbers", count=2), t=use("Tell", value=at("n"))))

    assert report.status == "succeeded"
    assert log == ["numbers 2", "tell 0", "tell 1"]


def test_async_nodes_are_mapped_too(tmp_path: Path) -> None:
    @node()
    async def double(value: int) -> Parts:
        return Parts(value, 2 * value)

    lab = Lab(tmp_path, [double, *arithmetic(Log())])
    made = flow(
        n=use("Numbers", count=3),
        d=use("Double", value=at("n")),
        t=use("Total", values=at("d.ones")),
    )

    assert lab.value(made, "t") == 6


def test_elements_of_a_changed_type_are_refused(tmp_path: Path) -> None:
    @node()
    def odd(value: int) -> int:
        return value if value < 2 else "two"  # type: ignore[return-value]

    lab = Lab(tmp_path, [odd, *arithmetic(Log())])

    report = lab.run(flow(n=use("Numbers", count=4), o=use("Odd", value=at("n"))), "o")

    assert report.errors[0].message == "its output 'int' must be int, it returned str"


def test_a_failing_element_fails_the_node(tmp_path: Path) -> None:
    log = Log()

    @node()
    def inverse(value: int) -> float:
        log.append(f"inverse {value}")
        return 1 / (value - 1)

    lab = Lab(tmp_path, [inverse, *arithmetic(Log())])

    report = lab.run(flow(n=use("Numbers", count=4), i=use("Inverse", value=at("n"))), "i")

    assert report.errors[0].message == "ZeroDivisionError: division by zero"
    assert log == ["inverse 0", "inverse 1"]


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_cancelling_between_elements(tmp_path: Path, kind: str) -> None:
    token = CancelToken()
    seen: list[int] = []

    def look(value: int) -> int:
        seen.append(value)
        if value == 1:
            token.cancel()
        return value

    @node(name="Look")
    def plain(value: int) -> int:
        return look(value)

    @node(name="Look")
    async def waiting(value: int) -> int:
        return look(value)

    used: Sequence[object] = [plain] if kind == "plain" else [waiting]
    lab = Lab(tmp_path, arithmetic(Log()))
    lab.registry.add(used)

    report = lab.run(
        flow(n=use("Numbers", count=5), o=use("Look", value=at("n"))), "o", cancel=token
    )

    assert statuses(report) == {"n": "ran", "o": "canceled"}
    assert seen == [0, 1]
