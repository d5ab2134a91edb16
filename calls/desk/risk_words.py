"""Finds words of a list in what somebody wrote, in any language. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Written without spaces between words, so that a word has no edges: Han, Kana, Thai, Lao, Khmer,
# Burmese.
_RUN_ON = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def found(words: Iterable[str], text: str) -> list[str]:
    """Those of `words` that stand in the text as whole words, whatever the case, width or spaces
    between them; invisible characters inside of a word hide nothing."""
    plain = _plain(text)
    return [word for word in words if (one := _pattern(word)) and one.search(plain)]


@lru_cache(maxsize=2000)
def _pattern(word: str) -> re.Pattern[str] | None:
    """None for a word of nothing but spaces."""
    parts = [re.escape(part) for part in _plain(word).split()]
    if not parts:
        return None
    first, last = parts[0][0], parts[-1][-1]
    before = "" if _RUN_ON.match(first) else r"(?<!\w)"
    after = "" if _RUN_ON.match(last) else r"(?!\w)"
    return re.compile(before + r"\s+".join(parts) + after)


def _plain(text: str) -> str:
    whole = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in whole if unicodedata.category(one) != "Cf")
