"""Addresses of those who answer: the agent's desk, the wallboard, reports."""

from django.urls import path

from calls.views.desk import contact, levers, page, reports, ringing, transfer, wallboard
from calls.views.desk.inviting import contact_invite
from calls.views.desk.letter import contact_letter
from calls.views.desk.sitting_in import wallboard_sit_in

urlpatterns = [
    path("desk/", page.desk, name="desk"),
    path("desk/line/", page.desk_line, name="desk_line"),
    path("desk/state/", page.desk_state, name="desk_state"),
    path("desk/ringing/<uuid:pk>/accept/", ringing.ring_accept, name="ring_accept"),
    path("desk/ringing/<uuid:pk>/decline/", ringing.ring_decline, name="ring_decline"),
    path("desk/contacts/<uuid:pk>/card/", contact.contact_card, name="contact_card"),
    path(
        "desk/contacts/<uuid:pk>/replies/<int:reply>/used/",
        contact.contact_reply_used,
        name="contact_reply_used",
    ),
    path("desk/contacts/<uuid:pk>/transfer/", transfer.contact_transfer, name="contact_transfer"),
    path("desk/contacts/<uuid:pk>/consult/", transfer.contact_consult, name="contact_consult"),
    path(
        "desk/contacts/<uuid:pk>/consult/stop/",
        transfer.contact_consult_stop,
        name="contact_consult_stop",
    ),
    path(
        "desk/contacts/<uuid:pk>/hand-over/", transfer.contact_hand_over, name="contact_hand_over"
    ),
    path("desk/contacts/<uuid:pk>/send-on/", transfer.contact_send_on, name="contact_send_on"),
    path("desk/contacts/<uuid:pk>/invite/", contact_invite, name="contact_invite"),
    path("desk/parts/<int:pk>/note/", contact.contact_note, name="contact_note"),
    path("desk/parts/<int:pk>/letter/", contact_letter, name="contact_letter"),
    path("desk/parts/<int:pk>/wrap-up/", contact.contact_wrap_up, name="contact_wrap_up"),
    path("desk/wallboard/", wallboard.wallboard, name="wallboard"),
    path("desk/wallboard/live/", wallboard.wallboard_live, name="wallboard_live"),
    path("desk/wallboard/contacts/<uuid:pk>/", levers.wallboard_contact, name="wallboard_contact"),
    path("desk/wallboard/contacts/<uuid:pk>/move/", levers.wallboard_move, name="wallboard_move"),
    path(
        "desk/wallboard/contacts/<uuid:pk>/assign/",
        levers.wallboard_assign,
        name="wallboard_assign",
    ),
    path(
        "desk/wallboard/contacts/<uuid:pk>/recall/",
        levers.wallboard_recall,
        name="wallboard_recall",
    ),
    path("desk/wallboard/contacts/<uuid:pk>/sit-in/", wallboard_sit_in, name="wallboard_sit_in"),
    path("desk/wallboard/agents/<uuid:pk>/", levers.wallboard_agent, name="wallboard_agent"),
    path("desk/wallboard/agents/<uuid:pk>/state/", levers.wallboard_state, name="wallboard_state"),
    path(
        "desk/wallboard/alerts/<uuid:pk>/acknowledge/",
        levers.wallboard_acknowledge,
        name="wallboard_acknowledge",
    ),
    path("desk/reports/", reports.reports, name="reports"),
    path("desk/reports/export/", reports.reports_export, name="reports_export"),
]
