"""The desk in the administration: its queues, its agents and what became of contacts."""

from calls.admin.desk.agent import AgentSpanAdmin, DeskAgentAdmin, SkillAdmin
from calls.admin.desk.alert import AlertAdmin, AlertRuleAdmin, RiskWordAdmin
from calls.admin.desk.contact import (
    EntryEventAdmin,
    HandlingAdmin,
    QueueEntryAdmin,
    SurveyAnswerAdmin,
)
from calls.admin.desk.queue import QueueAdmin, QueueDayAdmin, QueueHoursAdmin, QueueTextAdmin
from calls.admin.desk.routing import QueueOfferAdmin, RoutingDecisionAdmin
from calls.admin.desk.texts import (
    CannedReplyAdmin,
    CannedUseAdmin,
    NotNowAdmin,
    WrapUpCodeAdmin,
)

__all__ = [
    "AgentSpanAdmin",
    "AlertAdmin",
    "AlertRuleAdmin",
    "CannedReplyAdmin",
    "CannedUseAdmin",
    "DeskAgentAdmin",
    "EntryEventAdmin",
    "HandlingAdmin",
    "NotNowAdmin",
    "QueueAdmin",
    "QueueDayAdmin",
    "QueueEntryAdmin",
    "QueueHoursAdmin",
    "QueueOfferAdmin",
    "QueueTextAdmin",
    "RiskWordAdmin",
    "RoutingDecisionAdmin",
    "SkillAdmin",
    "SurveyAnswerAdmin",
    "WrapUpCodeAdmin",
]
