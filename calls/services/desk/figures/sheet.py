"""A table as a CSV file that a spreadsheet reads and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | None

# What a spreadsheet takes for a formula (OWASP, CSV Injection), in full width as well.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, by which a spreadsheet knows it; lines end as in RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def neutral(cell: Cell) -> Cell:
    """The cell as it may stand in a file: texts that begin like a formula are made texts, numbers
    stay numbers, None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(_STARTS):
        return f"'{cell}"
    return cell
