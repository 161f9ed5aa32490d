"""The commands' own words."""

import pytest

import evaluate_shapes
import train_shapes


@pytest.mark.parametrize("command", [train_shapes, evaluate_shapes])
def test_help_explains(command: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        command.parse(["--help"])  # type: ignore[attr-defined]
    assert "built-in model" in capsys.readouterr().out


def test_an_unknown_stage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        train_shapes.parse(["vea"])
    assert "no such stage: vea; the stages are vae, text" in capsys.readouterr().err


def test_a_plan_is_the_recipe_unless_told() -> None:
    plan = train_shapes.plan_for("unet", train_shapes.parse(["unet", "--steps", "5"]))
    assert (plan.steps, plan.batch, plan.name) == (5, 32, "unet")
