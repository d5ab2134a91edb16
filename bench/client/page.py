"""What a person does before the socket: signs in over HTTP and opens the page of the visit."""

import html
import json
import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener


class Visitor:
    """One person's cookies at `url` (http or https)."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))

    def sign_in(self, email: str, password: str) -> None:
        """Raises PermissionError if the site says no."""
        self._get("/account/login/")
        form = {
            "login": email,
            "password": password,
            "csrfmiddlewaretoken": self._cookie("csrftoken"),
        }
        self._get("/account/login/", urlencode(form).encode())
        if not self._cookie("sessionid"):
            raise PermissionError(email)

    def setup(self, call: str) -> dict[str, Any]:
        """What the page of a call tells its scripts: `socket` (the path), maybe `token`, ..."""
        page = self._get(f"/calls/{call}/")
        found = re.search(r'<script id="[\w-]*setup" type="application/json">(.*?)</script>', page)
        if found is None:
            raise LookupError("the page of the call holds no setup")
        setup: dict[str, Any] = json.loads(html.unescape(found[1]))
        return setup

    @property
    def headers(self) -> dict[str, str]:
        """What the handshake of a socket must carry: whose session it is, and from which site."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)
        return {"Cookie": cookies, "Origin": self.url}

    def socket_url(self, call: str) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/ws/calls/{call}/"

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")

    def _get(self, path: str, form: bytes | None = None) -> str:
        request = Request(self.url + path, data=form, headers={"Referer": self.url + path})
        with self._opener.open(request, timeout=20) as answer:
            text: str = answer.read().decode()
            return text
