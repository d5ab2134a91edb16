"""The health check of a container: `python -m config.health` asks the portal beside it."""

import sys
import urllib.error
import urllib.request


def main() -> None:
    address = "http://127.0.0.1:8000/readyz"
    try:
        with urllib.request.urlopen(address, timeout=4) as answer:
            answer.read()
    except (OSError, urllib.error.URLError) as error:
        sys.exit(f"not ready: {error}")


if __name__ == "__main__":
    main()
