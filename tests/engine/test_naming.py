"""Names of result files: counters, dates, values of nodes, and no way out of the folder."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodegraph.engine.naming import NameContext, resolve_pattern

NOW = datetime(2026, 3, 4, 5, 6, 7)
INPUTS: dict[str, dict[str, object]] = {
    "sample": {"seed": 42, "cfg": 7.5, "name": "a/b:c", "model": {"node": "model"}},
    "positive": {"text": "x" * 300},
    "up": {"text": "../../..", "dots": ".."},
    "odd": {"text": "{counter:9999} {counter", "empty": "", "flag": False},
}


def named(pattern: str, root: Path, attempt: int = 0, suffix: str = ".png") -> str:
    path = resolve_pattern(pattern, suffix, root, NameContext(INPUTS, NOW))(attempt)
    return str(path.relative_to(root))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("picture", "picture_00001.png"),
        ("", "00001.png"),
        ("{counter}", "00001.png"),
        ("{counter:3}", "001.png"),
        ("{counter:0}", "1.png"),
        ("{counter:99}", "000000000001.png"),
        ("a{counter:2}b", "a01b.png"),
        ("{counter}-{counter}", "00001-.png"),
        ("folder/", "folder/00001.png"),
        ("folder/picture", "folder/picture_00001.png"),
        ("a/../b", "a/../b_00001.png"),
        ("{date}", "2026-03-04_00001.png"),
        ("{date:%Y}/{date:%m}/x", "2026/03/x_00001.png"),
        ("{time}", "050607_00001.png"),
        ("{time:%H:%M}", "05_06_00001.png"),
        ("{sample.seed}", "42_00001.png"),
        ("{sample.cfg}", "7.5_00001.png"),
        ("{sample.name}", "a_b_c_00001.png"),
        ("{odd.flag}", "False_00001.png"),
        ("{odd.empty}", "00001.png"),
        ("{odd.text}", "{counter_9999} {counter_00001.png"),
        ("..", ".._00001.png"),
        ("{up.text}/x", ".._.._../x_00001.png"),
        ("größe 🎨", "größe 🎨_00001.png"),
        ('a<b>c"d|e?f*g\\h:i\x00j', "a_b_c_d_e_f_g_h_i_j_00001.png"),
        ("{counter:}", "00001.png"),
        ("x{counter", "x{counter_00001.png"),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, name: str) -> None:
    assert named(pattern, tmp_path) == name


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    assert named("{positive.text}", tmp_path) == "x" * 80 + "_00001.png"


def test_attempts_count_on(tmp_path: Path) -> None:
    assert [named("a", tmp_path, i) for i in range(3)] == [
        "a_00001.png",
        "a_00002.png",
        "a_00003.png",
    ]


def test_the_counter_goes_on_after_the_highest(tmp_path: Path) -> None:
    for name in ("a_00003.png", "a_00010.png", "a_x.png", "b_00099.png", "a_00050.jpg", "a_.png"):
        (tmp_path / name).touch()

    assert named("a", tmp_path) == "a_00011.png"
    assert named("b", tmp_path) == "b_00100.png"
    assert named("a", tmp_path, suffix=".jpg") == "a_00051.jpg"


def test_a_counter_that_grew_over_its_width(tmp_path: Path) -> None:
    (tmp_path / "a_100000.png").touch()

    assert named("a", tmp_path) == "a_100001.png"


def test_names_with_signs_of_regular_expressions(tmp_path: Path) -> None:
    (tmp_path / "a+(b)_00004.png").touch()

    assert named("a+(b)", tmp_path) == "a+(b)_00005.png"


@pytest.mark.parametrize(
    "pattern",
    [
        "../x",
        "a/../../x",
        "/etc/x",
        "../",
        "{up.dots}/x",
        "link/x",
        "{counter}/../../x",
    ],
)
def test_no_way_out_of_the_folder(tmp_path: Path, pattern: str) -> None:
    root = tmp_path / "out"
    root.mkdir()
    (root / "link").symlink_to(tmp_path, target_is_directory=True)

    with pytest.raises(NodeError) as caught:
        named(pattern, root)

    assert str(caught.value) == f"the file name '{pattern}' leads out of the output folder"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{sample.sed}", "unknown value {sample.sed}; did you mean {sample.seed}?"),
        ("{count}", "unknown value {count}; did you mean {counter}?"),
        ("{counter:x}", "the width of {counter:x} must be a number"),
        ("{date:\ud800}", "the file name pattern has a bad {date:\ud800}"),
        ("{sample.model}", "unknown value {sample.model}: that input is linked, a list or empty"),
        ("{sampel.model}", "unknown value {sampel.model}"),
        ("{zzz}", "unknown value {zzz}"),
        ("{sample}", "unknown value {sample}"),
        ("{}", "unknown value {}"),
    ],
)
def test_values_that_are_not_there(tmp_path: Path, pattern: str, message: str) -> None:
    with pytest.raises(NodeError) as caught:
        named(pattern, tmp_path)

    assert message in str(caught.value)


@pytest.mark.parametrize("pattern", ["{sample.model}", "{sampel.modl}", "{odd.none}", "{odd.list}"])
def test_what_has_no_text_is_never_the_hint(tmp_path: Path, pattern: str) -> None:
    inputs: dict[str, dict[str, object]] = {
        "sample": {"model": {"node": "model"}},
        "odd": {"none": None, "list": [1]},
    }

    with pytest.raises(NodeError) as caught:
        resolve_pattern(pattern, ".png", tmp_path, NameContext(inputs, NOW))

    assert "did you mean" not in str(caught.value)


@given(st.text(alphabet=st.sampled_from("ab./\\{}:0 counterdate%Y-~*\0\n")))
def test_any_pattern_gives_a_name_inside_or_says_why_not(pattern: str) -> None:
    root = Path("/nowhere/out")
    try:
        path = resolve_pattern(pattern, ".png", root, NameContext(INPUTS, NOW))(0)
    except NodeError:
        return

    assert path.resolve().is_relative_to(root)
    assert not re.search(r'[\0-\x1f<>:"|?*\\]', str(path))
    assert path.name.endswith(".png")
