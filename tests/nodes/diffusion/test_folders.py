import json
import shutil
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from nodes.diffusion.folders import read_text_model
from tests.nodes.tiny import BOS, EOS, tiny_vocabulary
from tests.nodes.tiny_families import make_family


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_family(tmp_path / "sd2", "sd2")


@pytest.mark.parametrize("layout", ["tokenizer.json", "vocab.json"])
def test_padding_is_a_word_where_it_stands_in_a_prompt(folder: Path, layout: str) -> None:
    """Real OpenCLIP tokenizers pad with "!", which is also a sign that people write."""
    place = folder / "tokenizer"
    shutil.rmtree(place)
    vocabulary = tiny_vocabulary() | {"ca": 96, "cat</w>": 97}
    merges = [("c", "a"), ("ca", "t</w>")]
    names = {"unk_token": EOS, "bos_token": BOS, "eos_token": EOS, "pad_token": "!"}
    if layout == "tokenizer.json":
        CLIPTokenizer(
            vocab=vocabulary, merges=merges, model_max_length=77, **names
        ).save_pretrained(place)
    else:
        place.mkdir()
        (place / "vocab.json").write_text(json.dumps(vocabulary))
        (place / "merges.txt").write_text("#version: 0.2\nc a\nca t</w>\n")
        (place / "tokenizer_config.json").write_text(json.dumps(names | {"model_max_length": 77}))
    config = json.loads((folder / "text_encoder/config.json").read_text())
    assert config["vocab_size"] == 96
    part = read_text_model(folder / "text_encoder", place, "cpu", "auto")
    words = part.tokenizer("cat!", add_special_tokens=False).input_ids
    assert words == [97, vocabulary["!</w>"]]
    assert part.padding == vocabulary["!"]


def test_chunks_are_filled_with_the_padding_of_the_folder(folder: Path) -> None:
    part = read_text_model(folder / "text_encoder", folder / "tokenizer", "cpu", "auto")
    assert part.padding == tiny_vocabulary()["!"]
    assert part.tokenizer.pad_token_id == part.tokenizer.eos_token_id
