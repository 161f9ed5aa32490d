import pytest
import torch

from nodegraph import Context, node_type_of
from nodes.diffusion.loading import Checkpoint
from nodes.text import clip_encode, clip_set_last_layer


def test_prompts_become_conditioning(tiny: Checkpoint, context: Context) -> None:
    (entry,) = clip_encode("a (cat:1.2)", tiny.text_encoder, ctx=context).entries
    (expected,) = tiny.text_encoder.encode("a (cat:1.2)").entries
    assert torch.equal(entry.embedding, expected.embedding)


def test_clip_skip_changes_what_a_prompt_says(tiny: Checkpoint, context: Context) -> None:
    earlier = clip_set_last_layer(tiny.text_encoder, -2)
    before, after = (
        clip_encode("a cat", clip, ctx=context).entries[0].embedding
        for clip in (tiny.text_encoder, earlier)
    )
    assert not torch.allclose(before, after, atol=0.01)
    with pytest.raises(ValueError, match="has 3 layers"):
        clip_set_last_layer(tiny.text_encoder, -5)


def test_names_and_the_order_of_inputs() -> None:
    encode, skip = node_type_of(clip_encode), node_type_of(clip_set_last_layer)
    assert (encode.name, encode.aliases) == ("CLIPEncode", ("CLIPTextEncode",))
    assert [spec.name for spec in encode.inputs] == ["text", "clip"]
    assert [output.name for output in encode.outputs] == ["conditioning"]
    assert skip.name == "CLIPSetLastLayer"
    assert [spec.name for spec in skip.inputs] == ["clip", "stop_at_clip_layer"]
    assert [output.name for output in skip.outputs] == ["clip"]
