"""The texts of a node pack in another language: read beside its code, put into its schemas.

A pack may hold `locales/LANGUAGE.json`. Texts are found by what they say in English, as gettext
does: one that is changed in the code is English again until it is translated anew, and never
says what the node no longer does.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["ENGLISH", "Locale", "load_locale", "locale_path", "texts_of", "translated"]

ENGLISH = "en"
"""What packs are written in."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


class Locale(BaseModel):
    """One language of a pack; what is not in it stays English.

    Attributes:
        nodes: node type -> the title of its nodes.
        names: name of an input or output -> its label; `Type.name` for that of one node type.
        categories: category with those above it (`image/colour`) -> the name of the last.
        types: wire type -> what it is called.
        texts: a description or help text in English -> in this language.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    nodes: dict[str, str] = {}
    names: dict[str, str] = {}
    categories: dict[str, str] = {}
    types: dict[str, str] = {}
    texts: dict[str, str] = {}

    def label(self, node_type: str, name: str) -> str | None:
        """What an input or output of a node type is called."""
        return self.names.get(f"{node_type}.{name}", self.names.get(name))


def locale_path(module: str, language: str) -> Path | None:
    """Where a pack keeps its texts of a language, if it has any; does not import it."""
    if not _LANGUAGE.fullmatch(language):
        return None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    for folder in spec.submodule_search_locations:
        path = Path(folder, "locales", f"{language}.json")
        if path.is_file():
            return path
    return None


def load_locale(module: str, language: str) -> Locale | None:
    """A pack's texts in a language; None where it has none.

    Raises:
        ValueError: the file is no such catalogue; the message names it and says why.
    """
    path = locale_path(module, language)
    if path is None:
        return None
    try:
        return Locale.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error


def texts_of(description: Mapping[str, Any], pack: str) -> Locale:
    """Everything of a pack that can be translated, in English: a catalogue to fill in."""
    made = Locale()
    for node in description["nodes"]:
        if node["pack"] != pack:
            continue
        made.nodes[node["name"]] = node["display_name"]
        for path in _above(node["category"]):
            made.categories[path] = path.rpartition("/")[2]
        for item in (*node["inputs"], *node["outputs"]):
            made.names[item["name"]] = item["name"]
        for text in (node["description"], *(item["help"] for item in node["inputs"])):
            if text:
                made.texts[text] = text
    return made


def translated(description: dict[str, Any], locales: Mapping[str, Locale]) -> dict[str, Any]:
    """A description (`schema.describe`) in another language.

    Nodes get their title, description and help from the locale of their pack, their inputs and
    outputs a `label`, and keep as `english` what they can be found by as well.

    Args:
        locales: pack -> its texts.
    """
    nodes = [_node(node, locales.get(node["pack"])) for node in description["nodes"]]
    categories: dict[str, str] = {}
    for locale in locales.values():
        categories |= locale.categories
    return {**description, "nodes": nodes, "categories": categories}


def _node(node: dict[str, Any], locale: Locale | None) -> dict[str, Any]:
    if locale is None:
        return node
    name, texts = node["name"], locale.texts
    return {
        **node,
        "display_name": locale.nodes.get(name, node["display_name"]),
        "description": texts.get(node["description"], node["description"]),
        "inputs": [
            {**_labelled(item, name, locale), "help": texts.get(item["help"], item["help"])}
            for item in node["inputs"]
        ],
        "outputs": [_labelled(item, name, locale) for item in node["outputs"]],
        "english": [node["display_name"], node["description"]],
    }


def _labelled(item: dict[str, Any], node_type: str, locale: Locale) -> dict[str, Any]:
    label = locale.label(node_type, item["name"])
    return item if label is None else {**item, "label": label}


def _above(category: str) -> list[str]:
    parts = category.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))] if category else []
