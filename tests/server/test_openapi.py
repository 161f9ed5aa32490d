"""The description of the interface: complete, valid, and readable without a script."""

import re
from html.parser import HTMLParser
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from nodegraph.server.app import all_routes
from nodegraph.server.docs_page import page
from nodegraph.server.openapi import PARAMETER, document
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve

NATIVE = ("/api/v2", "/api/editor")
VOID = {"meta", "link", "br", "wbr"}


def described() -> dict[str, Any]:
    return document(all_routes())


def test_the_document_is_valid() -> None:
    assert [*OpenAPIV31SpecValidator(described()).iter_errors()] == []


def test_every_native_path_is_described() -> None:
    paths = described()["paths"]
    native = [
        route
        for route in all_routes()
        if route.path.startswith(NATIVE) and "comfy_v1" not in route.handler.__module__
    ]
    assert len(native) > 40
    for route in native:
        where = f"{route.method} {route.path}"
        found = paths[PARAMETER.sub(r"{\1}", route.path)][route.method.lower()]
        assert found["summary"], where
        assert found["description"], where
        assert found["tags"], where
        assert [status for status in found["responses"] if status.startswith("2")], where
        assert ("requestBody" in found) == (route.body is not None), where
        names = [one["name"] for one in found.get("parameters", ()) if one["in"] == "path"]
        assert names == PARAMETER.findall(route.path), where


def test_bodies_forms_streams_and_errors_are_told() -> None:
    made = described()
    paths = made["paths"]
    form = paths["/api/editor/inputs"]["post"]["requestBody"]["content"]
    reference = form["multipart/form-data"]["schema"]["$ref"]
    fields = made["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
    assert fields["file"]["format"] == "binary"
    events = paths["/api/editor/events"]["get"]["responses"]["200"]
    assert [*events["content"]] == ["text/event-stream"]
    assert events["x-events"]["snapshot"] == {"$ref": "#/components/schemas/Snapshot"}
    search = {one["name"]: one for one in paths["/api/editor/workflows"]["get"]["parameters"]}
    assert search["limit"]["schema"]["maximum"] == 500
    assert not search["search"]["required"]
    error = made["components"]["schemas"]["ErrorEnvelope"]
    assert error["required"] == ["error"]
    assert paths["/api/v2/health"]["get"]["security"] == []
    names = [one["operationId"] for methods in paths.values() for one in methods.values()]
    assert len(names) == len(set(names))


class _Reader(HTMLParser):
    """Checks nesting, and collects what a strict policy would not allow."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.forbidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
            if name == "style" or name.startswith("on"):
                self.forbidden.append(name)
        if tag in ("script", "style", "iframe", "img", "form"):
            self.forbidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()


async def test_the_page_shows_all_of_it_and_needs_nothing_else(client: Client) -> None:
    answer = await client.get("/api/docs")
    text = await answer.text()
    reader = _Reader()
    reader.feed(text)

    assert reader.open == []
    assert reader.forbidden == []
    assert len(reader.ids) == len(set(reader.ids))
    assert {link for link in reader.links if not link.startswith("#")} == {
        "docs.css",
        "openapi.json",
    }
    assert {link[1:] for link in reader.links if link.startswith("#")} <= {*reader.ids}
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    style = await client.get("/api/docs.css")
    assert (style.status, style.content_type) == (200, "text/css")
    assert "url(" not in await style.text()
    again = await client.get("/api/docs", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    served = await (await client.get("/api/openapi.json")).json()
    assert served == described()
    for methods in served["paths"].values():
        for operation in methods.values():
            assert operation["summary"] in text


def test_nothing_in_a_description_becomes_markup() -> None:
    made = described()
    made["info"]["title"] = "<script>alert(1)</script>"
    made["components"]["schemas"]["Saved"]["description"] = "<b onclick=x>"
    text = page(made, '"><script>')
    assert not re.search(r"<script|<b onclick", text)


async def test_it_is_there_without_a_token(serve: Serve) -> None:
    client = await serve(Settings(tokens={Settings.digest_of("t"): "ann"}))
    for path in ("/api/openapi.json", "/api/docs", "/api/docs.css"):
        assert (await client.get(path)).status == 200
    assert (await client.get("/api/editor/workflows")).status == 401
