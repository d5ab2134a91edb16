"""Queues: where people who need somebody now are lined up, and when each of them is open."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.holidays import check_holiday_place
from accounts.models.user import check_time_zone
from calls.models.hours import WEEKDAYS
from calls.models.service import Media, Service

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_PRIORITY = 9


def check_languages(value: object) -> None:
    """Raise ValidationError unless `value` is a list of at most twelve language codes."""
    codes = value if isinstance(value, list) else [None]
    wrong = [code for code in codes if not isinstance(code, str) or code not in LANG_INFO]
    if wrong or len(codes) > 12 or len(set(codes)) < len(codes):
        raise ValidationError(_("Give up to twelve different language codes, such as en, de."))


def language_names(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Each code with the language's own name."""
    return [(code, str(LANG_INFO.get(code, {}).get("name_local", code))) for code in codes]


class Skill(models.Model):
    """Something that some agents can do and some contacts need."""

    name = models.CharField(pgettext_lazy("skill", "name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class LanguageRule(models.TextChoices):
    REQUIRED = "required", _("Only agents who speak it")
    PREFERRED = "preferred", _("Rather agents who speak it")
    ANY = "any", _("Any agent")


def _kept_days(name: "StrOrPromise") -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """A number of days from 1 on, or None for ever."""
    return models.PositiveSmallIntegerField(
        name,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: until somebody deletes them."),
    )


class Queue(models.Model):
    """A line of people, and the agents who answer it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(pgettext_lazy("queue", "name"), max_length=120)
    slug = models.SlugField(_("short name in addresses"), max_length=40, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    is_active = models.BooleanField(_("takes people"), default=True)
    is_public = models.BooleanField(
        _("offered on the first page"),
        default=True,
        help_text=_("Otherwise only its own address and button lead to it."),
    )
    service = models.ForeignKey(
        Service,
        on_delete=models.PROTECT,
        related_name="queues",
        help_text=_("Its rules of recording and keeping hold for the conversations."),
    )
    media = models.CharField(
        _("how people meet"),
        max_length=8,
        choices=Media.choices,
        default=Media.VIDEO,
        help_text=_("Lesser ways are offered too."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=0,
        validators=[MaxValueValidator(MOST_PRIORITY)],
        help_text=_("0 to 9; higher is served first by agents of several queues."),
    )
    agents = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("agents"), related_name="queues", blank=True
    )
    required_skills = models.ManyToManyField(
        Skill, verbose_name=_("required skills"), related_name="+", blank=True
    )
    preferred_skills = models.ManyToManyField(
        Skill, verbose_name=_("preferred skills"), related_name="+", blank=True
    )
    languages = models.JSONField(
        _("languages"), default=list, blank=True, validators=[check_languages]
    )
    language_rule = models.CharField(
        _("the person's language"),
        max_length=9,
        choices=LanguageRule.choices,
        default=LanguageRule.PREFERRED,
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[check_time_zone]
    )
    holiday_place = models.CharField(
        _("closed on public holidays of"),
        max_length=16,
        blank=True,
        validators=[check_holiday_place],
        help_text=_("Empty: as the house says."),
    )
    ring_secs = models.PositiveSmallIntegerField(
        _("an offer rings for seconds"),
        default=20,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    wrap_up_secs = models.PositiveSmallIntegerField(
        _("after-call work, seconds"),
        default=60,
        validators=[MaxValueValidator(3600)],
        help_text=_("Then the agent is available again by themselves. 0: no after-call work."),
    )
    target_secs = models.PositiveSmallIntegerField(
        _("answered within seconds"), default=60, validators=[MinValueValidator(1)]
    )
    target_percent = models.PositiveSmallIntegerField(
        _("of so many percent"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    most_waiting = models.PositiveIntegerField(
        _("most people in line"),
        null=True,
        blank=True,
        help_text=_("Empty: any number. Who comes later may ask for a call back or write."),
    )
    most_wait_secs = models.PositiveIntegerField(
        _("longest wait, seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(10)],
        help_text=_("Then the person goes on to the queue below, with the time waited so far."),
    )
    overflow = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        verbose_name=_("and then on to"),
        related_name="+",
        null=True,
        blank=True,
    )
    greeting = models.CharField(_("greeting"), max_length=300, blank=True)
    at_hand = models.CharField(
        _("what to have at hand"),
        max_length=300,
        blank=True,
        help_text=_("Said to those who wait, such as: your insurance card."),
    )
    closing = models.CharField(_("said when it is closed"), max_length=300, blank=True)
    hold_music = models.BooleanField(_("music on hold"), default=True)
    takes_callbacks = models.BooleanField(_("“call me back” is offered"), default=True)
    takes_messages = models.BooleanField(_("“write instead” is offered"), default=True)
    # From the end of a contact on; calls/services/desk/keeping.py forgets what is over.
    notes_kept_days = _kept_days(_("agents' notes are kept for days"))
    writing_kept_days = _kept_days(_("subjects, messages and answers are kept for days"))
    details_kept_days = _kept_days(
        _("telephones, e-mail addresses and visitors' names are kept for days")
    )
    chat_kept_days = _kept_days(_("chat of conversations without a recording is kept for days"))
    comments_kept_days = _kept_days(_("comments of the survey are kept for days"))

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(priority__lte=MOST_PRIORITY), name="queue_priority_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ring_secs__gte=5, ring_secs__lte=120)
                & models.Q(wrap_up_secs__lte=3600),
                name="queue_times_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(target_secs__gte=1)
                & models.Q(target_percent__gte=1, target_percent__lte=100),
                name="queue_target_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(overflow__isnull=True) | ~models.Q(overflow=models.F("id")),
                name="queue_overflows_elsewhere",
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{what}_kept_days__isnull": True})
                    | models.Q(**{f"{what}_kept_days__gte": 1}),
                    name=f"queue_keeps_{what}_a_day",
                )
                for what in ("notes", "writing", "details", "chat", "comments")
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def media_offered(self) -> list[Media]:
        """The ways in which people may meet here, the richest first."""
        every = list(Media)
        return every[every.index(Media(self.media)) :]

    @property
    def language_choices(self) -> list[tuple[str, str]]:
        return language_names(self.languages)


class QueueHours(models.Model):
    """Weekly opening hours in the queue's own zone; a queue without any is always open.

    `weekday` counts from Monday = 0; until 23:59 is until midnight.
    """

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("queue", "weekday", "starts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(weekday__gte=0, weekday__lte=6), name="queue_hours_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="queue_hours_have_length"
            ),
            models.UniqueConstraint(fields=("queue", "weekday", "starts"), name="queue_hours_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"


class QueueDay(models.Model):
    """Opening hours of one date, in place of the weekly ones; without any it is closed then."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("date"))
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("hours of a single day")
        verbose_name_plural = _("hours of single days")
        ordering = ("queue", "date", "starts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(starts__isnull=True, ends__isnull=True)
                | models.Q(starts__isnull=False, ends__gt=models.F("starts")),
                name="queue_day_has_length",
            ),
            models.UniqueConstraint(fields=("queue", "date", "starts"), name="queue_day_once"),
        )

    def __str__(self) -> str:
        hours = f"{self.starts:%H:%M}-{self.ends:%H:%M}" if self.starts and self.ends else "–"
        return f"{self.date} {hours}"
