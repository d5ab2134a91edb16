"""The certificate of an erasure on one page, to be read and printed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from calls.models import ErasureCertificate
from calls.models.keeping import document_digest


def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page; with `?json`, the document as it was hashed."""
    rows = ErasureCertificate.objects.select_related("recording")
    found = get_object_or_404(rows, pk=pk)
    if "json" in request.GET:
        text = json.dumps(found.document, indent=1, sort_keys=True)
        name = f'attachment; filename="{found.recording_id}.json"'
        return HttpResponse(
            text, content_type="application/json", headers={"Content-Disposition": name}
        )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Certificate of erasure"),
        "certificate": found,
        "lines": _lines(found),
        "is_whole": document_digest(found.document) == found.sha256,
    }
    return TemplateResponse(request, "admin/certificate.html", context)


def _lines(found: ErasureCertificate) -> list[tuple[str, object]]:
    document: Mapping[str, Any] = found.document
    held = document["held"]
    lines: list[tuple[str, object]] = [
        (_("Recording"), document["recording"]),
        (_("Visit"), document["call"]),
        (_("Recorded"), _span(document)),
        (_("Erased"), _time(document["erased_at"])),
        (_("Cause"), found.get_cause_display()),
        (_("Decided by"), _people(document["by"]) or "–"),
        (_("Purpose"), document["purpose"] or "–"),
        (_("Was to be kept until"), _time(document["kept_until"])),
        (
            _("What was there"),
            _("%(people)d people, %(segments)d segments, %(files)d finished files") % held,
        ),
        (_("Bytes"), held["segment_bytes"] + held["file_bytes"]),
        (_("Entries of its ledger"), document["ledger"]["entries"]),
        (_("Head of its ledger"), document["ledger"]["head"]),
        (_("SHA-256 of the key destroyed, as it was wrapped"), _key(document)),
        (_("All files gone"), _time(found.cleared_at) if found.cleared_at else _("not yet")),
    ]
    if "earlier" in document:
        lines.append((_("Erased before on"), _time(document["earlier"]["erased_at"])))
    return lines


def _span(document: Mapping[str, Any]) -> str:
    return f"{_time(document['recorded_from'])} – {_time(document['recorded_until'])}"


def _key(document: Mapping[str, Any]) -> str:
    return str(document["key"]["wrapped_sha256"] or "–")


def _people(ids: list[str]) -> str:
    """Names as they are now, beside the ids that the document has."""
    names = {str(it.pk): str(it) for it in User.objects.filter(pk__in=ids)}
    return ", ".join(f"{names[it]} ({it})" if it in names else it for it in ids)


def _time(at: str | datetime | None) -> str:
    moment = parse_datetime(at) if isinstance(at, str) else at
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "–"
