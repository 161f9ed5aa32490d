"""What an import brings in."""

from checks.loads import loaded_by


def test_only_suspects_that_were_loaded_are_named() -> None:
    assert loaded_by("wsgiref.util", ["turtle", "wsgiref"]) == ["wsgiref"]
