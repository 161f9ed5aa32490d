"""Workflows with mistakes: a bounded round of `python -m tests.server.fuzz`."""

from pathlib import Path

from tests.server.fuzz import fuzz


def test_mutated_workflows_do_no_harm(tmp_path: Path) -> None:
    made = fuzz(tmp_path / "data", count=500, seed=7)

    assert sum(made.answers.values()) == 500
    assert len(made.accepted) > 20
    for path in ("/api/v2/jobs", "/prompt", "/api/editor/validate", "/api/editor/import"):
        assert len([name for name in made.answers if name.startswith(path)]) > 1, path
