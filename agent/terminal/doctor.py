"""`sophia doctor`: what is configured, what runs embedded, what is missing, and what to do about it.

It looks and leaves nothing behind, loads nothing heavy, shows no secret, and asks the network only when told to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, computed_field

from agent.settings import Settings, SettingsError, own_environment

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Check", "Report", "State", "examine"]

State = Literal["ok", "embedded", "off", "missing", "problem"]
_MARKS: Mapping[State, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "embedded": ("✓", "cyan"),
    "off": ("–", "dim"),
    "missing": ("!", "yellow"),
    "problem": ("✗", "bold red"),
}


class Check(BaseModel):
    """One thing that was looked at.

    `ok`: configured and as it should be. `embedded`: not configured, and what comes with Sophia does it. `off`: not
    configured, and nothing needs it. `missing`: something can't be done until it is there. `problem`: must be mended.
    """

    model_config = ConfigDict(frozen=True)

    area: str
    name: str
    state: State
    detail: str
    to_do: str = ""


class Report(BaseModel):
    """Everything that was looked at."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Check, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether nothing has to be mended before Sophia can work; what is merely missing is allowed."""
        return not any(check.state == "problem" for check in self.checks)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def summary(self) -> str:
        """How it stands, in a sentence."""
        wrong = sum(check.state == "problem" for check in self.checks)
        missing = sum(check.state == "missing" for check in self.checks)
        if wrong:
            return f"{_count(wrong, 'thing has', 'things have')} to be mended before Sophia can work."
        if missing:
            return f"Sophia can work; {_count(missing, 'thing is', 'things are')} missing for some of what she can do."
        return "Everything is there."

    def as_terminal(self) -> RenderableType:
        """A table by area, with what to do below each line that needs something."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        from agent.untrusted_text import visible

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        area = ""
        for check in self.checks:
            if check.area != area:
                table.add_row("", Text(check.area, "bold"), "")
                area = check.area
            mark, style = _MARKS[check.state]
            said = Text(visible(check.detail))
            if check.to_do:
                said.append(f"\n→ {visible(check.to_do)}", "yellow" if check.state != "problem" else "red")
            table.add_row(Text(mark, style), Text(visible(check.name)), said)
        return Group(table, Text(f"\n{self.summary}", "bold"))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def examine(
    settings: Settings | SettingsError, *, online: bool = False, environ: Mapping[str, str] | None = None
) -> Report:
    """Look at everything. A configuration that couldn't be loaded is reported problem by problem.

    `online` also asks whether the servers that are configured answer. `environ` is for finding programs.
    """
    from agent.terminal import examinations as look

    given = own_environment() if environ is None else environ
    checks: list[Check] = []
    if isinstance(settings, SettingsError):
        checks += _broken(settings)
        checks += look.at_machine(given)
        return Report(checks=tuple(checks))
    looks: Iterable[Iterable[Check]] = (
        look.at_configuration(settings),
        look.at_people(settings),
        look.at_storage(settings),
        look.at_planning(settings),
        look.at_infrastructure(settings, given),
        look.at_surroundings(settings, given),
        look.at_machine(given),
        look.at_network(settings) if online else (),
    )
    return Report(checks=tuple(check for each in looks for check in each))


def _broken(error: SettingsError) -> Iterable[Check]:
    for problem in error.problems:
        yield Check(
            area="configuration", name=problem.where, state="problem", detail=problem.message, to_do=problem.instead
        )
