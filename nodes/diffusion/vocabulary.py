"""The CLIP vocabulary, for files that come without their tokenizer."""

from __future__ import annotations

import unicodedata
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["ClipVocabulary", "clip_tokenizer"]


class ClipVocabulary:
    """CLIP's 49408 tokens (Radford et al. 2021), as much of a CLIPTokenizer as is asked for here.

    The vocabulary and the merging of pairs are `instant_clip_tokenizer`'s.
    """

    bos_token_id = 49406
    eos_token_id = 49407
    pad_token_id = 49407
    model_max_length = 77

    @cached_property
    def _tokenizer(self) -> Any:
        """Made when it is first asked, which takes a tenth of a second."""
        return import_module("instant_clip_tokenizer").Tokenizer()  # untyped

    def __len__(self) -> int:
        return 49408

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> dict[str, list[int]]:
        """The numbers of the tokens of a text, as `{"input_ids": [...]}`."""
        ids = [int(token) for token in self._tokenizer.encode(unicodedata.normalize("NFC", text))]
        if add_special_tokens:
            ids = [self.bos_token_id, *ids, self.eos_token_id]
        return {"input_ids": ids}

    def decode(self, ids: list[int]) -> str:
        """The text of tokens."""
        text: str = self._tokenizer.decode(ids)
        return text


@cache
def clip_tokenizer() -> CLIPTokenizer:
    """The one that all of OpenAI's and OpenCLIP's text models share."""
    made: Any = ClipVocabulary()
    return made
