"""Cases of the suite: clouds with a history of checks, generated from seeds, or read from a JSON or YAML file."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from evals.drift.cloud import Edit, Property, Resource
from evals.suite import SuiteError

__all__ = ["Case", "load"]

_PER_KIND = 32

Kind = Literal["drift", "routine", "both"]


class Case(BaseModel):
    """A cloud, what was changed in it and when, and how often it is looked at."""

    model_config = ConfigDict(extra="forbid")

    case: str
    kind: Kind
    resources: list[Resource]
    edits: list[Edit] = []
    checks: int = 1
    hours: float = 4.0
    """Between two checks."""
    seed: int = 0


def load(path: Path | None) -> list[Case]:
    """The suite's own cases, or those of a file or of every file in a folder. Raises SuiteError."""
    if path is None:
        kinds: tuple[Kind, ...] = ("drift", "routine", "both")
        return [_generated(kind, number) for kind in kinds for number in range(_PER_KIND)]
    files = sorted(item for item in path.iterdir() if item.suffix in _READERS) if path.is_dir() else [path]
    return [case for file in files for case in _read(file)]


_READERS: dict[str, Callable[[str], Any]] = {".json": json.loads, ".yaml": yaml.safe_load, ".yml": yaml.safe_load}


def _read(file: Path) -> list[Case]:
    try:
        read = _READERS.get(file.suffix, yaml.safe_load)(file.read_text(encoding="utf-8"))
        return [Case.model_validate(item) for item in read]
    except (OSError, ValueError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise SuiteError(f"The cases in {file} can't be read: {error}") from error


Chance = random.Random

_STEADY: tuple[tuple[str, Any, Any], ...] = (
    ("size", "db.t3.medium", "db.t3.2xlarge"),
    ("port", 8080, 9090),
    ("encrypted", True, False),
    ("retention_days", 30, 1),
    ("image", "registry/app:1.4.2", "registry/app:latest"),
    ("tags", {"team": "payments", "cost": "ops"}, {"team": "payments", "cost": "ops", "note": "tom's test"}),
    ("tags", {"team": "payments", "cost": "ops"}, {"team": "payments"}),
    ("settings", {"tls": {"minimum": "1.2"}, "log": True}, {"tls": {"minimum": "1.0"}, "log": True}),
    ("policy", '{"Effect":"Allow","Action":["s3:GetObject"]}', '{"Effect":"Allow","Action":["s3:*"]}'),
    ("ingress", [{"port": 443, "cidr": "10.0.0.0/8"}], [{"port": 443, "cidr": "0.0.0.0/0"}]),
    ("ingress", [{"port": 443, "cidr": "10.0.0.0/8"}], [{"port": 443, "cidr": "10.0.0.0/8"}, {"port": 22}]),
    ("subnets", ["a", "b", "c"], ["a", "b"]),
    ("description", "ledger of balances", None),
    ("replicas", 3, 30),
    ("timeout", 30, 300),
)
"""What a program declares, and what somebody made of it; None: taken away."""

_RESTLESS: tuple[tuple[str, str, Any, Any], ...] = (
    ("last_seen", "clock", None, 1),
    ("requests", "counter", None, 7),
    ("etag", "etag", None, "00"),
    ("load", "gauge", None, 5),
    ("last_used", "daily", None, "2026-01-01T00:00:00Z"),
    ("zones", "order", ["eu-a", "eu-b", "eu-c", "eu-d"], None),
    ("rules", "order", [{"port": 80}, {"port": 443}, {"port": 22}], None),
    ("document", "layout", '{"Version":"2012-10-17","Statement":[{"Effect":"Deny"}]}', None),
    ("memory", "text", 512, None),
    ("public", "text", False, None),
    ("notes", "empty", None, []),
    ("region", "case", "US-EAST-1", None),
    ("tier", "default", None, None),
    ("session", "token", None, "ffff-0"),
    ("state", "status", None, "ACTIVE"),
    ("memory_limit", "quantity", "1024Mi", None),
    ("cpu_limit", "quantity", "500m", None),
    ("idle_timeout", "quantity", "3600s", None),
    ("listeners", "inner_default", [{"port": 80}, {"port": 443}], None),
)
"""Name, how it behaves, what is declared, what the state has where nothing is."""
_DECLARED_CHURN = ("order", "layout", "text", "case", "inner_default")


def _generated(kind: Kind, number: int) -> Case:
    seed = {"drift": 1, "routine": 2, "both": 3}[kind] * 1000 + number
    chance = random.Random(seed)
    checks = chance.choice((1, 1, 2, 4, 6, 9))
    resources = [_resource(chance, f"r{index}", kind) for index in range(chance.randint(2, 6))]
    edits = _edits(chance, resources, checks) if kind != "routine" else []
    return Case(
        case=f"{kind} {number}",
        kind=kind,
        resources=resources,
        edits=edits,
        checks=checks,
        hours=chance.choice((0.5, 4, 26)),
        seed=seed,
    )


def _resource(chance: Chance, name: str, kind: Kind) -> Resource:
    steady = {entry[0]: entry for entry in chance.sample(_STEADY, chance.randint(1, 4))}
    found = [Property(name=entry[0], declared=entry[1]) for entry in steady.values()]
    if chance.random() < 0.4:
        found.append(Property(name="running", state=True))
    if kind != "drift":
        found += [
            Property.model_validate({"name": label, "behaviour": behaviour, "declared": declared, "state": state})
            for label, behaviour, declared, state in chance.sample(_RESTLESS, chance.randint(1, 5))
        ]
    textual = kind != "drift" and chance.random() < 0.5
    return Resource(name=name, type=chance.choice(("cloud:Thing", "cloud:Other")), properties=found, textual=textual)


def _edits(chance: Chance, resources: Sequence[Resource], checks: int) -> list[Edit]:
    """One to three changes in distinct resources, some long ago, some since the last check only, some mended since."""
    found = []
    for resource in chance.sample(resources, min(len(resources), chance.randint(1, 3))):
        since = chance.choice((checks - 1, chance.randrange(checks)))
        found += _edit(chance, resource, since)
    if checks > 4 and chance.random() < 0.5:
        found.append(found[0].model_copy(update={"check": 1, "until": 2}))
        found[0] = found[0].model_copy(update={"check": checks - 1})
    return found


def _edit(chance: Chance, resource: Resource, since: int) -> list[Edit]:
    draw = chance.random()
    if draw < 0.12:
        return [Edit(resource=resource.name, check=since)]
    if draw < 0.2:
        return [Edit(resource=resource.name, path="maintenance", value="on", check=since)]
    churning = [item for item in resource.properties if item.behaviour == "order"]
    if draw < 0.4 and churning:
        members = churning[0].declared
        assert isinstance(members, list)
        value = [*members[1:], "xx-rogue"]
        return [Edit(resource=resource.name, path=churning[0].name, value=value, check=since)]
    stopped = [item for item in resource.properties if item.name == "running"]
    if draw < 0.6 and stopped:
        return [Edit(resource=resource.name, path="running", value=False, check=since)]
    names = {item.name: item for item in resource.properties if item.behaviour == "steady" and item.declared}
    name, _, made = chance.choice([entry for entry in _STEADY if entry[0] in names])
    if isinstance(made, dict):
        before = names[name].declared
        assert isinstance(before, dict)
        path, value = _leaf(before, made)
        return [Edit(resource=resource.name, path=f"{name}.{path}", value=value, check=since)]
    return [Edit(resource=resource.name, path=name, value=made, check=since)]


def _leaf(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, Any]:
    """The one path at which two documents differ, and the value there."""
    name = next(key for key in {**before, **after} if before.get(key) != after.get(key))
    if isinstance(before.get(name), dict):
        path, value = _leaf(before[name], after[name])
        return f"{name}.{path}", value
    return name, after.get(name)
