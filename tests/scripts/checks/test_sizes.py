"""The size budget, on files made to break it."""

from pathlib import Path

import pytest

from checks.sizes import FILE_LINES, FUNCTION_LINES, Size, measure, over_budget, percentile


def test_a_function_counts_its_docstring_and_what_is_nested_in_it(tmp_path: Path) -> None:
    source = '@cache\ndef outer():\n    """One\n    two."""\n    def inner():\n        pass\n'
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "module.py").write_text(source)

    sizes = measure(tmp_path, "pack")

    assert sizes.files == (Size("pack/module.py", 6),)
    assert sizes.functions == (
        Size("pack/module.py:2 outer()", 5),
        Size("pack/module.py:5 inner()", 2),
    )


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_function_over_the_budget_is_named(tmp_path: Path, kind: str) -> None:
    body = "    pass\n" * FUNCTION_LINES
    (tmp_path / "long.py").write_text(f"{kind} endless():\n{body}")

    problems = over_budget(measure(tmp_path, "."))

    assert problems == ["long.py:1 endless() has 61 lines, the budget is 60"]


def test_a_file_over_the_budget_is_named(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * (FILE_LINES + 1))

    assert over_budget(measure(tmp_path, ".")) == ["long.py has 401 lines, the budget is 400"]


def test_what_is_exactly_on_budget_passes(tmp_path: Path) -> None:
    function = "def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)
    (tmp_path / "full.py").write_text(function + "x = 1\n" * (FILE_LINES - FUNCTION_LINES))

    assert over_budget(measure(tmp_path, ".")) == []


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 10), (25, 10), (50, 20), (51, 30), (95, 40), (100, 40)]
)
def test_percentiles_are_of_the_sizes_themselves(percent: int, expected: int) -> None:
    sizes = [Size("", lines) for lines in (30, 10, 40, 20)]

    assert percentile(sizes, percent) == expected


def test_no_sizes_have_no_lines() -> None:
    assert percentile([], 50) == 0
