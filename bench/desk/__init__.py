"""The desk: a round of decisions, an offer on its way to a browser, what a year of history costs."""

from bench.desk import deciding, offers, wallboard
from bench.report import Row


def run() -> list[Row]:
    return [*deciding.rows(), *offers.rows(), *wallboard.rows()]
