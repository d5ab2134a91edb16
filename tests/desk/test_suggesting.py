"""Which ready texts are suggested, and the facts that are given for it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.desk.suggesting import (
    Habit,
    Said,
    Suggestion,
    Text,
    habit_for,
    habits_of,
    stems,
    suggest,
)

HELLO = Text(1, "Hello Good day, how can I help you?")
INVOICE = Text(2, "Invoice I send the invoice again.", queue="billing")
REFUND = Text(3, "Refund The refund takes five days.", queue="billing")
GERMAN = Text(4, "Rechnung Ich schicke die Rechnung noch einmal.", language="de")
CHINESE = Text(5, "发票 我们今天重新寄发票。", language="zh-hans")
TEXTS = [HELLO, INVOICE, REFUND, GERMAN, CHINESE]


def said(words: str, *, queue: str = "billing", language: str = "en") -> Said:
    return Said(words, queue, language)


def ids(found: list[Suggestion]) -> list[int]:
    return [one.text for one in found]


def test_it_suggests_the_text_with_the_persons_word() -> None:
    (found,) = suggest(said("Where are my invoices?"), TEXTS, [])
    assert (found.text, found.words) == (INVOICE.id, ("invoices",))
    assert (found.code, found.chosen, found.contacts) == ("", 0, 0)


@pytest.mark.parametrize("words", ["", "Hello, how are you?", "…", "我们", "a b c"])
def test_it_suggests_nothing_where_nothing_is_said(words: str) -> None:
    assert suggest(said(words), TEXTS, []) == []


def test_it_scores_by_the_rule_of_the_document() -> None:
    (found,) = suggest(
        said("My invoice"), TEXTS, [Habit("", 8, {INVOICE.id: 5})]
    )  # ln(6 / 1) + 2 x 5 / 10 + 0.3
    assert found.score == pytest.approx(1.791759 + 1.0 + 0.3, abs=1e-6)


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    texts = [Text(1, "invoice"), Text(2, "invoice"), Text(3, "refund")]
    assert ids(suggest(said("invoice or refund", queue=""), texts, [])) == [3, 1, 2]


def test_it_says_how_often_a_text_was_chosen() -> None:
    habits = [Habit("", 40, {HELLO.id: 30}), Habit("Refund", 9, {REFUND.id: 7, HELLO.id: 1})]
    (found,) = suggest(said("I wait for my refund"), TEXTS, habits)
    assert (found.text, found.words) == (REFUND.id, ("refund",))
    assert (found.code, found.chosen, found.contacts) == ("Refund", 7, 9)


def test_without_a_code_in_what_was_said_all_contacts_of_the_queue_count() -> None:
    habits = [Habit("", 40, {HELLO.id: 30}), Habit("Refund", 9, {REFUND.id: 7})]
    (found,) = suggest(said("?"), TEXTS, habits)
    assert (found.text, found.words, found.code) == (HELLO.id, (), "")
    assert (found.chosen, found.contacts) == (30, 40)


def test_what_was_chosen_once_is_chance() -> None:
    assert suggest(said("?"), TEXTS, [Habit("", 1, {HELLO.id: 1})]) == []


def test_the_own_queue_and_language_decide_between_equals() -> None:
    twice = [
        Text(1, "refund"),
        Text(2, "refund", queue="billing"),
        Text(3, "refund", language="en"),
    ]
    assert ids(suggest(said("refund"), twice, [])) == [2, 3, 1]


def test_pairs_of_chinese_signs_are_words_and_shown_whole() -> None:
    (found,) = suggest(said("我要重新寄发票", language="zh-hans"), TEXTS, [])
    assert (found.text, found.words) == (CHINESE.id, ("重新寄发票",))


def test_a_word_beside_signs_is_a_word_too() -> None:
    assert stems("我的VPN坏了") == {"vpn", "坏了"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("invoice", "INVOICES"),
        ("refund", "refunded"),
        ("bill", "billing"),
        ("cancel", "cancelled"),
        ("Rechnung", "RECHNUNG"),
        ("ｉｎｖｏｉｃｅ", "invoice"),
        ("Straße", "STRASSE"),
    ],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert stems(one) == stems(other) != frozenset()


def test_marks_do_not_cut_a_word() -> None:
    assert len(stems("भुगतान")) == 1
    assert stems("счёт") == {"счёт"}


def test_the_code_with_most_words_in_common_is_meant() -> None:
    habits = [Habit("Refund", 90, {}), Habit("Late refund", 3, {}), Habit("", 99, {})]
    assert habit_for("The refund is late", habits) == habits[1]
    assert habit_for("Something else", habits) == habits[2]
    assert habit_for("Something else", []) is None


words = st.text(max_size=40) | st.sampled_from(["invoice", "the refund", "发票", "Refund invoice"])
texts_of_any_kind = st.lists(words, max_size=8).map(
    lambda found: [Text(number, one) for number, one in enumerate(found)]
)
counts = st.dictionaries(st.integers(0, 7), st.integers(0, 9), max_size=5)
habits_of_any_kind = st.lists(st.builds(Habit, words, st.integers(9, 20), counts), max_size=4)


@given(words, texts_of_any_kind, habits_of_any_kind)
def test_it_gives_at_most_three_with_a_reason_each(
    heard: str, texts: list[Text], habits: list[Habit]
) -> None:
    found = suggest(said(heard), texts, habits)
    assert len(found) <= 3
    assert len(set(ids(found))) == len(found)
    assert all(one.words or one.chosen >= 2 for one in found)
    assert all(one.score > 0 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@given(words, texts_of_any_kind, habits_of_any_kind)
def test_the_order_of_the_texts_changes_nothing(
    heard: str, texts: list[Text], habits: list[Habit]
) -> None:
    backwards = suggest(said(heard), texts[::-1], habits)
    assert ids(suggest(said(heard), texts, habits)) == ids(backwards)


def test_habits_count_contacts_and_not_presses() -> None:
    one, two, three = (UUID(int=number) for number in range(3))
    contacts = [(one, "Refund"), (two, "Refund"), (two, "Payment"), (three, "")]
    uses = [(one, 7), (one, 7), (two, 7), (two, 8), (UUID(int=9), 7)]
    assert habits_of(contacts, uses) == [
        Habit("", 3, {7: 2, 8: 1}),
        Habit("Refund", 2, {7: 2, 8: 1}),
        Habit("Payment", 1, {7: 1, 8: 1}),
    ]
