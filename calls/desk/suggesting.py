"""Which ready texts suit what somebody said, each with the facts that speak for it. Pure.

    score = the weights of the words that both have, each ln((texts + 1) / texts with that word)
          + HABIT x chosen / (contacts + 2), over the contacts of this queue about the same
          + OWN_QUEUE for a text of this queue alone + OWN_LANGUAGE for one in the person's language

A text without a word in common that was not chosen twice before is never suggested.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import log
from typing import NamedTuple
from uuid import UUID

MOST_SUGGESTED = 3
HABIT = 2.0
OWN_QUEUE = 0.3
OWN_LANGUAGE = 0.2
# Fewer would be chance.
LEAST_CHOSEN = 2
SHORTEST_WORD = 3
SHORTEST_STEM = 3

# Written without spaces between words: Thai, Lao, Khmer, Burmese, Kana, Han.
_RUN_ON = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
_ENDINGS = ("ings", "ing", "ies", "es", "ed", "en", "er", "s", "e", "y")
# In nearly every sentence, and about nothing.
_FILLER_WORDS = """
about and any are but can could did does for from had has have hello her him his how its just like
may more not now our out please she should some thank thanks that the their them then there they
this want was were what when where which who why will with would you your aber auch auf aus bei bin
bitte das dem den der die ein eine einen für haben ich ihr ist kann mein meine mit nicht sie sind
und uns von war was wie wir zum zur 一下 一个 不是 什么 您好 你好 他们 可以 可能 怎么 我们 我想
我的 没有 的话 请问 谢谢
"""
_FILLERS = frozenset(_FILLER_WORDS.split())


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a contact. `words`: the subject and what the person wrote."""

    words: str
    queue: str
    language: str


@dataclass(frozen=True, slots=True)
class Text:
    """A ready text. `queue` and `language`: "" for any."""

    id: int
    words: str
    queue: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Habit:
    """The contacts of one queue that ended with `code` ("" for all of them): how many there were,
    and in how many of them each text was chosen."""

    code: str
    contacts: int
    chosen: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`words`: those in common, as the person wrote them. `code`, `chosen` and `contacts`: chosen
    in so many of the contacts about that; `chosen` is 0 where that was too seldom to be said."""

    text: int
    score: float
    words: tuple[str, ...]
    code: str
    chosen: int
    contacts: int


def suggest(said: Said, texts: Sequence[Text], habits: Collection[Habit]) -> list[Suggestion]:
    """At most three, the best first; none where nothing speaks for any."""
    weights = _weights(texts)
    habit = habit_for(said.words, habits)
    heard = list(_tokens(said.words))
    found = [_weigh(said, text, heard, weights, habit) for text in texts]
    reasoned = [one for one in found if one.words or one.chosen]
    return sorted(reasoned, key=lambda one: (-one.score, one.text))[:MOST_SUGGESTED]


def habit_for(words: str, habits: Collection[Habit]) -> Habit | None:
    """Of the contacts about the same, as the name of their code says it; else of all of them."""
    heard = stems(words)
    near = [(len(stems(one.code) & heard), one.contacts, one.code, one) for one in habits]
    about = [ranked for ranked in near if ranked[0]]
    if about:
        return max(about, key=lambda ranked: ranked[:3])[3]
    return next((one for one in habits if not one.code), None)


def habits_of(
    contacts: Collection[tuple[UUID, str]], uses: Collection[tuple[UUID, int]]
) -> list[Habit]:
    """From each contact with a code of it ("" if none), and each text chosen in a contact."""
    about: dict[str, set[UUID]] = {"": set()}
    for contact, code in contacts:
        about[""].add(contact)
        about.setdefault(code, set()).add(contact)
    once = set(uses)
    return [
        Habit(code, len(found), Counter(text for contact, text in once if contact in found))
        for code, found in about.items()
    ]


def stems(words: str) -> frozenset[str]:
    """What is compared of a text: its words without their endings; of Chinese, pairs of signs."""
    return frozenset(token.stem for token in _tokens(words))


def _weights(texts: Sequence[Text]) -> dict[str, float]:
    """The weight of each stem: the fewer texts have it, the more it says."""
    spread = Counter(stem for text in texts for stem in stems(text.words))
    return {stem: log((len(texts) + 1) / count) for stem, count in spread.items()}


def _weigh(
    said: Said,
    text: Text,
    heard: Sequence["_Token"],
    weights: Mapping[str, float],
    habit: Habit | None,
) -> Suggestion:
    known = stems(text.words)
    common = [token for token in heard if token.stem in known]
    score = sum(weights[stem] for stem in {token.stem for token in common})
    chosen = habit.chosen.get(text.id, 0) if habit else 0
    if habit is None or chosen < LEAST_CHOSEN:
        chosen = 0
    else:
        score += HABIT * chosen / (habit.contacts + 2)
    score += OWN_QUEUE if text.queue and text.queue == said.queue else 0.0
    score += OWN_LANGUAGE if text.language and text.language == said.language else 0.0
    return Suggestion(
        text=text.id,
        score=score,
        words=_shown(common),
        code=habit.code if habit and chosen else "",
        chosen=chosen,
        contacts=habit.contacts if habit and chosen else 0,
    )


class _Token(NamedTuple):
    """`place`: where it begins in the text. `runs_on`: a pair of signs, part of a longer word."""

    stem: str
    shown: str
    place: int
    runs_on: bool


def _tokens(words: str) -> Iterator[_Token]:
    plain = unicodedata.normalize("NFKC", words)
    for is_word, group in groupby(enumerate(plain), key=lambda pair: _is_of_a_word(pair[1])):
        if not is_word:
            continue
        signs = list(group)
        yield from _tokens_of("".join(sign for _place, sign in signs), signs[0][0])


def _tokens_of(word: str, place: int) -> Iterator[_Token]:
    """One of a word between spaces, and of what is written without spaces each two neighbours."""
    end = 0
    for run in [*_RUN_ON.finditer(word), None]:
        before = word[end : run.start() if run else len(word)]
        folded = before.casefold()
        if len(folded) >= SHORTEST_WORD and folded not in _FILLERS:
            yield _Token(_stem(folded), before, place + end, runs_on=False)
        if run is None:
            return
        for start in range(run.start(), run.end() - 1):
            pair = word[start : start + 2]
            if pair not in _FILLERS:
                yield _Token(pair, pair, place + start, runs_on=True)
        end = run.end()


@lru_cache(maxsize=4000)
def _stem(word: str) -> str:
    """The word without one ending of English or German, a double consonant at the end made one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > SHORTEST_STEM and word[-1] == word[-2] else word


def _is_of_a_word(sign: str) -> bool:
    """Letters, digits, and the marks that some scripts write around them."""
    return unicodedata.category(sign)[0] in "LMN"


def _shown(common: Sequence[_Token]) -> tuple[str, ...]:
    """As they were written, each once; pairs that overlap made one word again."""
    found: list[_Token] = []
    for token in common:
        last = found[-1] if found else None
        joins = last and last.runs_on and token.runs_on
        if last and joins and token.place == last.place + len(last.shown) - 1:
            found[-1] = last._replace(shown=last.shown + token.shown[-1])
        elif token.stem not in {one.stem for one in found}:
            found.append(token)
    return tuple(dict.fromkeys(token.shown for token in found))
