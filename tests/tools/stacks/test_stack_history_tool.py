from __future__ import annotations

import shutil

from agent.people import People
from agent.people_now import FixedPeople
from agent.scheduling.owners import ConfiguredOwners
from agent.settings import load
from memory.approvals import Approvals
from memory.audit import Audit
from memory.database import Database
from memory.ledger import Ledger
from memory.turns import Turns
from tools.timetable.foresight import Owners

SMALL = "sophia-ai-modernized"


async def test_history_joins_pulumi_s_with_ours(deployed, tmp_path):
    database = await Database.open(str(tmp_path / "sophia.db"))
    audit = Audit(database, folder=tmp_path / "audit")
    settings = load(directory=tmp_path, environ={"HOME": str(tmp_path)})
    deployed.more = {
        Ledger: Ledger(database, audit, deployed.clock),
        Approvals: Approvals(database, audit),
        Turns: Turns(database),
        Owners: ConfiguredOwners(settings, FixedPeople(People.of(settings))),
    }
    try:
        deployed.config(SMALL, version="2.0.0-broken")
        preview = await deployed.preview("stack_up", stack=SMALL)
        await deployed.run("stack_up", preview, stack=SMALL)
        await deployed.do("stack_rollback", stack=SMALL)

        history = await deployed.run("stack_history", stack=SMALL, since="1h")
        assert [(line.kind, line.by, line.result) for line in history.entries] == [
            ("rollback", "tom", "succeeded"),
            ("deploy", "tom", "succeeded"),
            ("deploy", "tom", "succeeded"),
        ]
        assert "self-test of release 2.0.0-broken failed" in history.entries[1].problem
        assert history.entries[0].changes == {"update": 2}
        assert all(line.checkpoint for line in history.entries)

        shutil.rmtree(tmp_path / "infra" / "runs")
        seen_elsewhere = await deployed.run("stack_history", stack=SMALL, since="1h")
        assert [line.by for line in seen_elsewhere.entries] == ["tom", "tom", "tom"]
    finally:
        await database.close()


async def test_a_history_of_nothing_says_so(world, tmp_path):
    entries = await world.stacks.history(SMALL)
    assert list(entries) == []
