"""Visits in which a browser is Firefox: seen, heard, written to and recorded like any other."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser

from tests.browser.seat import AGENT, PATIENT, new_visit
from tests.support.film import Film, develop
from tests.support.firefox import Firefox, FirefoxPerson, running_firefox
from tests.support.group import ServerGroup
from tests.support.people import Someone
from tests.support.servers import wait_for

Anyone = Someone | FirefoxPerson


# How many packets of sound, and bytes of picture, come in three seconds once no sound has come for
# one (after twenty at most). Without a track Firefox sends no sound, and a black picture a second.
STILL_COMES = """async () => {
    const second = () => new Promise((resolve) => setTimeout(resolve, 1000));
    const come = async (kind, what) => {
        const all = await Promise.all(window.connections.map((one) => one.getStats()));
        const rows = all.flatMap((stats) => [...stats.values()]);
        const ours = rows.filter((row) => row.type === "inbound-rtp" && row.kind === kind);
        return ours.reduce((sum, row) => sum + (row[what] ?? 0), 0);
    };
    const sound = () => come("audio", "packetsReceived");
    let before = -1;
    for (let [now, looks] = [await sound(), 0]; now !== before && looks < 20; looks += 1) {
        before = now;
        await second();
        now = await sound();
    }
    const picture = await come("video", "bytesReceived");
    for (let look = 0; look < 3; look += 1) await second();
    return [(await sound()) - before, (await come("video", "bytesReceived")) - picture];
}"""
# What a black picture takes; one of the person takes thousands.
BLACK_BYTES = 600


@contextmanager
def visit(
    group: ServerGroup, patient_in: Browser | Firefox, agent_in: Browser | Firefox
) -> Iterator[tuple[Anyone, Anyone]]:
    """Patient and agent in a visit; the agent's browser is the one that offers."""
    with ExitStack() as seats:
        path = f"/calls/{new_visit(group)}/"
        people = [
            sit_down(seats, browser, group, email)
            for browser, email in ((patient_in, PATIENT), (agent_in, AGENT))
        ]
        patient, agent = people
        for someone in people:
            go(someone, path)
            someone.join()
        patient.until("callState", "waiting")
        agent.press("admit")
        for someone in people:
            someone.until("callState", "live")
            someone.until("connection", "connected")
        yield patient, agent


def sit_down(
    seats: ExitStack, browser: Browser | Firefox, group: ServerGroup, email: str
) -> Anyone:
    person: Anyone
    if isinstance(browser, Firefox):
        person = FirefoxPerson(browser, group.url, email)
    else:
        person = Someone(browser, group.url, email)
    seats.callback(person.close)
    return person


def go(someone: Anyone, path: str) -> None:
    if isinstance(someone, Someone):
        someone.page.goto(path)
    else:
        someone.goto(path)


def check_they_see_and_hear_each_other(*people: Anyone) -> None:
    for someone in people:
        before = someone.received()["videoFrames"]
        wait_for(lambda: someone.received()["videoFrames"] > before + 20, "pictures are decoded")  # noqa: B023
        wait_for(lambda: someone.received()["audioEnergy"] > 0, "a sound is decoded")  # noqa: B023


def check_they_write(writer: Anyone, reader: Anyone, text: str) -> None:
    if isinstance(writer, FirefoxPerson):
        writer.write(text)
    else:
        writer.press("chat")
        writer.page.fill("[data-panel-body=chat] textarea", text)
        writer.page.keyboard.press("Enter")
    reader.press("chat")
    if isinstance(reader, FirefoxPerson):
        reader.reads(text)
    else:
        reader.page.get_by_text(text).locator("visible=true").first.wait_for()


def recorded(agent: Someone) -> list[Film]:
    """The films of the newest recording: the patient's, then the agent's."""
    agent.page.goto("/recordings/")
    agent.page.locator('main a[href^="/recordings/"]').first.click()
    return [develop(content) for content in agent.downloads()]


def test_it_connects_a_patient_in_firefox_and_records_them(
    chromium: Browser, firefox: Firefox, server_group: ServerGroup
) -> None:
    with visit(server_group, patient_in=firefox, agent_in=chromium) as (patient, agent):
        check_they_see_and_hear_each_other(patient, agent)
        check_they_write(patient, agent, "Hello from a fox")
        agent.press("record")
        agent.press("confirm-record")
        patient.press("agree")
        for someone in (patient, agent):
            someone.until("recording", "on")
            someone.until("recorderLeg", "on")
        check_they_see_and_hear_each_other(patient, agent)
        agent.press("end")
        agent.press("confirm-end")
        patient.until("callState", "ended")
        assert isinstance(agent, Someone)
        of_the_fox = recorded(agent)[0]
    assert (of_the_fox.video_codec, of_the_fox.audio_codec) == ("vp8", "opus")
    assert of_the_fox.video_frames > 20
    assert of_the_fox.loudest > 0.1


def test_it_holds_a_patient_in_firefox(
    chromium: Browser, firefox: Firefox, server_group: ServerGroup
) -> None:
    with visit(server_group, patient_in=firefox, agent_in=chromium) as (patient, agent):
        check_they_see_and_hear_each_other(patient, agent)
        assert isinstance(patient, FirefoxPerson)
        assert isinstance(agent, Someone)
        agent.press("hold")
        patient.reads("You are on hold")
        assert patient.run(STILL_COMES) == [0, 0]
        sound, picture = agent.page.evaluate(STILL_COMES)
        assert sound == 0
        assert picture < 4 * BLACK_BYTES
        agent.press("hold")
        check_they_see_and_hear_each_other(patient, agent)
        assert patient.run("() => window.connections.length") == 1


def test_it_connects_two_people_in_firefox(firefox: Firefox, server_group: ServerGroup) -> None:
    with visit(server_group, patient_in=firefox, agent_in=firefox) as (patient, agent):
        check_they_see_and_hear_each_other(patient, agent)


@pytest.mark.lab
def test_it_connects_an_agent_in_firefox(
    chromium: Browser, firefox: Firefox, server_group: ServerGroup
) -> None:
    with visit(server_group, patient_in=chromium, agent_in=firefox) as (patient, agent):
        check_they_see_and_hear_each_other(patient, agent)
        check_they_write(agent, patient, "Good morning from a fox")


@pytest.mark.lab
def test_it_connects_two_processes_of_firefox(firefox: Firefox, server_group: ServerGroup) -> None:
    with (
        running_firefox() as other,
        visit(server_group, patient_in=firefox, agent_in=other) as (patient, agent),
    ):
        check_they_see_and_hear_each_other(patient, agent)
        check_they_write(agent, patient, "From one process to another")
