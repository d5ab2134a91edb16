"""What the wallboard is asked for, and what its levers send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.models import Queue, QueueEntry
from calls.models.call import Manner
from calls.models.desk_agent import STATES


class WallboardQuery(forms.Form):
    """What the lists are narrowed to."""

    queue = forms.ModelChoiceField(
        label=_("Queue"),
        queryset=Queue.objects.order_by("name"),
        required=False,
        empty_label=_("All queues"),
    )
    agent = forms.UUIDField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", ""), *STATES])


class SeenForm(forms.Form):
    """In which queue the page showed the person."""

    seen = forms.UUIDField(widget=forms.HiddenInput)


class MoveForm(SeenForm):
    queue = forms.ModelChoiceField(
        label=_("Move to"), queryset=Queue.objects.none(), empty_label=_("Choose a queue")
    )

    def __init__(self, data: Any, *, entry: QueueEntry) -> None:
        super().__init__(data, initial={"seen": entry.queue_id})
        others = Queue.objects.filter(is_active=True).exclude(pk=entry.queue_id)
        self.fields["queue"].queryset = others.order_by("name")  # type: ignore[attr-defined]


class AssignForm(SeenForm):
    agent = forms.ModelChoiceField(
        label=_("Assign to"), queryset=User.objects.none(), empty_label=_("Choose an agent")
    )

    def __init__(self, data: Any, *, entry: QueueEntry) -> None:
        super().__init__(data, initial={"seen": entry.queue_id})
        agents = User.objects.agents().filter(queues=entry.queue_id, desk__isnull=False)
        field: Any = self.fields["agent"]
        field.queryset = agents.select_related("desk").order_by("display_name", "email")
        field.label_from_instance = _with_state


def _with_state(agent: User) -> str:
    return f"{agent.display_name} · {agent.desk.get_state_display()}"


class SitInForm(forms.Form):
    manner = forms.ChoiceField(choices=Manner.choices)
