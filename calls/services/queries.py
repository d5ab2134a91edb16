"""Queries that every join needs, built once: building one anew costs more than running it.

Both go through Django's own fields and converters, so they read and write what the models do.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models

AnyField = models.Field[Any, Any]
_UUID: models.UUIDField[UUID, UUID] = models.UUIDField()


@dataclass(frozen=True)
class _Made:
    """A query's text and parameters (a slice stands for a column and a place), and its reader."""

    sql: str
    params: list[Any]
    convert: Callable[[list[Any]], Any]


class Prepared:
    """A query over lists of values of one length, such as `pk__in`, that keeps its SQL.

    `build` gets such lists and returns a `values_list` of plain fields. The SQL is kept for each
    power of two; shorter lists are filled up with their last values, so those must not count twice.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._made: dict[tuple[str, int], _Made] = {}

    def rows(self, *columns: Sequence[UUID] | Sequence[int] | Sequence[str]) -> list[Sequence[Any]]:
        """The rows for these values, as `values_list` gives them; none for empty lists."""
        count = len(columns[0])
        if not count:
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        size = 1 << (count - 1).bit_length()
        made = self._made.get((connection.vendor, size))
        if made is None:
            made = self._made[connection.vendor, size] = self._make(connection, len(columns), size)
        params = [
            _adapt(columns[one.start][min(one.stop, count - 1)], connection)
            if isinstance(one, slice)
            else one
            for one in made.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, params)
            found = cursor.fetchall()
        return list(made.convert(found))

    def _make(self, connection: Any, columns: int, size: int) -> _Made:
        """Build it with values that stand for their places, and find those in the parameters."""
        marks = [Marks.of(column, size) for column in range(columns)]
        places: dict[Any, slice] = {}
        for column, mark in enumerate(marks):
            for place in range(size):
                places[_adapt(mark.ids[place], connection)] = slice(column, place)
                places[mark.numbers[place]] = places[mark.texts[place]] = slice(column, place)
        query = self._build(*marks).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])

        def convert(rows: list[Any]) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        return _Made(sql, [places.get(one, one) for one in params], convert)


@dataclass(frozen=True)
class Marks:
    """What `build` gets for a list: as ids, numbers or texts, whichever the field wants."""

    ids: list[UUID]
    numbers: list[int]
    texts: list[str]

    @classmethod
    def of(cls, column: int, size: int) -> "Marks":
        """Values that no row and no other mark has."""
        first = 10**15 + 2**16 * column
        numbers = list(range(first, first + size))
        return cls(
            [UUID(int=2**120 + one) for one in numbers], numbers, [f"<{one}>" for one in numbers]
        )


class Writes:
    """Changes of rows, gathered: one statement for each kind, run with all of its rows."""

    def __init__(self) -> None:
        self._updates: dict[tuple[type[models.Model], tuple[str, ...]], list[list[Any]]]
        self._updates = defaultdict(list)
        self._new: dict[type[models.Model], list[models.Model]] = defaultdict(list)

    def update(self, rows: type[models.Model], pk: UUID, **values: Any) -> None:
        self._updates[rows, tuple(values)].append([*values.values(), pk])

    def create(self, row: models.Model) -> None:
        self._new[type(row)].append(row)

    def flush(self) -> None:
        """Updates in the order of their first, then new rows."""
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            for (model, names), rows in self._updates.items():
                fields = [_field(model, name) for name in (*names, "id")]
                cursor.executemany(
                    _update(connection, model, fields), _prepared(connection, fields, rows)
                )
            for model, new in self._new.items():
                fields = [one for one in model._meta.concrete_fields if not _counts(one)]
                rows = [[one.pre_save(row, True) for one in fields] for row in new]
                cursor.executemany(
                    _insert(connection, model, fields), _prepared(connection, fields, rows)
                )


def _update(connection: Any, model: type[models.Model], fields: Sequence[AnyField]) -> str:
    quote = connection.ops.quote_name
    *sets, key = [f"{quote(field.column)} = %s" for field in fields]
    return f"UPDATE {quote(model._meta.db_table)} SET {', '.join(sets)} WHERE {key}"  # noqa: S608


def _insert(connection: Any, model: type[models.Model], fields: Sequence[AnyField]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608


def _prepared(
    connection: Any, fields: Sequence[AnyField], rows: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """The values as the database takes them."""
    return [
        [one.get_db_prep_save(value, connection) for one, value in zip(fields, row, strict=True)]
        for row in rows
    ]


def _field(model: type[models.Model], name: str) -> AnyField:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _counts(field: AnyField) -> bool:
    """Whether the database numbers the rows by this field."""
    return isinstance(field, models.AutoField)


def _adapt(value: UUID | int | str, connection: Any) -> Any:
    return _UUID.get_db_prep_value(value, connection) if isinstance(value, UUID) else value
