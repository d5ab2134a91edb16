"""What somebody says about their contact."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.models import Solved
from calls.models.survey import COMMENT_LENGTH

SCORES = (
    (1, pgettext_lazy("score", "Very poor")),
    (2, pgettext_lazy("score", "Poor")),
    (3, pgettext_lazy("score", "Fair")),
    (4, pgettext_lazy("score", "Good")),
    (5, pgettext_lazy("score", "Very good")),
)


class SurveyForm(forms.Form):
    score = forms.TypedChoiceField(
        label=_("How was it?"),
        coerce=int,
        choices=SCORES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the five.")},
    )
    solved = forms.ChoiceField(
        label=_("Is your issue solved?"),
        choices=Solved.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please say whether it is solved.")},
    )
    comment = forms.CharField(
        label=_("Would you like to add something?"),
        required=False,
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
