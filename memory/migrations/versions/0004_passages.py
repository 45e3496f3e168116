"""Passages to be found again, and the index of their words."""

from __future__ import annotations

from alembic import op
from sqlalchemy import TIMESTAMP, BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0004"
down_revision = "0003"

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
Counter = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Create what searching needs."""
    op.create_table(
        "passages",
        Column("number", Counter, primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("text", LargeBinary, nullable=False),
        Column("competitor", Text, nullable=False),
        Column("aspect", Text, nullable=False),
        Column("url", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("at", Instant, nullable=False),
        Column("kind", Text, nullable=False),
        Column("extra", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passages_competitor", "passages", ["competitor"])
    op.create_table(
        "passage_vectors",
        Column("collection", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("vector", LargeBinary, nullable=False),
        PrimaryKeyConstraint("collection", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vector_generations",
        Column("collection", Text, primary_key=True),
        Column("generation", BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE passage_words USING fts5("
            "words, content='', tokenize='porter unicode61 remove_diacritics 2')"
        )
        return
    op.execute(
        "CREATE TABLE passage_words (number bigint PRIMARY KEY, words tsvector NOT NULL, length integer NOT NULL)"
    )
    op.execute("CREATE INDEX ix_passage_words_words ON passage_words USING gin (words)")
