"""The desk: rounds of decisions, offers on their way to a browser, a year on the wallboard."""

from bench.desk import deciding, offers, wallboard
from bench.report import Row


def run() -> list[Row]:
    return [*deciding.rows(), *offers.rows(), *wallboard.rows()]
