"""A deploy that changes schema, configuration and program fails at its third resource; going back is killed half-way.

What is there is read from the files and the database themselves, which know nothing of Pulumi.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.declaration import CommandCheck
from tests.tools.stacks.projects import declared, project

STACK = "greetings-dev"
STORE = """
import sqlite3, time
from contextlib import closing
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

class TableProvider(ResourceProvider):
    serialize_as_secret_always = False
    def _migrate(self, props):
        with closing(sqlite3.connect(props["path"])) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY)")
            there = [row[1] for row in db.execute("PRAGMA table_info(people)")]
            for name in set(props["columns"]) - set(there):
                db.execute(f"ALTER TABLE people ADD COLUMN {name} TEXT")
            for name in set(there) - set(props["columns"]) - {"id"}:
                db.execute(f"ALTER TABLE people DROP COLUMN {name}")
        return {"path": props["path"], "columns": props["columns"]}
    def create(self, props):
        return CreateResult(props["path"], self._migrate(props))
    def read(self, id_, props):
        with closing(sqlite3.connect(props["path"])) as db:
            there = [row[1] for row in db.execute("PRAGMA table_info(people)")]
        return ReadResult(id_, {"path": props["path"], "columns": sorted(set(there) - {"id"})})
    def diff(self, _id, olds, news):
        return DiffResult(changes=sorted(olds["columns"]) != sorted(news["columns"]))
    def update(self, _id, olds, news):
        return UpdateResult(self._migrate(news))

class PageProvider(ResourceProvider):
    serialize_as_secret_always = False
    def _write(self, props):
        path = Path(props["path"])
        while path.with_suffix(".hold").exists():
            time.sleep(0.02)
        draft = path.with_suffix(".draft")
        draft.write_text(props["text"])
        draft.rename(path)
        return {"path": props["path"], "text": props["text"]}
    def create(self, props):
        return CreateResult(props["path"], self._write(props))
    def read(self, id_, props):
        return ReadResult(id_, {"path": props["path"], "text": Path(props["path"]).read_text()})
    def diff(self, _id, olds, news):
        return DiffResult(changes=olds["text"] != news["text"])
    def update(self, _id, olds, news):
        return UpdateResult(self._write(news))

class Table(Resource, module="demo", name="Table"):
    def __init__(self, name, props, opts=None):
        super().__init__(TableProvider(), name, props, opts)

class Page(Resource, module="demo", name="Page"):
    def __init__(self, name, props, opts=None):
        super().__init__(PageProvider(), name, props, opts)
"""
PROGRAM = """
import pulumi
from store import Page, Table

RELEASE = "first"
config = pulumi.Config()
root, who = config.require("root"), config.require("who")
last = Table("people", {"path": f"{root}/people.sqlite3", "columns": config.require("columns").split(",")})
for name in ("motd", "terms", "contact", "imprint"):
    text = f"{RELEASE} {name} for {who}"
    last = Page(name, {"path": f"{root}/{name}.txt", "text": text}, pulumi.ResourceOptions(depends_on=[last]))
"""


@dataclass
class Site:
    """The project, and what it made."""

    folder: Path
    root: Path

    def configure(self, who: str, columns: str) -> None:
        lines = [f'  greetings:{name}: "{value}"' for name, value in (("root", self.root), ("who", who))]
        text = "\n".join(["config:", *lines, f'  greetings:columns: "{columns}"', ""])
        (self.folder / "Pulumi.dev.yaml").write_text(text)

    def release(self, name: str) -> None:
        (self.folder / "__main__.py").write_text(PROGRAM.replace("first", name))

    def inventory(self) -> dict[str, object]:
        """Every page's text, the table's columns and its rows."""
        found: dict[str, object] = {path.name: path.read_text() for path in sorted(self.root.glob("*.txt"))}
        with closing(sqlite3.connect(self.root / "people.sqlite3")) as database:
            found["columns"] = sorted(row[1] for row in database.execute("PRAGMA table_info(people)"))
            found["people"] = database.execute("SELECT id, name FROM people").fetchall()
        return found


@pytest.fixture
async def site(tmp_path, new_world, monkeypatch):
    """Released once, with a person in its database."""
    made = Site(project(tmp_path / "greetings", __main__=PROGRAM, store=STORE), tmp_path / "site")
    made.root.mkdir()
    made.configure("Ada", "name")
    check = CommandCheck(name="imprint", command=("test", "-s", str(made.root / "imprint.txt")))
    declaration = declared(made.folder, health=(check,), watch_seconds=0.1)
    (tmp_path / "declarations.json").write_text(json.dumps([declaration.model_dump(mode="json")]))
    monkeypatch.setenv("GREETINGS_PASSPHRASE", "open")  # the process that is killed has it from here
    world = new_world((declaration,))
    await world.do("stack_up", stack=STACK)
    with closing(sqlite3.connect(made.root / "people.sqlite3")) as database, database:
        database.execute("INSERT INTO people (name) VALUES ('Grace')")
    return world, made


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_deploy_that_fails_at_its_third_resource_is_undone_although_that_is_killed_half_way(site):
    world, made = site
    before = made.inventory()
    made.release("second")
    made.configure("Bea", "name,tier")
    (made.root / "terms.draft").mkdir()  # in the way of the third resource
    bound = await world.preview("stack_up", stack=STACK)
    assert bound.summary.endswith("update 5")
    failed = await world.run("stack_up", bound, stack=STACK)
    assert not failed.succeeded
    assert failed.counts == {"update": 2}
    half = made.inventory()
    assert (half["columns"], half["motd.txt"]) == (["id", "name", "tier"], "second motd for Bea")
    assert (half["terms.txt"], half["imprint.txt"]) == (before["terms.txt"], before["imprint.txt"])

    hold = made.root / "motd.hold"
    hold.touch()
    arguments = {"stack": STACK, "checkpoint": failed.checkpoint}
    started = "resource.started update motd"
    await world.killed("stack_rollback", "e_back", started, everything=True, **arguments)
    assert made.inventory() == half | {"columns": ["id", "name"]}, "the schema is back, the page isn't"
    hold.unlink()

    found, back = await world.go_on("stack_rollback", "e_back", **arguments)
    assert found.outcome == "partial"
    assert (back.continued, back.healthy, back.to) == (True, True, failed.checkpoint)
    assert made.inventory() == before
    assert "first" not in (made.folder / "__main__.py").read_text(), "what somebody wrote isn't touched"
