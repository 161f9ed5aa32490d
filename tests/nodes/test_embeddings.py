import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from nodegraph import Context, MissingModel, NodeFailed, Session, Workflow, node_type_of
from nodegraph.engine.files import Files, NodeFiles
from nodes.diffusion.loading import Checkpoint
from nodes.model_conditioning import clip_text_encode_sdxl, clip_text_encode_sdxl_refiner
from nodes.text import clip_encode
from tests.nodes.tiny import WIDTH
from tests.nodes.tiny_lora import written


def folder(path: Path) -> Path:
    written(path / "models/embeddings/style.safetensors", {"emb_params": torch.ones(2, WIDTH)})
    written(path / "models/embeddings/sub/other.safetensors", {"emb_params": -torch.ones(1, WIDTH)})
    return path


def said(tiny: Checkpoint, prompt: str, data: Path) -> torch.Tensor:
    ctx = Context("node", NodeFiles(Files(data, data / "out"), "node"))
    return clip_encode(prompt, tiny.text_encoder, ctx=ctx).entries[0].embedding


def test_files_are_named_with_and_without_their_ending(tiny: Checkpoint, tmp_path: Path) -> None:
    data = folder(tmp_path)
    same = [
        said(tiny, prompt, data)
        for prompt in ("embedding:style .", "embedding:style.safetensors .", "embedding:style.")
    ]
    assert torch.equal(same[0], same[1])
    assert torch.equal(same[0], same[2])
    other = said(tiny, "embedding:sub/other .", data)
    assert not torch.allclose(other, same[0], atol=0.1)


def test_one_that_is_missing(tiny: Checkpoint, tmp_path: Path) -> None:
    fingerprint = node_type_of(clip_encode).fingerprint
    assert fingerprint is not None
    data = folder(tmp_path)
    message = r"no embedding 'stile'; present: style, sub/other; did you mean 'embedding:style'"
    with pytest.raises(MissingModel, match=message):
        said(tiny, "a (embedding:stile:1.2)", data)
    with pytest.raises(MissingModel, match=message):
        fingerprint(text="embedding:stile", files=Files(data, data))
    assert fingerprint(text="a plain prompt", files=Files(data, data)) is None


def workflow(text: str) -> Workflow:
    nodes: dict[str, Any] = {
        "load": {"type": "LoadCheckpoint", "inputs": {"ckpt_name": "tiny"}},
        "text": {
            "type": "CLIPEncode",
            "inputs": {"clip": {"node": "load", "output": "clip"}, "text": text},
        },
    }
    return Workflow.model_validate(
        {"nodegraph": 1, "nodes": nodes, "outputs": {"said": {"node": "text"}}}
    )


def test_a_changed_file_is_read_again(tiny_folder: Path, tmp_path: Path) -> None:
    data = folder(tmp_path)
    shutil.copytree(tiny_folder, data / "models/checkpoints/tiny")
    session = Session.open(data)

    def run(text: str) -> Any:
        return session.run(workflow(text)).raise_for_errors()

    first = run("a embedding:style")
    assert run("a embedding:style").nodes["text"].status == "reused"
    assert run("plain").nodes["text"].status == "ran"
    path = data / "models/embeddings/style.safetensors"
    written(path, {"emb_params": 2 * torch.ones(3, WIDTH)})
    again = run("a embedding:style")
    assert again.nodes["text"].status == "ran"
    before, after = (result["said"].entries[0].embedding for result in (first, again))
    assert not torch.allclose(before, after, atol=0.1)


def test_a_missing_one_in_a_workflow_is_a_message(tiny_folder: Path, tmp_path: Path) -> None:
    data = folder(tmp_path)
    shutil.copytree(tiny_folder, data / "models/checkpoints/tiny")
    with pytest.raises((NodeFailed, MissingModel), match="did you mean 'embedding:style'"):
        Session.open(data).run(workflow("embedding:stile")).raise_for_errors()


def test_sdxls_nodes_read_them_too(tiny: Checkpoint, tmp_path: Path) -> None:
    data = folder(tmp_path)
    ctx = Context("node", NodeFiles(Files(data, data / "out"), "node"))
    expected = said(tiny, "a embedding:style", data)
    (entry,) = clip_text_encode_sdxl_refiner(
        tiny.text_encoder, text="a embedding:style", ctx=ctx
    ).entries
    assert torch.equal(entry.embedding, expected)
    both = {"clip_l": torch.ones(2, WIDTH), "clip_g": torch.zeros(2, WIDTH)}
    written(data / "models/embeddings/both.safetensors", both)
    (tower,) = tiny.text_encoder.towers
    pair = replace(tiny.text_encoder, towers=(tower, tower))
    (entry,) = clip_text_encode_sdxl(
        pair, text_g="plain", text_l="a embedding:both", ctx=ctx
    ).entries
    assert torch.equal(entry.embedding, torch.cat([expected, said(tiny, "plain", data)], dim=-1))
    for function, prompts in (
        (clip_text_encode_sdxl_refiner, {"text": "embedding:style"}),
        (clip_text_encode_sdxl, {"text_g": "plain", "text_l": "embedding:style"}),
    ):
        fingerprint = node_type_of(function).fingerprint
        assert fingerprint is not None
        assert "style=" in str(fingerprint(**prompts, files=Files(data, data)))
