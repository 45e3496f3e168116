"""A preview of infrastructure as a person is shown it before approving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.models import Step, on_one_line, resource_name
from infra.previews import ChangePreview
from infra.stacks import Stacks
from tools.declaration import Preview
from tools.infrastructure.telling import counted

__all__ = ["amount", "change_card", "described", "named", "replacements"]

_SHOWN = 25
_MEANING = {
    "import": "it exists already, and Pulumi takes it over",
    "forget": "it stays as it is, and Pulumi no longer knows it",
}


def described(preview: ChangePreview) -> list[str]:
    """One line a resource: what is done to it, which properties differ, what depends on it; then what changes besides.

    Providers go without saying, unless nothing else changes.
    """
    seen: dict[str, Step] = {}
    aside = "pulumi:" if preview.counts else "pulumi:pulumi:"
    for step in preview.steps:
        if not step.type.startswith(aside) and (step.urn not in seen or step.replaces):
            seen[step.urn] = step
    lines = []
    for urn, step in list(seen.items())[:_SHOWN]:
        keys = [key for key in step.keys if not key.startswith("__")]
        doing = preview.binding.steps.get(urn, step.op)
        line = f"{doing} {step.name}"
        line += f": {', '.join(keys)}" if keys and step.op != "create" else ""
        line += f": {_MEANING[doing]}" if doing in _MEANING else ""
        dependents = preview.dependents.get(urn, ())
        line += f" (needed by {', '.join(resource_name(item) for item in dependents)})" if dependents else ""
        lines.append(line)
    if len(seen) > _SHOWN:
        lines.append(f"and {len(seen) - _SHOWN} more resources")
    made_anew = any(step.type == "pulumi:pulumi:Stack" and step.op == "create" for step in preview.steps)
    return lines if made_anew and lines else [*lines, *preview.binding.besides]


def named(only: Sequence[str] | None, preview: ChangePreview) -> str:
    """The resources that alone are changed, as they are called; empty when all are meant."""
    return ", ".join(map(resource_name, preview.binding.targets)) or "nothing" if only else ""


def amount(preview: ChangePreview) -> str:
    """How much changes, in short: resources, or what else does when none of them."""
    if preview.counts or preview.nothing:
        return counted(preview.counts)
    providers = [f"{doing} {resource_name(urn)}" for urn, doing in preview.binding.steps.items()]
    return "no resource; " + "; ".join([*providers, *preview.binding.besides][:3])


def _risks(preview: ChangePreview, *, protected: bool) -> list[str]:
    risks = []
    if preview.data_lost:
        risks.append(f"DATA IS LOST in {', '.join(preview.data_lost)}")
    risks += replacements(preview)
    if preview.drift and preview.drift.drifted:
        places = len(preview.drift.drift)
        where = "1 place" if places == 1 else f"{places} places"
        risks.append(f"what was changed behind Pulumi's back in {where} will be set back")
    if preview.uncommitted:
        risks.append("the program has changes that aren't committed")
    if preview.lock:
        risks.append(f"the stack is locked by {preview.lock.sentence}")
    if preview.pending:
        names = ", ".join(resource_name(urn) for urn in preview.pending)
        risks.append(f"an earlier run was cut off while it created {names}")
    if protected:
        risks.append("the stack is protected")
    return [*risks, *preview.warnings]


def replacements(preview: ChangePreview) -> Iterator[str]:
    """What being replaced means for whoever uses it, in the order in which the engine takes the steps."""
    first: dict[str, str] = {}
    for step in preview.steps:
        if step.op == "forget-replaced":
            first[step.urn] = step.op
        elif preview.binding.steps.get(step.urn) == "replace" and step.op != "replace":
            first.setdefault(step.urn, step.op)
    words = {
        "delete-replaced": "deleted first and then made anew: expect downtime until that is done",
        "forget-replaced": "made anew; the old one stays as it is, and Pulumi no longer knows it",
    }
    anew = "made anew before the old one is deleted: what points to the old one follows or breaks"
    for op in dict.fromkeys(first.values()):
        names = ", ".join(resource_name(urn) for urn, begins in first.items() if begins == op)
        yield f"{names} will be {words.get(op, anew)}"


def change_card(preview: ChangePreview, stacks: Stacks, *, verb: str, undo: str) -> Preview:
    """The preview with everything that its approval is bound to."""
    declared = stacks.declaration(preview.stack)
    details = described(preview)
    if preview.drift:
        details += [f"drift: {item.sentence}" for item in preview.drift.drift]
    if preview.kept:
        details.append(f"kept, although it isn't in the target: {', '.join(preview.kept)}")
    if preview.source:
        details.append(f"from {preview.source}")
    return Preview(
        summary=f"{verb} {preview.stack} ({declared.environment}): {amount(preview)}",
        details=[on_one_line(line) for line in details],
        risk="; ".join(_risks(preview, protected=declared.protected)) or "none seen",
        undo=undo,
        nothing_to_do=preview.nothing_to_do,
        protected=declared.protected,
        kinds=list(preview.kinds),
        state_version=preview.binding.version,
        bound=preview.binding.model_dump(mode="json"),
    )
