"""The files in `deploy/` against the program they start."""

import json
import re
import shlex
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from nodegraph.cli.app import main

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture
def unit() -> RawConfigParser:
    parser = RawConfigParser(strict=False)  # some settings may be given several times
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "nodegraph.service")
    return parser


def known_options(capsys: pytest.CaptureFixture[str]) -> set[str]:
    main(["serve", "--help"])
    return set(re.findall(r"--[a-z-]+", capsys.readouterr().out))


def test_the_unit_starts_what_there_is(
    unit: RawConfigParser, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(unit["Service"]["ExecStart"])

    assert words[1] == "serve"
    assert {word for word in words if word.startswith("--")} <= known_options(capsys)


def test_the_unit_is_no_root_and_gains_nothing(unit: RawConfigParser) -> None:
    service = unit["Service"]

    assert service["User"] not in ("", "root", "0")
    assert service["CapabilityBoundingSet"] == ""
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["KillMode"] == "mixed"


@pytest.mark.system("systemd-analyze", "systemd")
def test_systemd_knows_every_setting(tmp_path: Path) -> None:
    text = (DEPLOY / "nodegraph.service").read_text()
    path = tmp_path / "nodegraph.service"
    path.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text))

    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)

    assert "Unknown" not in done.stderr
    assert "nodegraph.service:" not in done.stderr


def test_the_image_is_no_root_and_asks_for_its_health(capsys: pytest.CaptureFixture[str]) -> None:
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    last = text.rpartition("\nFROM ")[2]
    lines = dict(line.split(" ", 1) for line in last.splitlines() if " " in line)
    words = json.loads(lines["ENTRYPOINT"])

    assert lines["USER"].split(":")[0] not in ("", "root", "0")
    assert "/api/v2/health" in lines["HEALTHCHECK"]
    assert words[:2] == ["nodegraph", "serve"]
    assert {word for word in words if word.startswith("--")} <= known_options(capsys)


def test_the_image_copies_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [
        name for line in re.findall(r"(?m)^COPY (?!--)(.*) \S+$", text) for name in line.split()
    ]

    assert "pyproject.toml" in copied
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
