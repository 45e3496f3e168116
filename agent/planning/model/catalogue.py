"""The tools as a model is told of them: a line each, and one schema for all plans.

A schema of every tool's own arguments would be larger than the rest of the prompt. So the lines say which tool takes
what, and the schema holds what a grammar can enforce cheaply: the names of tools and arguments, and a step's form.
Whether they fit each other the plan's check says, with every error at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.plan import MAXIMUM_STEPS, result_schema
from tools.declaration import Tool

__all__ = ["catalogue_text", "plan_schema"]

_SHOWN_FIELDS = 12
_SHORT = {"string": "", "integer": "int", "number": "number", "boolean": "bool", "object": "map"}


def catalogue_text(tools: Mapping[str, Tool]) -> str:
    """A line for each tool: name, arguments, effect, what it does, and the fields of its result."""
    return "\n".join(_line(declared) for _, declared in sorted(tools.items()))


def _line(declared: Tool) -> str:
    arguments = ", ".join(_argument(name, declared) for name in declared.arguments.model_fields)
    fields = ", ".join(_fields(declared))
    summary = declared.summary.rstrip(".")
    return f"- {declared.name}({arguments}) [{declared.effect}] {summary}" + (f" -> {fields}" if fields else "")


def _argument(name: str, declared: Tool) -> str:
    schema = declared.arguments.model_json_schema()
    info = schema["properties"][name]
    kind = declared.slots[name].kind
    values = _values(info, schema)
    return (
        name
        + ("[]" if "array" in _types(info, schema) else "")
        + ("" if declared.arguments.model_fields[name].is_required() else "?")
        + (f": {'|'.join(values)}" if values else f": {kind}" if kind not in (name, "text") else "")
    )


def _alternatives(info: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The schemas that a value may follow, references and unions resolved."""
    if "$ref" in info:
        yield from _alternatives(schema["$defs"][info["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in info:
        for part in info["anyOf"]:
            yield from _alternatives(part, schema)
    else:
        yield info


def _types(info: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    found = (part.get("type") for part in _alternatives(info, schema))
    return [kind for kind in found if isinstance(kind, str) and kind != "null"]


def _values(info: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The values that are allowed, when they are few."""
    found = [value for part in _alternatives(info, schema) for value in part.get("enum", [part.get("const")])]
    values = [str(value) for value in found if value is not None]
    return values if len(values) <= 12 else []


def _fields(declared: Tool) -> list[str]:
    """Those that a later step may refer to or wait for: lists and times are neither."""
    schema = result_schema(declared)
    shown = []
    for name, info in schema.get("properties", {}).items():
        kind = next(iter(_types(info, schema)), "string")
        if kind != "array" and info.get("format") != "date-time":
            shown.append(f"{name}:{_SHORT[kind]}" if _SHORT.get(kind) else name)
    return shown[:_SHOWN_FIELDS]


def plan_schema(tools: Mapping[str, Tool]) -> dict[str, Any]:
    """The JSON schema of an answer: small, and plain enough for grammars."""
    arguments = sorted({name for declared in tools.values() for name in declared.arguments.model_fields})
    text = {"type": "string"}
    nothing_or_text = {"anyOf": [{"type": "null"}, text]}
    reference = _object({"$from": text}, ["$from"])
    value = {"anyOf": [text, {"type": "number"}, {"type": "boolean"}, {"type": "array", "items": text, "maxItems": 20}]}
    value["anyOf"].append(reference)
    step = _object(
        {
            "id": {"type": "string", "enum": [f"s{number}" for number in range(1, MAXIMUM_STEPS * 2 + 1)]},
            "tool": {"type": "string", "enum": sorted(tools)},
            "args": _object({name: {"$ref": "#/$defs/value"} for name in arguments}, []),
            "needs": {"type": "array", "items": text, "maxItems": MAXIMUM_STEPS},
            "when": nothing_or_text,
            "why": text,
        },
        ["id", "tool", "args", "needs", "when", "why"],
    )
    schema = _object(
        {
            "kind": {"type": "string", "enum": ["plan", "clarify", "refuse"]},
            "question": nothing_or_text,
            "steps": {"type": "array", "items": step, "maxItems": MAXIMUM_STEPS},
            "on_failure": {"type": "string", "enum": ["stop", "undo"]},
        },
        ["kind", "question", "steps", "on_failure"],
    )
    return {**schema, "$defs": {"value": value}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
