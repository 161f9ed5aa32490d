"""Tokens: made once, kept as hashes, good while they are in the file."""

import json
import stat
from pathlib import Path

import pytest

from nodegraph.cli.app import main
from nodegraph.server.security import OpenServer, refuse_open
from nodegraph.server.settings import Settings
from nodegraph.server.tokens import TOKENS_FILE, TokenBook, TokenError, TokenFile


def test_a_token_is_kept_as_a_hash_that_only_the_owner_reads(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "deep" / "tokens.json", clock=lambda: 5.0)
    token = file.add("ann")
    assert len(token) > 40
    assert token not in file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [(entry.name, entry.created_at) for entry in file.entries()] == [("ann", 5.0)]
    assert file.add("bob") != token
    assert Settings(tokens=TokenBook(file, {})).user(token) == "ann"
    assert [path.name for path in file.path.parent.iterdir()] == ["tokens.json"]


@pytest.mark.parametrize("name", ["", "Ann", "../x", "a b", "a\n", "@nobody", "é", "x" * 33, "a/b"])
def test_a_name_is_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(TokenError, match="no name for a token"):
        TokenFile(tmp_path / "tokens.json").add(name)


def test_a_name_has_one_token(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    file.add("ann")
    with pytest.raises(TokenError, match="already"):
        file.add("ann")
    file.remove("ann")
    with pytest.raises(TokenError, match="there are: \\(none\\)"):
        file.remove("ann")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"tokens": 1}',
        '{"tokens": [{"name": "ann"}]}',
        '{"tokens": [{"name": "../x", "digest": "%s", "created_at": 1}]}' % ("a" * 64),
        '{"tokens": [{"name": "ann", "digest": "", "created_at": 1}]}',
        "\udcff",
    ],
)
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TokenError):
        TokenBook(TokenFile(path), {})
    with pytest.raises(TokenError):
        TokenFile(path).add("ann")
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_a_running_server_sees_what_changes(tmp_path: Path) -> None:
    now = [0.0]
    file = TokenFile(tmp_path / "tokens.json")
    first = file.add("ann")
    digest = Settings.digest_of("given at the start")
    settings = Settings(tokens=TokenBook(file, {digest: "local"}, clock=lambda: now[0]))
    second = file.add("bob")
    assert settings.user(second) is None  # looked at a moment ago
    now[0] = 1.0
    assert settings.user(second) == "bob"
    file.remove("ann")
    now[0] = 2.0
    assert settings.user(first) is None
    file.path.write_text("{")
    now[0] = 3.0
    assert settings.user(second) is None
    assert settings.user("given at the start") == "local"


def test_other_machines_are_served_with_tokens_only() -> None:
    tokens = {Settings.digest_of("x" * 16): "ann"}
    for host in ("127.0.0.1", "localhost", "::1"):
        refuse_open(Settings(host=host))
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        with pytest.raises(OpenServer, match="token"):
            refuse_open(Settings(host=host))
        refuse_open(Settings(host=host, tokens=tokens))


def test_the_command_adds_lists_and_removes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    assert main(["token", "add", "ann", *data]) == 0
    token = capsys.readouterr().out.strip()
    book = TokenBook(TokenFile(tmp_path / TOKENS_FILE), {})
    assert Settings(tokens=book).user(token) == "ann"
    assert main(["token", "add", "ann", *data]) == 2
    assert "already" in capsys.readouterr().err
    assert main(["token", "list", "--json", *data]) == 0
    listed = json.loads(capsys.readouterr().out)["tokens"]
    assert [entry["name"] for entry in listed] == ["ann"]
    assert main(["token", "list", *data]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ann ")
    assert token not in out
    assert main(["token", "add", "bob", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "bob"
    assert main(["token", "remove", "ann", *data]) == 0
    assert main(["token", "remove", "bob", "--json", *data]) == 0
    assert main(["token", "remove", "ann", *data]) == 2
    capsys.readouterr()
    assert main(["token", "list", *data]) == 0
    assert "there are no tokens" in capsys.readouterr().err
