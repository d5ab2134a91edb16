"""What people say about a contact afterwards."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.queue_entry import QueueEntry

BEST_SCORE = 5
COMMENT_LENGTH = 1000


class Solved(models.TextChoices):
    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class SurveyAnswer(models.Model):
    """One answer to a contact, by the person themselves; changed at most for a day."""

    entry = models.OneToOneField(QueueEntry, on_delete=models.CASCADE, related_name="survey")
    score = models.PositiveSmallIntegerField(
        _("score"), validators=[MinValueValidator(1), MaxValueValidator(BEST_SCORE)]
    )
    solved = models.CharField(_("issue solved"), max_length=6, choices=Solved.choices)
    comment = models.TextField(_("comment"), max_length=COMMENT_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        ordering = ("-answered_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(score__gte=1, score__lte=BEST_SCORE), name="survey_score_known"
            ),
            models.CheckConstraint(
                condition=models.Q(solved__in=Solved.values), name="survey_solved_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.score}"
