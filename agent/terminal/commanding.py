"""Commands that say exactly what they mean: a plan of one step, carried out as a turn like any other."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from agent.corroboration import COMMAND
from agent.plan import Plan, Step
from agent.terminal.asking import command

__all__ = ["dry_run", "import_list", "sweep", "watch"]


async def sweep(competitors: list[str], as_json: bool) -> int:
    """Look at the pages of these competitors, or of all."""
    args: dict[str, JsonValue] = {"competitors": list(competitors)} if competitors else {}
    step = Step(id="s1", tool="competitor_sweep", args=args, why="look at the pages now")
    text = " ".join(["sweep", *competitors])
    return await command(text, Plan(steps=[step], planner=COMMAND), as_json)


async def watch(place: str, as_json: bool) -> int:
    """Discover what can be watched at a domain or an address."""
    step = Step(id="s1", tool="competitor_discover", args={"domain": place}, why="find what can be watched")
    return await command(f"watch {place}", Plan(steps=[step], planner=COMMAND), as_json)


async def dry_run(place: str, selector: str | None, as_json: bool) -> int:
    """Show what one capture of the page would keep and ignore."""
    args: dict[str, JsonValue] = {"url": place}
    if selector:
        args["selector"] = selector
    step = Step(id="s1", tool="competitor_dry_run", args=args, why="see what a watch would keep")
    return await command(f"dry run of {place}", Plan(steps=[step], planner=COMMAND), as_json)


async def import_list(file: Path, channel: str | None, as_json: bool) -> int:
    """Watch all pages of a list; a person on the command line hands in the file by naming it."""
    from agent.settings import load
    from agent.watch_lists import handed_in

    args: dict[str, JsonValue] = {"file": handed_in(load().prepare_home(), file)}
    if channel:
        args["channel"] = channel
    step = Step(id="s1", tool="competitor_import", args=args, why="watch the pages of the list")
    return await command(f"watch {file}", Plan(steps=[step], planner=COMMAND), as_json)
