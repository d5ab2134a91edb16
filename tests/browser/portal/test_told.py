"""What people are told: mails read from the mailbox, calendar files, messages, in two languages."""

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from playwright.sync_api import Page, expect

from tests.support.axe import faults
from tests.support.group import ServerGroup
from tests.support.people import Someone
from tests.support.servers import wait_for

ENGLISH, CHINESE = "English", "简体中文"


@pytest.fixture
def english_afterwards(mei: Someone) -> Iterator[None]:
    yield
    choose_language(mei.page, ENGLISH)


def choose_language(page: Page, name: str) -> None:
    page.locator('[popovertarget="settings-menu"]').click()
    page.locator("#settings-menu").get_by_role("button", name=name).click()
    page.wait_for_load_state()


def mails(folder: Path, *, to: str, about: str) -> list[EmailMessage]:
    """What has come to an address and names the visit, oldest first."""
    found = []
    for file in sorted((folder / "mail").glob("*"), key=lambda path: path.stat().st_mtime):
        for raw in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            message = message_from_bytes(raw, policy=policy.default)
            assert isinstance(message, EmailMessage)
            text = message.get_body(("plain",))
            if message["To"] == to and text and about in text.get_content():
                found.append(message)
    return found


def next_mail(group: ServerGroup, *, to: str, about: str, number: int) -> EmailMessage:
    def arrived() -> bool:
        return len(mails(group.data_dir, to=to, about=about)) >= number

    wait_for(arrived, f"mail {number} to {to}", secs=30)
    return mails(group.data_dir, to=to, about=about)[number - 1]


def entry_of(content: bytes) -> Event:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def entry_in(message: EmailMessage) -> Event:
    [attached] = message.iter_attachments()
    content = attached.get_content()
    return entry_of(content if isinstance(content, bytes) else content.encode())


def test_a_visit_is_told_by_mail_calendar_and_message(
    mei: Someone, server_group: ServerGroup, english_afterwards: None
) -> None:
    page, to = mei.page, "patient@example.com"
    visit = mei.book("Follow-up", "Dr. Ada Brandt")
    pk = visit.rstrip("/").rsplit("/", 1)[-1]
    moment = page.locator("dl.facts time").first.get_attribute("datetime")
    starts_at = datetime.fromisoformat(str(moment))
    booked = next_mail(server_group, to=to, about=pk, number=1)
    assert booked["Subject"] == "Your visit is booked"
    plain = booked.get_body(("plain",))
    assert plain
    assert f"{starts_at:%H:%M} (Europe/Berlin)" in plain.get_content()
    event = entry_in(booked)
    assert (event.DTSTART, str(event["UID"]), event["SEQUENCE"]) == (
        starts_at,
        f"{pk}@localhost",
        0,
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert starts_at == entry_of(download.value.path().read_bytes()).DTSTART
    page.goto("/account/calendar/")
    page.get_by_role("button", name="Make a").first.click()
    found = faults(page)
    feed = page.locator("#feed-address").inner_text()
    answer = page.request.get(feed)
    assert pk in answer.text()
    choose_language(page, CHINESE)
    found += faults(page)
    page.goto(visit)
    page.get_by_role("button", name="取消问诊").click()
    page.get_by_role("dialog").get_by_role("button", name="取消问诊").click()
    cancelled = next_mail(server_group, to=to, about=pk, number=2)
    assert cancelled["Subject"] == "您的问诊已取消"
    event = entry_in(cancelled)
    assert (str(event["STATUS"]), event["SEQUENCE"], event.DTSTART) == ("CANCELLED", 1, starts_at)
    page.goto("/notices/")
    expect(page.get_by_role("link", name="您的问诊已取消").first).to_be_visible()
    found += faults(page)
    page.goto("/account/notifications/")
    assert found + faults(page) == []
