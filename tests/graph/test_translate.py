"""Texts of packs in other languages: found without importing them, English where there are none."""

import json
import sys
from pathlib import Path

import pytest

from nodegraph import node
from nodegraph.graph.registry import Registry
from nodegraph.graph.schema import describe
from nodegraph.graph.translate import Locale, load_locale, texts_of, translated


@node(category="draw/line")
def stroke(width: int = 1, ink: int = 2) -> int:
    """Draw a stroke.

    Args:
        width: in pixels.
        ink: how much.
    """
    return width


PACK = stroke.__module__.partition(".")[0]
DESCRIPTION = describe(Registry([stroke]))


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack that must not be imported."""
    folder = tmp_path / "strokes_pack"
    (folder / "locales").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    return folder / "locales"


def test_a_pack_is_not_imported_for_its_texts(pack: Path) -> None:
    (pack / "de.json").write_text(json.dumps({"nodes": {"Stroke": "Strich"}}))

    found = load_locale("strokes_pack", "de")

    assert found == Locale(nodes={"Stroke": "Strich"})
    assert "strokes_pack" not in sys.modules
    assert load_locale("strokes_pack", "fr") is None
    assert load_locale("no_such_pack", "de") is None


@pytest.mark.parametrize("language", ["../de", "de/../de", "", "DE", "de.json"])
def test_what_is_no_language_names_no_file(pack: Path, language: str) -> None:
    (pack / "de.json").write_text("{}")

    assert load_locale("strokes_pack", language) is None


@pytest.mark.parametrize("text", ["[]", "{", '{"nodes": {"Stroke": 3}}', '{"titles": {}}'])
def test_a_broken_catalogue_is_named(pack: Path, text: str) -> None:
    (pack / "de.json").write_text(text)

    with pytest.raises(ValueError, match=r"de\.json"):
        load_locale("strokes_pack", "de")


def test_what_is_not_translated_or_was_changed_since_stays_english() -> None:
    texts = {"Draw a line.": "Eine Linie ziehen.", "in pixels.": "in Pixeln."}
    names = {"width": "Breite", "Stroke.ink": "Tinte", "Other.width": "Weite"}
    made = translated(DESCRIPTION, {PACK: Locale(names=names, texts=texts)})

    (schema,) = made["nodes"]
    assert schema["display_name"] == "Stroke"
    assert schema["description"] == "Draw a stroke."
    width, ink = schema["inputs"]
    assert (width["label"], width["help"]) == ("Breite", "in Pixeln.")
    assert (ink["label"], ink["help"]) == ("Tinte", "how much.")
    assert width["name"] == "width"
    assert "label" not in DESCRIPTION["nodes"][0]["inputs"][0]


def test_all_that_can_be_translated() -> None:
    assert texts_of(DESCRIPTION, PACK) == Locale(
        nodes={"Stroke": "Stroke"},
        names={"width": "width", "ink": "ink", "int": "int"},
        categories={"draw": "draw", "draw/line": "line"},
        texts={text: text for text in ("Draw a stroke.", "in pixels.", "how much.")},
    )
