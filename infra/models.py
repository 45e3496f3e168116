"""What the engine did or would do, as plain data."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["EngineEvent", "Reading", "Step", "on_one_line", "resource_name", "type_of"]


_BREAKS = frozenset("\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def on_one_line(text: str) -> str:
    """The text with its line breaks written out: what the world calls its things adds no line to a card."""
    return "".join(f"⟨U+{ord(letter):04X}⟩" if letter in _BREAKS else letter for letter in text)


def type_of(urn: str) -> str:
    """The type in a URN, without its parents': `aws:s3/bucket:Bucket`; empty when it has none."""
    parts = urn.split("::", 3)
    return parts[-2].split("$")[-1] if len(parts) > 2 else ""


def resource_name(urn: str) -> str:
    """The part of a URN that people call the resource by, with its type's last word: `api (Service)`.

    A name may hold anything, also `::` and line breaks: it stays on its line of a card all the same.
    """
    name, kind = urn.split("::", 3)[-1], type_of(urn).split(":")[-1]
    return on_one_line(f"{name} ({kind})" if kind else name)


def _without_trace(message: str) -> str:
    """What a program's failure says, without the calls that led to it; the run's log keeps them for the diagnosis."""
    lines = [line for line in message.splitlines() if line.strip()]
    if any(line.lstrip().startswith("Traceback (most recent call last)") for line in lines):
        return lines[-1].strip()
    return "\n".join(line for line in lines if not line.lstrip().startswith("at ")) or message


class EngineEvent(BaseModel):
    """Something that happened to a resource, or something that the engine said."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """`started`, `finished`, `failed`, `said`."""
    urn: str = ""
    op: str = ""
    severity: str = ""
    message: str = ""
    seconds: float | None = None
    parent: str = ""
    """The URN of the component that the resource is part of; empty when that is the stack itself."""

    @property
    def sentence(self) -> str:
        """For a person who watches."""
        if self.kind == "said":
            level = "" if self.severity.startswith("info") or not self.severity else f"{self.severity}: "
            return f"{level}{_without_trace(self.message)}"
        name = resource_name(self.urn)
        took = f" in {self.seconds:.1f} s" if self.seconds is not None else ""
        return f"{self.op} {name} {self.kind}{took}"


class Step(BaseModel):
    """One operation on one resource that the engine planned or made."""

    model_config = ConfigDict(frozen=True)

    op: str
    urn: str
    type: str
    keys: tuple[str, ...] = ()
    """Top-level properties that differ."""
    replaces: tuple[str, ...] = ()
    """Properties that force a replacement."""

    @property
    def name(self) -> str:
        """What people call the resource."""
        return resource_name(self.urn)


class Reading(BaseModel):
    """What a refresh read of one resource whose properties differ from the state's."""

    model_config = ConfigDict(frozen=True)

    urn: str
    type: str
    inputs: dict[str, Any] = {}
    """Declared, as the state has it."""
    old: dict[str, Any] = {}
    new: dict[str, Any] | None = {}
    """None: the resource is gone."""
    relevant: bool = False
    """The provider itself says that an update would follow."""
    keys: tuple[str, ...] = ()
    """Top-level properties that it says differ, where it says which."""
