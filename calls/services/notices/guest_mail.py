"""The mail with a guest's link: who invites and when, nothing of the matter."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from calls.models import Invitation

logger = logging.getLogger(__name__)


def send(invitation: Invitation, address: str) -> bool:
    """Mail the link if there is an address; False if there is none or the mail server refuses.

    The link is shown to whoever invites as well, so a mail that does not go loses nothing.
    """
    if not invitation.email:
        return False
    text = render_to_string(
        "mail/invitation.txt",
        {"invitation": invitation, "address": address, "call": invitation.call},
    )
    message = EmailMessage(_("You are invited to a video call"), text, to=[invitation.email])
    try:
        return bool(message.send())
    except (SMTPException, OSError):
        logger.exception("invitation %s was not mailed", invitation.pk)
        return False
