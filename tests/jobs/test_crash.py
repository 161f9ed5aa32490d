"""`kill -9` of servers and workers loses nothing; tests/jobs/crash.py tries it for longer."""

from pathlib import Path

import pytest

from tests.jobs.crash import Trial


@pytest.mark.slow
def test_nothing_is_lost_in_25_kills(tmp_path: Path) -> None:
    trial = Trial(tmp_path / "data", seed=25)

    assert trial.run(25) == []

    assert min(trial.kills.values()) > 5
    assert len(trial.accepted) > 25
    assert sum(end["status"] == "succeeded" for end in trial.ends.values()) > 10
