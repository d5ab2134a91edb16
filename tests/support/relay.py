"""A coturn with the deployment's configuration, for tests that relay through it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.support.servers import program, wait_for

ROOT = Path(__file__).resolve().parents[2]
SECRET = "shared-secret"
REALM = "parlour"


def compose_options() -> list[str]:
    """What docker-compose.yml gives its coturn for the sake of that version."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    options: list[str] = compose["services"]["coturn"]["command"]
    return [word for word in options if word.startswith(("--no-", "--denied-", "--response-"))]


class Relay:
    """coturn at an address; `within` is what its command line begins with, such as a namespace."""

    def __init__(self, folder: Path, options: Sequence[str], *, within: Sequence[str] = ()) -> None:
        self._folder = folder
        self._log = folder / "log"
        self._command = [
            *within, program("turnserver"),
            "-c", str(ROOT / "platform" / "deploy" / "turnserver.conf"),
            f"--realm={REALM}", f"--static-auth-secret={SECRET}", f"--pidfile={folder / 'pid'}",
            f"--userdb={folder / 'db'}", *compose_options(), *options,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        wait_for(lambda: "turn server id=0 created" in self._log.read_text(), "coturn listens")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


def certificate(folder: Path, address: str) -> list[str]:
    """The options of a relay with a certificate that nobody vouches for."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={address}",
         "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return [f"--cert={cert}", f"--pkey={key}"]
