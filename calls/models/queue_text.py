"""What a queue says in other languages, in place of its own texts."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.queue import Queue, check_languages, language_names


def check_language(code: object) -> None:
    """Raise ValidationError unless it is the code of a known language."""
    check_languages([code])


class Texts(NamedTuple):
    greeting: str
    at_hand: str
    closing: str


class QueueText(models.Model):
    """The texts of a queue in one language; what is empty is said as the queue says it."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=12, validators=[check_language])
    greeting = models.CharField(_("greeting"), max_length=300, blank=True)
    at_hand = models.CharField(_("what to have at hand"), max_length=300, blank=True)
    closing = models.CharField(_("said when it is closed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("texts in another language")
        verbose_name_plural = _("texts in other languages")
        ordering = ("queue", "language")
        constraints = (
            models.UniqueConstraint(fields=("queue", "language"), name="queue_text_once"),
        )

    def __str__(self) -> str:
        ((_code, name),) = language_names([self.language])
        return f"{self.queue}: {name}"

    def clean(self) -> None:
        if not (self.greeting or self.at_hand or self.closing):
            raise ValidationError(_("Give at least one of the texts, or take the language out."))


def texts_for(queue: Queue, *languages: str) -> Texts:
    """What the queue says to somebody who reads these languages, the best known first: each text in
    the first of them that it is given in, else as the queue itself has it; one query.

    Who reads zh-hans reads what is given in zh.
    """
    given = {row.language: row for row in queue.texts.all()}
    codes = [code for one in languages for code in (one, one.split("-")[0])]
    rows = [given[code] for code in codes if code in given]

    def said(name: str) -> str:
        return next((text for row in (*rows, queue) if (text := str(getattr(row, name)))), "")

    return Texts(*(said(name) for name in Texts._fields))
