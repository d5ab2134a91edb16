"""`python -m bench.desk.counter AGENTS PEOPLE`: a queue, its agents, and people who wait in it.

Runs on a database that is there already; answers a line with the agents' session cookies.
"""

import json
import sys

import django


def main() -> None:
    django.setup()
    agents, people = (int(argument) for argument in sys.argv[1:])
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps({"cookies": make(agents, people)}), flush=True)


def make(agents: int, people: int) -> list[str]:
    from tests.desk import house
    from tests.support.cast import session_cookie

    crew = [house.person(f"Agent {number}") for number in range(agents)]
    house.crowd(house.queue(*crew), people)
    return [session_cookie(agent) for agent in crew]


if __name__ == "__main__":
    main()
