"""The pack as a whole: what it declares, and the plain nodes run by the engine."""

import json
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
import torch

import nodes
from nodegraph import InvalidWorkflow, NodeFailed, Registry, Session, Workflow, node_type_of
from nodegraph.formats.picture import embedded_texts
from nodegraph.result import Result
from nodes.pixels import read_pictures, to_pil

CORE = """
    LoadCheckpoint CLIPEncode CLIPSetLastLayer EmptyLatent VAEEncode VAEEncodeForInpaint VAEDecode
    VAEDecodeTiled VAELoader KSampler KSamplerAdvanced SetLatentNoiseMask LatentUpscale
    LatentUpscaleBy LatentComposite LatentBlend RepeatLatentBatch LatentFromBatch SaveLatent
    LoadLatent LoadImage SaveImage PreviewImage ImageScale ImageScaleBy ImageCrop
    ImagePadForOutpaint ImageInvert ImageBlend ImageComposite ImageBatch MaskToImage ImageToMask
    SolidMask InvertMask GrowMask FeatherMask MaskComposite ConditioningCombine
    ConditioningAverage ConditioningConcat ConditioningSetArea ConditioningSetMask
    ConditioningSetTimestepRange ConditioningZeroOut Int Float String Boolean Seed Switch
    PreviewText
"""

TYPES = [node_type_of(function) for function in nodes.NODES]


def link(node: str, output: str) -> dict[str, str]:
    return {"node": node, "output": output}


def run(folder: Path, graph: dict[str, dict[str, Any]], name: str = "test") -> Result:
    """Run nodes given as `{id: {"type": ..., input: value, ...}}`."""
    entries = {
        id: {"type": given["type"], "inputs": {k: v for k, v in given.items() if k != "type"}}
        for id, given in graph.items()
    }
    text = json.dumps({"nodegraph": 1, "name": name, "nodes": entries})
    registry = Registry()
    registry.add(nodes.NODES)
    session = Session(folder / "data", registry)
    (folder / "data" / "input").mkdir(parents=True, exist_ok=True)
    return session.run(Workflow.parse(text, name), output_dir=folder / "out").raise_for_errors()


def text_of(result: Result) -> str:
    (output,) = [output for output in result.outputs if output.type == "text"]
    assert output.text is not None
    return output.text


def test_every_core_node_is_there_once() -> None:
    names = [node_type.name for node_type in TYPES]
    names += [alias for node_type in TYPES for alias in node_type.aliases]
    assert len(names) == len(set(names))
    assert set(CORE.split()) <= set(names)


@pytest.mark.parametrize("node_type", TYPES, ids=lambda node_type: node_type.name)
def test_every_node_has_a_place_and_a_description(node_type: Any) -> None:
    assert node_type.category
    assert node_type.description
    assert "Args:" not in node_type.description


def test_the_built_in_checkpoint_lies_in_the_pack() -> None:
    folder = nodes.MODELS["checkpoints"]["shapes-64"]
    assert folder.is_relative_to(Path(nodes.__file__).parent)


def test_a_picture_through_files(tmp_path: Path) -> None:
    source = tmp_path / "data" / "input"
    source.mkdir(parents=True)
    to_pil(torch.rand(6, 8, 4)).save(source / "in.png")
    graph: dict[str, dict[str, Any]] = {
        "load": {"type": "LoadImage", "image": "in.png"},
        "invert": {"type": "ImageInvert", "image": link("load", "image")},
        "save": {"type": "SaveImage", "images": link("invert", "image"), "format": "webp",
                 "lossless": True},
        "look": {"type": "PreviewImage", "images": {"node": "made", "output": "image"}},
        "made": {"type": "MaskToImage", "mask": link("load", "mask")},
    }  # fmt: skip
    result = run(tmp_path, graph)
    saved, seen = (Path(str(output.path)) for output in result.outputs)
    before = read_pictures(source / "in.png")
    torch.testing.assert_close(read_pictures(saved)[..., :3], 1 - before[..., :3])
    torch.testing.assert_close(read_pictures(seen)[..., 0], 1 - before[..., 3])
    embedded = json.loads(embedded_texts(saved)["nodegraph"])
    assert embedded["nodes"]["invert"]["type"] == "ImageInvert"
    assert [output.temporary for output in result.outputs] == [False, True]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "load": {"type": "LoadImage", "image": "in.png"},
        "save": {"type": "SaveImage", "images": link("load", "image")},
    }
    path = tmp_path / "data" / "input" / "in.png"
    path.parent.mkdir(parents=True)
    for level in (0.0, 1.0):
        to_pil(torch.full((2, 2, 3), level)).save(path)
        (image,) = run(tmp_path, graph).images
        with image:
            assert image.getpixel((0, 0)) == (round(level * 255),) * 3


def test_an_unreadable_picture_is_said_with_its_node(tmp_path: Path) -> None:
    path = tmp_path / "data" / "input" / "in.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no picture")
    graph: dict[str, dict[str, Any]] = {
        "load": {"type": "LoadImage", "image": "in.png"},
        "save": {"type": "SaveImage", "images": link("load", "image")},
    }
    with pytest.raises(NodeFailed, match=r"node 'load' \(LoadImage\): cannot read 'in\.png'"):
        run(tmp_path, graph)
    assert not [p for p in tmp_path.joinpath("out").rglob("*.png")]


def test_a_missing_picture_is_a_problem_of_the_workflow(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "load": {"type": "LoadImage", "image": "absent.png"},
        "save": {"type": "SaveImage", "images": link("load", "image")},
    }
    with pytest.raises(InvalidWorkflow, match=r"no input file 'absent\.png'"):
        run(tmp_path, graph)


def test_a_list_of_prompts_is_filled_in_and_shown(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "colours": {"type": "StringLines", "text": "red\nblue"},
        "prompts": {
            "type": "StringFormat",
            "template": "a {a} circle",
            "a": link("colours", "strings"),
        },
        "show": {"type": "PreviewText", "source": link("prompts", "string")},
    }
    assert text_of(run(tmp_path, graph)) == "a red circle\na blue circle"


def test_numbers_flow_into_texts_and_masks(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "steps": {"type": "FloatRange", "start": 0.0, "stop": 1.0, "count": 3},
        "mask": {"type": "SolidMask", "value": link("steps", "floats"), "width": 2, "height": 1},
        "image": {"type": "MaskToImage", "mask": link("mask", "mask")},
        "save": {"type": "SaveImage", "images": link("image", "image")},
    }
    greys = []
    for picture in run(tmp_path, graph).images:
        with picture:
            greys.append(picture.getpixel((0, 0)))
    assert greys == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]


@pytest.mark.parametrize(("a", "expected"), [(1, "small"), (9, "large")])
def test_a_switch_runs_only_the_branch_it_takes(tmp_path: Path, a: int, expected: str) -> None:
    graph: dict[str, dict[str, Any]] = {
        "a": {"type": "Int", "value": a},
        "large": {"type": "Compare", "a": link("a", "int"), "b": 5.0, "operation": ">"},
        "yes": {"type": "String", "value": "large"},
        "no": {"type": "String", "value": "small"},
        "pick": {
            "type": "Switch",
            "switch": link("large", "boolean"),
            "on_false": link("no", "string"),
            "on_true": link("yes", "string"),
        },
        "show": {"type": "PreviewText", "source": link("pick", "output")},
    }
    result = run(tmp_path, graph)
    assert text_of(result) == expected
    other = "no" if expected == "large" else "yes"
    assert result.nodes[other].status == "skipped"


def test_a_random_seed_is_drawn_and_recorded(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "seed": {"type": "Seed", "seed": "random"},
        "seeds": {"type": "IntMath", "a": link("seed", "seed"), "b": 0, "operation": "max"},
        "show": {"type": "PreviewText", "source": link("seeds", "int")},
    }
    result = run(tmp_path, graph)
    assert text_of(result) == str(result.workflow.nodes["seed"].inputs["seed"])


def test_latents_through_files(tmp_path: Path) -> None:
    made: dict[str, dict[str, Any]] = {
        "empty": {"type": "EmptyLatentImage", "width": 64, "height": 32, "batch_size": 2},
        "save": {"type": "SaveLatent", "samples": link("empty", "latent"), "filename_prefix": "l"},
    }
    (output,) = run(tmp_path, made).outputs
    assert output.type == "latent"
    again: dict[str, dict[str, Any]] = {
        "load": {"type": "LoadLatent", "latent": str(output.path)},
        "show": {"type": "PreviewText", "source": link("load", "latent")},
    }
    said = text_of(run(tmp_path, again))
    assert said == "Latent: samples [2, 4, 4, 8] 0..0, empty_size (32, 64)"


def test_names_hold_values_of_nodes(tmp_path: Path) -> None:
    graph: dict[str, dict[str, Any]] = {
        "mask": {"type": "SolidMask", "value": 0.5, "width": 3, "height": 2},
        "image": {"type": "MaskToImage", "mask": link("mask", "mask")},
        "save": {
            "type": "SaveImage",
            "images": link("image", "image"),
            "filename_prefix": "{mask.value}/{width}x{height}_{counter:3}",
        },
    }
    (output,) = run(tmp_path, graph).outputs
    assert Path(str(output.path)).relative_to(tmp_path / "out").as_posix() == "0.5/3x2_001.png"
    with PIL.Image.open(str(output.path)) as picture:
        assert picture.size == (3, 2)
