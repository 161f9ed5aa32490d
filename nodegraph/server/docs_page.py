"""The OpenAPI document as a page to read: made here, with one style sheet and no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from http import HTTPStatus
from typing import Any

__all__ = ["page"]

_CODE = re.compile(r"`([^`]+)`")
_SHOWN = ("default", "minimum", "maximum", "maxLength", "format", "enum", "const")


def page(document: dict[str, Any], style: str) -> str:
    """The page of a document.

    Args:
        style: the address of the style sheet.
    """
    return "\n".join(_Page(document, style).lines())


class _Page:
    """One document and how its parts refer to each other."""

    def __init__(self, document: dict[str, Any], style: str) -> None:
        self._document, self._style = document, style
        self._chapters: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if method == "head" and "get" in methods:
                    continue  # said with GET
                tag = operation.get("tags", ["Other"])[0]
                self._chapters.setdefault(tag, []).append((method, path, operation))

    def lines(self) -> Iterator[str]:
        """The page, line by line."""
        info = self._document["info"]
        title = f"{escape(info['title'])} {escape(info['version'])}: the HTTP interface"
        yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f'<title>{title}</title>\n<link rel="stylesheet" href="{escape(self._style)}">'
        yield '</head>\n<body>\n<a class="skip" href="#content">Skip to the content</a>'
        yield from self._contents()
        yield f'<main id="content">\n<h1>{title}</h1>'
        yield from _paragraphs(info["description"])
        yield '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
        for tag, operations in self._chapters.items():
            yield f'<section aria-labelledby="{_slug(tag)}">'
            yield f'<h2 id="{_slug(tag)}">{escape(tag)}</h2>'
            for method, path, operation in operations:
                yield from self._operation(method, path, operation)
            yield "</section>"
        yield from self._schemas()
        yield "</main>\n</body>\n</html>"

    def _contents(self) -> Iterator[str]:
        yield '<nav aria-label="Contents">\n<ul>'
        for tag, operations in self._chapters.items():
            yield f'<li><a class="chapter" href="#{_slug(tag)}">{escape(tag)}</a>\n<ul>'
            for _, _, operation in operations:
                address = escape(operation["operationId"])
                yield f'<li><a href="#{address}">{escape(operation["summary"])}</a></li>'
            yield "</ul></li>"
        yield '<li><a class="chapter" href="#objects">Objects</a></li>\n</ul>\n</nav>'

    def _operation(self, method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
        name = escape(operation["operationId"])
        yield f'<article id="{name}">\n<h3>{escape(operation["summary"])}</h3>'
        yield f'<p class="path"><span class="method {method}">{method.upper()}</span> '
        also = " (or HEAD)" if method == "get" and "head" in self._document["paths"][path] else ""
        yield f"<code>{_path(path)}</code>{also}</p>"
        yield from _paragraphs(operation["description"])
        if operation.get("security") == []:
            yield '<p class="note">Answers without a token.</p>'
        if parameters := operation.get("parameters"):
            yield '<table><caption>Parameters</caption><thead><tr><th scope="col">Name</th>'
            yield '<th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th>'
            yield "</tr></thead><tbody>"
            for one in parameters:
                needed = one["required"] and one["in"] != "path"
                yield _row(
                    _named(one["name"], needed),
                    escape(one["in"]),
                    _type(one["schema"]),
                    _inline(one["description"]) + _limits(one["schema"]),
                )
            yield "</tbody></table>"
        if body := operation.get("requestBody"):
            for kind, content in body["content"].items():
                shown = _type(content["schema"])
                yield f"<p><b>Body</b>: {shown} as <code>{escape(kind)}</code></p>"
        yield from self._answers(operation["responses"])
        yield "</article>"

    def _answers(self, answers: dict[str, Any]) -> Iterator[str]:
        yield '<table><caption>Answers</caption><thead><tr><th scope="col">Status</th>'
        yield '<th scope="col">Body</th><th scope="col">Meaning</th></tr></thead><tbody>'
        for status, given in answers.items():
            answer = (
                self._document["components"]["responses"]["Error"] if "$ref" in given else given
            )
            kinds = [
                _type(content["schema"])
                if "json" in kind and "schema" in content
                else f"<code>{escape(kind)}</code>"
                for kind, content in answer.get("content", {}).items()
            ]
            meaning = _inline(answer["description"])
            if events := answer.get("x-events"):
                listed = ", ".join(
                    f"<code>{escape(name)}</code> {_type(schema)}"
                    for name, schema in events.items()
                )
                meaning += f"<br>Data by event: {listed}."
            yield _row(_status(status), ", ".join(kinds) or "none", meaning)
        yield "</tbody></table>"

    def _schemas(self) -> Iterator[str]:
        yield '<section aria-labelledby="objects">\n<h2 id="objects">Objects</h2>'
        for name, schema in self._document["components"]["schemas"].items():
            yield f'<article id="schema-{escape(name)}">\n<h3>{escape(name)}</h3>'
            yield from _paragraphs(schema.get("description", ""))
            if fields := schema.get("properties"):
                yield '<table><caption>Fields</caption><thead><tr><th scope="col">Name</th>'
                yield '<th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>'
                needed = schema.get("required", ())
                for field, found in fields.items():
                    meaning = _inline(found.get("description", "")) + _limits(found)
                    yield _row(_named(field, field in needed), _type(found), meaning)
                yield "</tbody></table>"
            yield "</article>"
        yield "</section>"


def _named(name: str, needed: bool) -> str:
    mark = ' <span class="needed">needed</span>' if needed else ""
    return f"<code>{escape(name)}</code>{mark}"


def _row(*cells: str) -> str:
    first, *rest = cells
    return (
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
    )


def _paragraphs(text: str) -> Iterator[str]:
    for part in text.strip().split("\n\n"):
        if part:
            yield f"<p>{_inline(part)}</p>"


def _inline(text: str) -> str:
    """A text with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _path(path: str) -> str:
    """A path that may be broken after its slashes."""
    return escape(path).replace("/", "/<wbr>")


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _status(status: str) -> str:
    if not status.isdigit():
        return "others"
    return f"{status} {escape(HTTPStatus(int(status)).phrase)}"


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words; objects as links to where they are described."""
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(more := schema.get("additionalProperties"), dict):
        return f"object: name to {_type(more)}"
    return escape({"string": "text", "boolean": "true or false"}.get(kind, kind))


def _limits(schema: dict[str, Any]) -> str:
    """Bounds, default and form of a value, where there are any."""
    found = [
        f"{key}: <code>{escape(str(schema[key]))}</code>"
        for key in _SHOWN
        if key in schema and schema[key] not in (None, "") and key not in ("enum", "const")
    ]
    found += [f"such as <code>{escape(str(one))}</code>" for one in schema.get("examples", ())]
    return f' <span class="limits">{"; ".join(found)}</span>' if found else ""
