"""Print the sizes and everything that breaks a rule; exit 1 if anything does."""

import sys
from pathlib import Path

from checks.imports import HEAVY, violations
from checks.loads import loaded_by
from checks.sizes import Sizes, measure, over_budget, percentile
from checks.web import incomplete_lock, known_nodes, measure_web, node_names

FOLDERS = ("nodegraph", "nodes", "scripts", "tests", "benchmarks")
WEB = ("web/src", "web/tests")


def main() -> int:
    """Check the repository this file is in."""
    root = Path(__file__).resolve().parents[2]
    sizes = [measure(root, folder) for folder in FOLDERS if (root / folder).is_dir()]
    sizes += [measure_web(root, folder) for folder in WEB]
    _print_table(sizes)
    problems = [line for measured in sizes for line in over_budget(measured)]
    problems += violations(root)
    problems += [f"`import nodegraph` loads {name}" for name in loaded_by("nodegraph", HEAVY)]
    problems += known_nodes(root, "web/src", node_names())
    problems += incomplete_lock(root / "web" / "package-lock.json")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _print_table(sizes: list[Sizes]) -> None:
    print(f"{'lines':<12}{'files':>7}{'median':>8}{'95 %':>6}{'most':>6}", end="")
    print(f"{'functions':>12}{'median':>8}{'95 %':>6}{'most':>6}")
    for folder in sizes:
        figures = [
            f"{len(measured):>{width}}"
            f"{percentile(measured, 50):>8}{percentile(measured, 95):>6}"
            f"{percentile(measured, 100):>6}"
            for measured, width in ((folder.files, 7), (folder.functions, 12))
        ]
        print(f"{folder.folder:<12}{''.join(figures)}")


if __name__ == "__main__":
    sys.exit(main())
