"""What a preview would do besides changing resources' properties.

The engine counts a resource as unchanged when only its name, its protection or its retention changes, and a stack when
only its outputs do. The former are in its events; the latter in the plan, compared with their secrets. None of them is
nothing: a name or a retention that wasn't written down decides what the next deploy deletes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.backend import masked
from infra.models import resource_name, type_of
from infra.secret_shapes import MASK, shown

__all__ = ["besides"]

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's mark of a value that is known only when it has been applied (plugin.UnknownStringValue)."""
_LONGEST = 80


def besides(plan: Path, result: Mapping[str, Any]) -> tuple[str, ...]:
    """What a preview with its plan changes of outputs, names, protections and retentions, a phrase each: `set output
    url to …`, `protect ledger (Bucket)`.

    Outputs that are known only afterwards follow from resources that change, and are left out.
    """
    try:
        plans = json.loads(plan.read_text(encoding="utf-8")).get("resourcePlans") or {}
    except (FileNotFoundError, ValueError):
        return ()
    found = [phrase for mark in result.get("marks", []) for phrase in _marks(mark)]
    for urn, planned in plans.items():
        if type_of(urn) == "pulumi:pulumi:Stack":
            found += _outputs((planned.get("goal") or {}).get("outputDiff") or {})
    return tuple(sorted(found))


def _marks(mark: Mapping[str, Any]) -> Iterator[str]:
    name = resource_name(mark["urn"])
    if "was" in mark:
        yield f"call {name} what was {resource_name(mark['was'])}"
    if "protect" in mark:
        yield f"protect {name}" if mark["protect"] else f"take the protection off {name}"
    if "retain_on_delete" in mark:
        retained = f"retain {name}: once it leaves the program, it stays and Pulumi only forgets it"
        yield (
            retained
            if mark["retain_on_delete"]
            else f"retain {name} no more: once it leaves the program, it is deleted"
        )


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
