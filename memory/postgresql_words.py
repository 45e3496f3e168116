"""BM25 over PostgreSQL's text search, which finds and stems but ranks without regard to how rare a word is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.sql.expression import bindparam, cast
from sqlalchemy.types import Text

from memory.passages import Entry, Filter, entry_of, passages
from memory.schema import plain

__all__ = ["ranked"]

words = Table(
    "passage_words",
    MetaData(),  # made by the migrations, on PostgreSQL only
    Column("number", BigInteger, primary_key=True),
    Column("words", TSVECTOR),
    Column("length", Integer),
)
CANDIDATES = 400
"""So many of the best by the server's own ranking are ranked again."""
K1, B = 1.2, 0.75
_LEXEMES = text("SELECT lexeme FROM unnest(to_tsvector('english', :question)) ORDER BY lexeme LIMIT 40")
_TOTALS = text("SELECT count(*) AS documents, coalesce(avg(length), 1) AS length FROM passage_words")
_FREQUENCIES = text(
    "SELECT l AS lexeme, (SELECT count(*) FROM passage_words WHERE words @@ quote_literal(l)::tsquery) AS documents"
    " FROM unnest(CAST(:lexemes AS text[])) AS l"
)
_OCCURRENCES = text(
    "SELECT number, length, u.lexeme, coalesce(cardinality(u.positions), 1) AS times"
    " FROM passage_words, unnest(words) AS u"
    " WHERE number = ANY(:numbers) AND u.lexeme = ANY(:lexemes)"
)


def ranked(connection: Connection, question: str, wanted: Filter, limit: int) -> list[tuple[Entry, float]]:
    """The entries that share stems with the question, best first, each with its BM25 score."""
    lexemes = list(connection.execute(_LEXEMES, {"question": plain(question)}).scalars())
    if not lexemes:
        return []
    numbers = connection.execute(_candidates(lexemes, wanted)).scalars().all()
    scores = _scores(connection, lexemes, list(numbers))
    best = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    rows = connection.execute(select(passages).where(passages.c.number.in_(best)))
    found = {row.number: entry_of(row) for row in rows}
    return [(found[number], scores[number]) for number in best]


def _candidates(lexemes: list[str], wanted: Filter) -> Any:
    any_of = cast(" | ".join(_quoted(lexeme) for lexeme in lexemes), TSQUERY)
    return (
        select(passages.c.number)
        .join(words, words.c.number == passages.c.number)
        .where(words.c.words.op("@@")(any_of), *wanted.conditions())
        .order_by(func.ts_rank(words.c.words, any_of).desc(), passages.c.number)
        .limit(CANDIDATES)
    )


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _scores(connection: Connection, lexemes: list[str], numbers: list[int]) -> dict[int, float]:
    total = connection.execute(_TOTALS).one()
    rarity = {
        row.lexeme: _rarity(row.documents, total.documents)
        for row in connection.execute(_FREQUENCIES, {"lexemes": lexemes})
    }
    scores: dict[int, float] = {}
    occurrences = _OCCURRENCES.bindparams(
        bindparam("numbers", type_=ARRAY(BigInteger)), bindparam("lexemes", type_=ARRAY(Text))
    )
    for row in connection.execute(occurrences, {"numbers": numbers, "lexemes": lexemes}):
        scores[row.number] = scores.get(row.number, 0.0) + _weight(row, rarity, float(total.length))
    return scores


def _rarity(documents: int, total: int) -> float:
    """As SQLite's FTS5: never negative, however common the word."""
    return max(math.log((total - documents + 0.5) / (documents + 0.5)), 1e-6)


def _weight(row: Any, rarity: Mapping[str, float], average: float) -> float:
    times = float(row.times)
    damped = times + K1 * (1 - B + B * float(row.length) / average)
    return rarity.get(row.lexeme, 0.0) * times * (K1 + 1) / damped
