"""Firefox with a fake camera and microphone, driven by W3C WebDriver BiDi."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.people import KEEP_CONNECTIONS, PASSWORD, RECEIVED
from tests.support.servers import program, wait_for

PREFERENCES: dict[str, bool | int | str] = {
    # A picture and a tone of its own, without asking; host candidates as addresses.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    # Nothing goes out to Mozilla, nothing asks to be the default browser.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
START_SECS = 60.0
ANSWER_SECS = 60.0
WAIT_SECS = 40.0


class Firefox:
    """A process with a profile of its own; `session` speaks to it."""

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="parlour-firefox-"))
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
        (self._profile / "user.js").write_text("\n".join(lines))
        self._output: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._socket: ClientConnection | None = None
        self._sent = 0

    def start(self) -> None:
        """Returns when the session is open; fails the test if Firefox does not come up."""
        executable = program("firefox-esr", "firefox")
        command = [executable, "--headless", "--no-remote", "--profile", str(self._profile)]
        self._process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        wait_for(lambda: self._address() or self._ended(), "Firefox listens", secs=START_SECS)
        if self._ended():
            pytest.fail("Firefox ended at its start:\n" + "".join(self._output[-20:]))
        opening = connect(f"{self._address()}/session", max_size=None, ping_interval=None)
        self._socket = opening.__enter__()
        self.command("session.new", capabilities={})
        preload = f"() => {{ {KEEP_CONNECTIONS} }}"
        self.command("script.addPreloadScript", functionDeclaration=preload)

    def stop(self) -> None:
        try:
            if self._socket is not None:
                self._socket.close()
            if self._process is not None:
                self._process.terminate()
                self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # type: ignore[union-attr]
            self._process.wait(timeout=10)  # type: ignore[union-attr]
        finally:
            shutil.rmtree(self._profile, ignore_errors=True)

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command; raises RuntimeError with Firefox's own words."""
        assert self._socket is not None
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv(timeout=ANSWER_SECS))).get(
            "id"
        ) != self._sent:
            continue  # an event
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer.get('message')}")
        return dict(answer["result"])

    def _address(self) -> str | None:
        found = LISTENS.search("".join(self._output))
        return found[1] if found else None

    def _ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        self._output.extend(self._process.stderr)


class FirefoxPerson:
    """One signed-in person in a window with cookies of its own; as `Someone` in people.py."""

    def __init__(self, firefox: Firefox, url: str, email: str) -> None:
        self._firefox = firefox
        self._url = url
        jar = firefox.command("browser.createUserContext")["userContext"]
        window = firefox.command("browsingContext.create", type="window", userContext=jar)
        self._window: str = window["context"]
        self.goto("/account/login/")
        self._sign_in(email)

    def goto(self, path: str) -> None:
        self._firefox.command(
            "browsingContext.navigate", context=self._window, url=self._url + path, wait="complete"
        )

    def join(self) -> None:
        self.until("callState", "lobby")
        self.press("join")

    def press(self, action: str) -> None:
        """Click the control of that name once it can be seen and used."""
        self._click(f'[data-action="{action}"]')

    def until(self, key: str, value: str, *, secs: float = WAIT_SECS) -> None:
        self._wait("(key, value) => document.documentElement.dataset[key] === value", key, value,
                   secs=secs)  # fmt: skip

    def reads(self, text: str) -> None:
        """Wait until these words can be seen on the page."""
        self._wait("(text) => document.body.innerText.includes(text)", text)

    def write(self, text: str) -> None:
        """Open the chat, send one line, and close it again."""
        self.press("chat")
        self.run(
            """(text) => {
                const field = document.querySelector("[data-panel-body=chat] textarea");
                field.value = text;
                field.form.requestSubmit();
            }""",
            text,
        )

    def received(self) -> dict[str, float]:
        return dict(self.run(RECEIVED))

    def run(self, function: str, *words: str) -> Any:
        """What a JavaScript function returns for `words`; raises RuntimeError if it throws."""
        result = self._firefox.command(
            "script.callFunction",
            functionDeclaration=f"async (...words) => JSON.stringify(await ({function})(...words))",
            arguments=[{"type": "string", "value": word} for word in words],
            target={"context": self._window},
            awaitPromise=True,
            userActivation=True,
        )
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        value = result["result"].get("value")
        return None if value is None else json.loads(value)

    def close(self) -> None:
        self._firefox.command("browsingContext.close", context=self._window)

    def _sign_in(self, email: str) -> None:
        self.run(
            """(email, password) => {
                const form = document.querySelector("[name=login]").form;
                form.elements.login.value = email;
                form.elements.password.value = password;
                setTimeout(() => form.requestSubmit());
            }""",
            email,
            PASSWORD,
        )
        self._wait("() => location.pathname === '/home/' && document.readyState === 'complete'")

    def _click(self, selector: str) -> None:
        self._wait(
            """(selector) => {
                const fit = (one) => one.checkVisibility() && !one.disabled;
                const found = [...document.querySelectorAll(selector)].find(fit);
                found?.click();
                return Boolean(found);
            }""",
            selector,
        )

    def _wait(self, function: str, *words: str, secs: float = WAIT_SECS) -> None:
        what = f"{function} {words}"
        wait_for(lambda: self._answer(function, *words), f"in Firefox: {what}", secs=secs)

    def _answer(self, function: str, *words: str) -> object:
        try:
            return self.run(function, *words)
        except RuntimeError as fault:
            if "no such frame" in str(fault) or "destroyed" in str(fault):
                return None  # between two pages
            raise


@contextmanager
def running_firefox() -> Iterator[Firefox]:
    firefox = Firefox()
    try:
        firefox.start()
        yield firefox
    finally:
        firefox.stop()


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    """A running Firefox for the tests of one file."""
    with running_firefox() as running:
        yield running
