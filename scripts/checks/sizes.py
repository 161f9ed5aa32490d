"""The size budget: no file over 400 lines, no function over 60."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILE_LINES", "FUNCTION_LINES", "Size", "Sizes", "measure", "over_budget", "percentile"]

FILE_LINES = 400
FUNCTION_LINES = 60


@dataclass(frozen=True)
class Size:
    """A file or function and its number of lines."""

    where: str
    lines: int


@dataclass(frozen=True)
class Sizes:
    """Every file and every function below one folder."""

    folder: str
    files: tuple[Size, ...]
    functions: tuple[Size, ...]


def measure(root: Path, folder: str) -> Sizes:
    """The size of each Python file and function in `root / folder`.

    A function counts from its `def` to its last line, docstring and nested functions included.
    """
    files: list[Size] = []
    functions: list[Size] = []
    for path in sorted((root / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        files.append(Size(name, len(text.splitlines())))
        functions += _functions(name, ast.parse(text, name))
    return Sizes(folder, tuple(files), tuple(functions))


def over_budget(sizes: Sizes) -> list[str]:
    """One line for each file and function that is too long, the longest first."""
    budgets = ((sizes.files, FILE_LINES), (sizes.functions, FUNCTION_LINES))
    return [
        f"{size.where} has {size.lines} lines, the budget is {budget}"
        for measured, budget in budgets
        for size in sorted(measured, key=lambda size: -size.lines)
        if size.lines > budget
    ]


def percentile(sizes: Sequence[Size], percent: int) -> int:
    """The smallest number of lines that `percent` in 100 of the sizes do not exceed; 0 if none."""
    lines = sorted(size.lines for size in sizes)
    return lines[max(0, -(-len(lines) * percent // 100) - 1)] if lines else 0


def _functions(name: str, tree: ast.Module) -> Iterator[Size]:
    for item in ast.walk(tree):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (item.end_lineno or item.lineno) - item.lineno + 1
            yield Size(f"{name}:{item.lineno} {item.name}()", lines)
