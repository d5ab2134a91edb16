"""A chain of entries names each one that was altered, removed, swapped or cut off."""

from dataclasses import replace

import pytest

from calls.chain import BEGINNING, Broken, Link, check, digest_of


def chain(count: int) -> list[Link]:
    links: list[Link] = []
    for number in range(1, count + 1):
        previous = links[-1].digest if links else BEGINNING
        body = {"kind": "segment", "index": number, "at": 1.5}
        links.append(Link(number, body, previous, digest_of(number, body, previous)))
    return links


def faults(links: list[Link], head: str | None = None) -> list[tuple[int, str]]:
    return [(fault.number, fault.why.split()[-1]) for fault in check(links, head=head)]


def test_it_takes_a_whole_chain_and_an_empty_one() -> None:
    links = chain(5)
    assert check(links, head=links[-1].digest) == []
    assert check([], head=BEGINNING) == []


@pytest.mark.parametrize("place", range(5))
def test_it_names_the_one_entry_that_was_altered(place: int) -> None:
    links = chain(5)
    links[place] = replace(links[place], body={**links[place].body, "at": 1.6})
    assert check(links, head=links[-1].digest) == [Broken(place + 1, "This entry was altered.")]


def test_it_names_an_entry_that_is_missing() -> None:
    links = chain(5)
    assert faults(links[:2] + links[3:]) == [(3, "place.")]


def test_it_names_entries_that_changed_places() -> None:
    one, two, three, four = chain(4)
    assert [number for number, _ in faults([one, three, two, four])] == [2, 4, 3]


def test_it_names_a_tail_that_was_cut() -> None:
    links = chain(5)
    assert faults(links[:3], links[-1].digest) == [(4, "closed.")]
