"""How the administration looks: django-unfold's settings, in the portal's colours and words."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def _item(title: str | Promise, icon: str, address: str) -> dict[str, object]:
    """One line of the sidebar; `icon` is a name of Material Symbols, which unfold ships."""
    return {"title": title, "icon": icon, "link": reverse_lazy(address)}


def _group(title: str | Promise, *items: dict[str, object]) -> dict[str, object]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


def _static(path: str) -> object:
    # Names of static files carry hashes that are known only once Django runs.
    return lambda request: static(path)


def environment(request: HttpRequest) -> list[str | Promise] | None:
    """A mark beside the title where the data are a demo's."""
    from django.conf import settings

    return [_("Demo"), "warning"] if settings.DEMO else None


NAVIGATION = [
    {
        "items": [
            _item(_("Dashboard"), "monitoring", "admin:index"),
        ],
    },
    _group(
        _("Visits"),
        _item(_("Appointments"), "calendar_month", "admin:calls_appointment_changelist"),
        _item(_("Calls"), "video_call", "admin:calls_callsession_changelist"),
        _item(_("Services"), "medical_services", "admin:calls_service_changelist"),
        _item(_("Availability"), "schedule", "admin:calls_availability_changelist"),
    ),
    _group(
        _("Desk"),
        _item(_("Queues"), "groups", "admin:calls_queue_changelist"),
        _item(_("Agents at the desk"), "support_agent", "admin:calls_deskagent_changelist"),
        _item(_("Skills"), "psychology", "admin:calls_skill_changelist"),
        _item(_("Wrap-up codes"), "sell", "admin:calls_wrapupcode_changelist"),
        _item(_("Canned replies"), "quickreply", "admin:calls_cannedreply_changelist"),
        _item(_("Contacts"), "contact_phone", "admin:calls_queueentry_changelist"),
        _item(_("Survey answers"), "sentiment_satisfied", "admin:calls_surveyanswer_changelist"),
        _item(_("Alert rules"), "notifications_active", "admin:calls_alertrule_changelist"),
        _item(_("Risk words"), "report", "admin:calls_riskword_changelist"),
        _item(_("Alerts"), "warning", "admin:calls_alert_changelist"),
        _item(_("Why this agent"), "alt_route", "admin:calls_routingdecision_changelist"),
    ),
    _group(
        _("Recordings"),
        _item(_("Recordings"), "fiber_smart_record", "admin:calls_recording_changelist"),
        _item(_("Consents"), "verified_user", "admin:calls_consent_changelist"),
        _item(_("Consent texts"), "article", "admin:accounts_consenttext_changelist"),
        _item(_("Recorders"), "dns", "admin:calls_recorders"),
        _item(_("Storage"), "database", "admin:calls_storage"),
        _item(_("Legal holds"), "gavel", "admin:calls_legalhold_changelist"),
        _item(_("Deletions"), "delete_forever", "admin:calls_deletion_changelist"),
        _item(_("Certificates"), "workspace_premium", "admin:calls_erasurecertificate_changelist"),
    ),
    _group(
        _("People"),
        _item(_("Users"), "group", "admin:accounts_user_changelist"),
        _item(_("E-mail addresses"), "mail", "admin:account_emailaddress_changelist"),
        _item(_("Second factors"), "passkey", "admin:mfa_authenticator_changelist"),
    ),
    _group(
        _("Oversight"),
        _item(_("Audit log"), "policy", "admin:audit_auditentry_changelist"),
        _item(_("Refused sign-ins"), "gpp_bad", "admin:axes_accessattempt_changelist"),
        _item(_("Sign-ins"), "login", "admin:axes_accesslog_changelist"),
    ),
    _group(
        _("Behind the calls"),
        _item(_("Participants"), "person", "admin:calls_participant_changelist"),
        _item(_("Connections"), "cable", "admin:calls_leg_changelist"),
        _item(_("Quality"), "network_check", "admin:calls_qualitysample_changelist"),
        _item(_("Facts"), "timeline", "admin:calls_callevent_changelist"),
        _item(_("Tracks"), "graphic_eq", "admin:calls_track_changelist"),
        _item(_("Segments"), "view_week", "admin:calls_segment_changelist"),
        _item(_("Finished files"), "movie", "admin:calls_artifact_changelist"),
        _item(_("Files to be made"), "pending", "admin:calls_filejob_changelist"),
        _item(_("Cut-outs"), "content_cut", "admin:calls_cutout_changelist"),
        _item(_("Ledgers"), "link", "admin:calls_ledgerentry_changelist"),
        _item(_("Reconciliations"), "rule", "admin:calls_reconciliation_changelist"),
    ),
]

# static/css/tokens.css in unfold's steps: grounds and lines from the page up, and the brand.
COLORS = {
    "base": {
        "50": "#f5f7f5",
        "100": "#eaeeeb",
        "200": "#dce3df",
        "300": "#c0cac5",
        "400": "#94a29b",
        "500": "#5f6e67",
        "600": "#4c5b54",
        "700": "#3b4843",
        "800": "#2c3733",
        "900": "#18201d",
        "950": "#101614",
    },
    "primary": {
        "50": "#eff7f3",
        "100": "#e1f0ea",
        "200": "#c1dfd3",
        "300": "#93e2c6",
        "400": "#6fd0ae",
        "500": "#4cb28f",
        "600": "#17604b",
        "700": "#0f4a39",
        "800": "#17362c",
        "900": "#0b2f25",
        "950": "#07211a",
    },
    "font": {
        "subtle-light": "#4c5b54",
        "subtle-dark": "#acb9b3",
        "default-light": "#33423b",
        "default-dark": "#cdd6d2",
        "important-light": "#17231e",
        "important-dark": "#e9efec",
    },
}

UNFOLD: dict[str, object] = {
    "SITE_TITLE": _("Parlour administration"),
    "SITE_HEADER": "Parlour",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": reverse_lazy("home"),
    "SITE_ICON": _static("img/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("img/logo.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "config.admin_site.environment",
    "DASHBOARD_CALLBACK": "calls.admin.dashboard.dashboard_context",
    "STYLES": [
        _static("css/admin.css"),
        _static("css/admin-lists.css"),
        _static("css/admin-keeping.css"),
        _static("css/admin-recorders.css"),
    ],
    "BORDER_RADIUS": "10px",
    "COLORS": COLORS,
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
