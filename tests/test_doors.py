"""One door for each kind of outside world: who imports what, read from the source of every module.

ruff and import-linter hold the same rules while somebody writes; this holds them where a file that may open one door
could open a second one, which a list of files can't tell apart.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "tools", "prompts", "memory", "infra", "evals")

DOORS = {
    "environment variables": ({"os.environ", "os.environb", "os.getenv"}, ("agent/settings/",)),
    "HTTP": (
        {"httpx", "httpcore", "requests", "urllib.request", "http.client"},
        ("tools/web/", "infra/cli/_download.py"),
    ),
    "Pulumi": ({"pulumi"}, ("infra/",)),
    "the model": ({"langchain_openai", "openai", "httpx2", "httpcore2"}, ("agent/planning/model/",)),
    # the lab's databases are resources that a stack deploys, not where anything is remembered; and what is there after
    # a crash is looked at past the stores, whose word it is that is being judged
    "the database": (
        {"sqlalchemy", "alembic", "sqlite3", "psycopg", "aiosqlite"},
        ("memory/", "infra/lab/site/", "evals/crash/records.py"),
    ),
    "the search index": ({"chromadb"}, ("memory/",)),
    "Slack": ({"slack_bolt", "slack_sdk"}, ("agent/slack/",)),
}


def names_used(tree: ast.AST) -> Iterator[str]:
    """Every dotted name that a module imports, and every `os.something` that it mentions."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Attribute(value=ast.Name(id="os"), attr=attribute):
                yield f"os.{attribute}"


def opened(source: str, behind: set[str]) -> set[str]:
    """Which of the names behind a door a module uses."""
    used = set(names_used(ast.parse(source)))
    return {name for name in behind if any(f"{use}.".startswith(f"{name}.") for use in used)}


@pytest.mark.parametrize("world", DOORS)
def test_only_the_door_opens_it(world: str) -> None:
    behind, door = DOORS[world]
    found = {
        path.relative_to(ROOT).as_posix(): sorted(names)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not path.relative_to(ROOT).as_posix().startswith(door) and (names := opened(path.read_text(), behind))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['A']", "from os import environ", "import os\ndef f():\n    return os.getenv('A')"],
)
def test_every_way_to_read_the_environment_is_seen(source: str) -> None:
    assert opened(source, DOORS["environment variables"][0])


def test_names_that_only_begin_alike_are_another_matter() -> None:
    assert not opened("import pulumi_aws_like\nimport httpx2\nfrom os import path", {"pulumi", "httpx", "os.environ"})
