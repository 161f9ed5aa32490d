"""`nodegraph serve`: what the words on the command line come to. That it serves: tests/server."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph.cli.failures import UsageError
from nodegraph.cli.places import Places
from nodegraph.cli.serve import Given, _options
from nodegraph.cli.shell import Shell
from nodegraph.cli.sizes import read_duration
from nodegraph.server.serving import ServeOptions
from tests.cli.command import Run
from tests.cli.tiny import open_tiny

TOKEN = "0123456789abcdef"


def options(data: Path, **given: Any) -> ServeOptions:
    """What is served for some of the options."""
    shell = Shell(open_tiny, json=False)
    shell.data = data
    plain: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 8188,
        "token": None,
        "database": None,
        "device": "auto",
        "dtype": "auto",
        "front_end": None,
        "allow_host": None,
        "allow_origin": None,
        "private_webhooks": False,
        "queue_limit": 1000,
        "attempts": 1,
        "max_age": None,
        "max_bytes": None,
        "retry_interrupted": False,
        "finish": False,
        "log_format": "text",
        "log_level": "info",
    }
    return _options(shell, Given(**(plain | given)))


def test_every_option_arrives(tmp_path: Path) -> None:
    front = tmp_path / "front"
    front.mkdir()
    (front / "index.html").touch()

    made = options(
        tmp_path,
        host="::1",
        port=99,
        database="postgresql://x/y",
        device="cuda:1",
        dtype="float16",
        front_end=front,
        allow_host=("studio.example",),
        allow_origin=("https://studio.example",),
        private_webhooks=True,
        queue_limit=7,
        attempts=3,
        max_age="2d",
        max_bytes="1GiB",
        retry_interrupted=True,
        finish=True,
        log_format="json",
        log_level="debug",
        places=Places((tmp_path,)),
    )

    assert (made.settings.host, made.settings.port) == ("::1", 99)
    assert made.settings.front_end == front
    assert made.settings.allowed_hosts == {"studio.example"}
    assert made.settings.allowed_origins == {"https://studio.example"}
    assert made.settings.private_webhooks
    assert (made.data, made.database) == (tmp_path, "postgresql://x/y")
    assert (made.device, made.dtype) == ("cuda:1", "float16")
    assert (made.queue_limit, made.max_attempts) == (7, 3)
    assert (made.max_age, made.max_bytes) == (2 * 86400, 2**30)
    assert made.retry_interrupted
    assert made.finish
    assert (made.log_format, made.log_level) == ("json", "DEBUG")
    assert [*made.model_dirs] == [tmp_path]


@pytest.mark.parametrize(
    ("text", "user", "token"),
    [
        (TOKEN, "local", TOKEN),
        (f"ann={TOKEN}", "ann", TOKEN),
        (f"{TOKEN}==", "local", f"{TOKEN}=="),
        (f"ann={TOKEN}==", "ann", f"{TOKEN}=="),
    ],
)
def test_a_token_may_have_a_name(tmp_path: Path, text: str, user: str, token: str) -> None:
    settings = options(tmp_path, token=(text,)).settings

    assert settings.user(token) == user
    assert settings.user("another token altogether") is None
    assert token not in repr(settings)


@pytest.mark.parametrize(
    "origin", ["studio.example", "https://a/b", "null", "*", "ftp://x", "https://"]
)
def test_an_origin_must_be_one(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="takes the origin of a web page"):
        options(tmp_path, allow_origin=(origin,))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1.5h", 5400), ("2 d", 172_800), ("10M", 600), ("1w", 604_800)],
)
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert read_duration(text, "--max-age") == seconds


@pytest.mark.parametrize("text", ["", "d", "-1d", "1 year", "1e3", "inf"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--max-age takes a time"):
        read_duration(text, "--max-age")


def test_no_time_is_none() -> None:
    assert read_duration(None, "--max-age") is None


def test_the_help_names_every_option_but_those_for_tests(run: Run) -> None:
    done = run("serve", "--help")

    assert done.code == 0
    assert "--retry-interrupted" in done.out
    assert "--pack" not in done.out


def test_json_is_for_commands_that_end(run: Run) -> None:
    done = run("serve", "--json")

    assert done.code == 2
    assert "No such option" in done.error["message"]
