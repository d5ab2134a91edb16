"""Sign-up, sign-in, profile, language, time zone, and what guessing gets."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-room-17"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user(
        "alice@example.org", PASSWORD, display_name="Alice Ndiaye", time_zone="Europe/Zurich"
    )


def sign_in(client: Client, email: str, password: str, address: str = "192.0.2.1") -> int:
    answer = client.post(
        "/account/login/", {"login": email, "password": password}, REMOTE_ADDR=address
    )
    return answer.status_code


def test_it_shows_the_landing_page_to_a_visitor(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert b'href="/account/login/"' in answer.content


def test_it_sends_a_signed_in_person_home(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/").headers["Location"] == "/home/"


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/signup/", "/account/password/reset/", "/nowhere/"]
)
def test_it_renders_pages_for_visitors_without_inline_code(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert "<h1>" in page
    assert " style=" not in page
    assert "<style" not in page


def test_it_signs_up_patients_only(client: Client) -> None:
    form = {
        "display_name": "Bo Lind",
        "email": "Bo@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "time_zone": "Asia/Tokyo",
        "role": "administrator",
        "is_superuser": "on",
    }
    client.post("/account/signup/", form)
    bo = User.objects.get(email="bo@example.org")
    assert (bo.role, bo.is_superuser, bo.time_zone) == (Role.PATIENT, False, "Asia/Tokyo")
    assert bo.display_name == "Bo Lind"


def test_it_ignores_an_invented_time_zone_at_sign_up(client: Client) -> None:
    form = {
        "display_name": "Bo Lind",
        "email": "bo@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "time_zone": "../../etc/passwd",
    }
    client.post("/account/signup/", form)
    assert User.objects.get(email="bo@example.org").time_zone == "UTC"


def test_it_names_the_field_that_is_wrong(client: Client) -> None:
    page = client.post("/account/signup/", {"email": "no"}).content.decode()
    assert "error-summary" in page
    assert 'href="#id_display_name"' in page
    assert 'aria-describedby="id_display_name_helptext id_display_name_error"' in page


def test_it_answers_429_to_guessing_and_lets_the_owner_in_from_elsewhere(alice: User) -> None:
    for _ in range(10):
        status = sign_in(Client(), alice.email, "wrong")
    assert status == 429
    assert sign_in(Client(), alice.email.upper(), PASSWORD) == 429
    assert sign_in(Client(), alice.email, PASSWORD, address="198.51.100.7") == 302


def test_it_answers_429_to_guessed_one_time_codes_from_anywhere(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    TOTP.activate(alice, generate_totp_secret())
    for guess in range(11):
        client = Client()
        assert sign_in(client, alice.email, PASSWORD, address=f"203.0.113.{guess}") == 302
        answer = client.post(
            "/account/2fa/authenticate/", {"code": f"{guess:06}"}, REMOTE_ADDR=f"203.0.113.{guess}"
        )
    assert answer.status_code == 429


def test_it_saves_the_profile(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(
        "/account/profile/",
        {"display_name": "Alice N.", "time_zone": "America/New_York", "language": "en"},
    )
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("Alice N.", "America/New_York")


def test_it_refuses_a_profile_that_is_wrong(client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.post(
        "/account/profile/", {"display_name": "", "time_zone": "Mars/Olympus", "language": "xx"}
    )
    alice.refresh_from_db()
    assert answer.status_code == 200
    assert (alice.display_name, alice.time_zone) == ("Alice Ndiaye", "Europe/Zurich")


def test_it_asks_a_visitor_to_sign_in_for_the_profile(client: Client) -> None:
    answer = client.get("/account/profile/")
    assert answer.headers["Location"].startswith("/account/login/")


def test_it_changes_the_time_zone_by_the_offer(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/account/time-zone/", {"time_zone": "Asia/Kolkata"})
    alice.refresh_from_db()
    assert alice.time_zone == "Asia/Kolkata"
    client.post("/account/time-zone/", {"time_zone": "nowhere"})
    alice.refresh_from_db()
    assert alice.time_zone == "Asia/Kolkata"


def test_it_remembers_the_language(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/account/language/", {"language": "zh-hans"})
    alice.refresh_from_db()
    assert alice.language == "zh-hans"
    assert 'lang="zh-hans"' in client.get("/account/profile/").content.decode()


def test_it_never_redirects_to_another_site(client: Client) -> None:
    answer = client.post("/account/language/", {"language": "en", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/account/language/", "/account/time-zone/", "/account/logout/"])
def test_it_changes_nothing_by_get(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    client.get(path)
    assert "_auth_user_id" in client.session


def test_it_shows_times_in_the_zone_of_the_profile(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "Times in Europe/Zurich" in client.get("/account/profile/").content.decode()


def test_it_takes_the_theme_from_the_cookie_and_nothing_else(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.cookies["theme"] = '"><script>'
    page = client.get("/").content.decode()
    assert "data-theme" not in page


def test_it_counts_guesses_by_the_browser_behind_the_proxy(alice: User, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def through_the_proxy(password: str, browser: str) -> int:
        return (
            Client()
            .post(
                "/account/login/",
                {"login": alice.email, "password": password},
                REMOTE_ADDR="10.0.0.2",
                HTTP_X_FORWARDED_FOR=browser,
            )
            .status_code
        )

    for _ in range(10):
        through_the_proxy("wrong", "203.0.113.77")
    assert through_the_proxy(PASSWORD, "203.0.113.77") == 429
    assert through_the_proxy(PASSWORD, "203.0.113.78") == 302
