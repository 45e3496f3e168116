"""Update plans as the engine writes them: what one does besides changing resources' properties.

The engine counts a resource as unchanged when only its protection changes, and a stack when only its outputs do; both
are in the plan, outputs compared with their secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.backend import Deployment, masked
from infra.models import resource_name, type_of
from infra.secret_shapes import MASK, shown

__all__ = ["besides"]

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's mark of a value that is known only when it has been applied (plugin.UnknownStringValue)."""
_LONGEST = 80


def besides(plan: Path, deployment: Deployment | None) -> tuple[str, ...]:
    """What a plan changes of outputs and protections, a phrase each: `set output url to …`, `protect ledger (Bucket)`.

    Outputs that are known only afterwards follow from resources that change, and are left out.
    """
    try:
        plans = json.loads(plan.read_text(encoding="utf-8")).get("resourcePlans") or {}
    except (FileNotFoundError, ValueError):
        return ()
    protected = {item["urn"]: bool(item.get("protect")) for item in (deployment.resources if deployment else ())}
    found: list[str] = []
    for urn, planned in plans.items():
        goal = planned.get("goal") or {}
        if type_of(urn) == "pulumi:pulumi:Stack":
            found += _outputs(goal.get("outputDiff") or {})
        elif urn in protected and goal.get("protect") is not None and goal["protect"] != protected[urn]:
            found.append(f"{'protect' if goal['protect'] else 'take the protection off'} {resource_name(urn)}")
    return tuple(sorted(found))


def _outputs(difference: Mapping[str, Any]) -> Iterator[str]:
    for name, value in {**(difference.get("adds") or {}), **(difference.get("updates") or {})}.items():
        seen = shown(name, masked(value))
        text = json.dumps(seen, ensure_ascii=False, sort_keys=True)
        if _UNKNOWN in text:
            continue
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        yield f"set output {name} to {MASK if seen == MASK else short}"
    for name in difference.get("deletes") or []:
        yield f"remove output {name}"
