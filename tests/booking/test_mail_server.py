"""A mail server that has a bad day: what is due is tried again, then shown as failed."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import Appointment, Notice, Service
from calls.services.notices import mailing
from calls.services.scheduling import booking

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 1, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def january() -> Iterator[None]:
    with patch.object(timezone, "now", return_value=NOW):
        yield


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    starts_at = NOW + timedelta(days=5)
    return booking.book(mei, ada, service=consultation, starts_at=starts_at, zone=mei.zone)


class Server(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as is needed; refuses while `is_down`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Smtp)
        self.is_down = True
        self.taken: list[bytes] = []


class Smtp(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.say("421 later" if self.server.is_down else "220 here")
        while not self.server.is_down and (line := self.rfile.readline().strip().upper()):
            if line == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(lines))
            self.say("221 bye" if line == b"QUIT" else "250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with Server() as smtp:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = smtp.server_address[:2]
        settings.EMAIL_USE_TLS = False
        settings.EMAIL_HOST_USER = ""
        threading.Thread(target=smtp.serve_forever, daemon=True).start()
        yield smtp
        smtp.shutdown()


def test_it_tries_again_until_the_server_takes_it(
    server: Server, visit: Appointment, mei: User
) -> None:
    assert mailing.send_due() == 0
    waiting = Notice.objects.get(person=mei)
    assert (waiting.mail_state, waiting.mail_attempts) == ("due", 1)
    assert waiting.mail_next_at == timezone.now() + timedelta(minutes=1)
    assert mailing.send_due() == 0
    server.is_down = False
    with patch.object(timezone, "now", return_value=waiting.mail_next_at):
        assert mailing.send_due() == 2
    subjects = {message_from_bytes(one)["Subject"] for one in server.taken}
    assert subjects == {"Your visit is booked"}


def test_it_gives_up_and_can_be_asked_again(server: Server, visit: Appointment, mei: User) -> None:
    for hours in range(mailing.MOST_ATTEMPTS):
        later = datetime(2027, 1, 10, 9, tzinfo=UTC) + timedelta(hours=7 * hours)
        with patch.object(timezone, "now", return_value=later):
            mailing.send_due()
    failed = Notice.objects.get(person=mei)
    assert (failed.mail_state, failed.mail_attempts) == ("failed", mailing.MOST_ATTEMPTS)
    server.is_down = False
    assert mailing.try_again(failed, by=mei.pk)
    assert mailing.send_due() == 1
    assert not mailing.try_again(failed, by=mei.pk)
