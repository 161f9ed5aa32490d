"""Node types, models, plugins and figures over HTTP."""

from nodegraph.graph.portable import registry_from
from nodegraph.jobs.service import Service
from nodegraph.server.editor_colours import colours
from tests.server.conftest import Client


async def test_node_types_are_all_there_and_sent_once(client: Client, service: Service) -> None:
    answer = await client.get("/api/editor/nodes")
    found = await answer.json()
    names = {node["name"] for node in found["nodes"]}
    assert {"Echo", "SaveText", "PickModel"} <= names
    assert {node.name for node in registry_from(found)} == names
    assert set(found["types"]) == set(found["wire_types"])
    assert found["types"]["str"]["display_name"] == "Text"
    assert found["types"]["str"]["colour"]["dark"].startswith("#")

    tag = answer.headers["ETag"]
    again = await client.get("/api/editor/nodes", headers={"If-None-Match": tag})
    assert (again.status, await again.read()) == (304, b"")
    other = await client.get("/api/editor/nodes", headers={"If-None-Match": '"other"'})
    assert other.status == 200


async def test_a_language_that_no_pack_has_is_english(client: Client, service: Service) -> None:
    english = await client.get("/api/editor/nodes")
    other = await client.get("/api/editor/nodes?language=fr")
    assert await other.read() == await english.read()
    assert other.headers["ETag"] == english.headers["ETag"]

    wrong = await client.get("/api/editor/nodes?language=../de")
    assert wrong.status in (400, 422)


def test_colours_are_the_same_everywhere_and_differ() -> None:
    names = ["Image", "Mask", "Latent", "Conditioning", "Denoiser", "TextEncoder", "Vae", "int"]
    found = colours(names)
    assert colours(reversed(names)) == found
    assert len(set(found.values())) == len(names)
    light, dark = found["Image"]
    assert _luminance(light) < 0.25 < 0.4 < _luminance(dark)
    grey = colours(["object"])["object"][0]
    assert len({grey[1:3], grey[3:5], grey[5:7]}) == 1


def _luminance(colour: str) -> float:
    """As WCAG has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_models_are_listed_by_kind(client: Client, service: Service) -> None:
    folder = service.data / "models" / "loras" / "style"
    folder.mkdir(parents=True)
    (folder / "ink.safetensors").touch()

    found = await (await client.get("/api/editor/models")).json()

    assert found["models"]["loras"] == ["style/ink.safetensors"]


async def test_plugins_and_figures_are_told(client: Client, service: Service) -> None:
    plugins = (await (await client.get("/api/editor/plugins")).json())["plugins"]
    assert [(one["module"], one["error"]) for one in plugins] == [("tests.jobs.pack", None)]
    assert plugins[0]["nodes"] == len((service.description() or {})["nodes"])

    system = await (await client.get("/api/editor/system")).json()
    assert system["worker"]["state"] == "idle"
    assert 0 < system["ram_free"] < system["ram_total"]
    assert (system["queued"], system["paused"]) == (0, False)
    assert (await client.post("/api/editor/free")).status == 204
