"""The built-in pack in German: complete, and no entry for what is not there."""

import json

from nodegraph.graph.registry import Registry
from nodegraph.graph.schema import describe
from nodegraph.graph.translate import Locale, load_locale, texts_of, translated
from nodes import NODES

DESCRIPTION = describe(Registry(NODES))


def german() -> Locale:
    found = load_locale("nodes", "de")
    assert found is not None
    return found


def differing() -> dict[str, dict[str, list[str]]]:
    """For each part of the catalogue, which texts lack and which are of nothing."""
    wanted, found = texts_of(DESCRIPTION, "nodes"), german()
    parts = {}
    for part in ("nodes", "names", "categories", "texts"):
        keys, there = set(getattr(wanted, part)), set(getattr(found, part))
        own = {key for key in there if part == "names" and _is_of_a_node(key)}
        parts[part] = {"lack": sorted(keys - there), "stale": sorted(there - keys - own)}
    types = set(DESCRIPTION["wire_types"])
    parts["types"] = {
        "lack": sorted(types - set(found.types)),
        "stale": sorted(set(found.types) - types),
    }
    return parts


def _is_of_a_node(key: str) -> bool:
    name, _, port = key.partition(".")
    return any(
        node["name"] == name and port in [item["name"] for item in node["inputs"] + node["outputs"]]
        for node in DESCRIPTION["nodes"]
    )


def test_every_text_of_the_pack_is_there_in_german_and_no_other() -> None:
    left = {
        part: {what: keys for what, keys in found.items() if keys}
        for part, found in differing().items()
        if any(found.values())
    }
    assert not left, (
        "nodes/locales/de.json: `lack` is to be added, `stale` to be taken out\n"
        + json.dumps(left, ensure_ascii=False, indent=1)
    )


def test_nothing_is_empty_and_paragraphs_stay() -> None:
    found = german()
    for part in (found.nodes, found.names, found.categories, found.types, found.texts):
        assert all(text.strip() for text in part.values())
    for english, text in found.texts.items():
        assert text.count("\n\n") == english.count("\n\n"), english
        assert text.count("`") == english.count("`"), english


def test_a_node_reads_german_and_is_known_by_its_english_name() -> None:
    made = translated(DESCRIPTION, {"nodes": german()})

    sampler = next(node for node in made["nodes"] if node["name"] == "KSampler")
    steps = next(item for item in sampler["inputs"] if item["name"] == "steps")
    assert (steps["label"], steps["help"]) == (
        "Schritte",
        "wie viele; mehr ist feiner und langsamer.",
    )
    decode = next(node for node in made["nodes"] if node["name"] == "LoadImage")
    assert decode["display_name"] == "Bild laden"
    assert decode["english"][0] == "Load Image"
    assert made["categories"]["image/colour"] == "Farbe"
