"""Loads the templates of this folder and fills them in.

A template is a Markdown file. Its front matter gives a name, a version and the inputs, each `trusted` or `untrusted`;
its body is one or more messages, each under a line such as `<!-- message: system -->`, with `{{ input }}` where an
input goes. What a template says changes only with its version, and its digest names it exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal, get_args

__all__ = ["Message", "Template", "TemplateError", "Trust", "fenced", "load", "names", "parse"]

Trust = Literal["trusted", "untrusted"]
Speaker = Literal["system", "user"]

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_MESSAGE = re.compile(r"^<!-- message: (\w+) -->\n", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")


class TemplateError(Exception):
    """A template, or what it is filled in with, isn't as declared. A bug; the message says where."""


@dataclass(frozen=True)
class Message:
    """One message to a model."""

    speaker: Speaker
    text: str


@dataclass(frozen=True)
class Template:
    """A prompt with a name, a version and declared inputs."""

    name: str
    version: int
    inputs: Mapping[str, Trust]
    messages: tuple[Message, ...]
    digest: str
    """SHA-256 of the file: two prompts with the same digest say the same."""

    def render(self, **inputs: str) -> tuple[Message, ...]:
        """The messages, filled in. Untrusted inputs are fenced.

        Raises TemplateError when an input is missing or wasn't declared.
        """
        missing, unknown = sorted(set(self.inputs) - set(inputs)), sorted(set(inputs) - set(self.inputs))
        if missing or unknown:
            raise TemplateError(
                f"{self.name}:"
                + (f" missing {', '.join(missing)}" if missing else "")
                + (f" not declared {', '.join(unknown)}" if unknown else "")
            )
        values = {name: fenced(value) if self.inputs[name] == "untrusted" else value for name, value in inputs.items()}
        return tuple(
            Message(message.speaker, _PLACEHOLDER.sub(lambda found: values[found[1]], message.text))
            for message in self.messages
        )


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in "\n\t"
    return "\N{REPLACEMENT CHARACTER}" if hidden else character


def fenced(text: str) -> str:
    """Text that somebody else wrote, between marks that it can't contain.

    The mark is made from the text's own digest: a text that contained its own mark would have another digest, and
    another mark. Each line is prefixed as well, so that no line of it begins like a line of ours.
    """
    clean = "".join(map(_shown, text))
    mark = sha256(clean.encode()).hexdigest()[:24]
    lines = "\n".join(f"| {line}" for line in clean.splitlines() or [""])
    return f"<data {mark}>\n{lines}\n</data {mark}>"


def parse(text: str, origin: str) -> Template:
    """Read a template's file. Raises TemplateError, naming `origin`, for whatever isn't as declared."""
    import yaml

    found = _FRONT_MATTER.match(text)
    if not found:
        raise TemplateError(f"{origin}: it begins with front matter between two lines of ---")
    head = yaml.safe_load(found["head"])
    messages = tuple(_messages(found["body"], origin))
    inputs = dict(head.get("inputs") or {})
    _check(origin, head, inputs, messages)
    return Template(head["name"], head["version"], inputs, messages, sha256(text.encode()).hexdigest())


def _messages(body: str, origin: str) -> list[Message]:
    before, *parts = _MESSAGE.split(body)
    if before.strip() or not parts:
        raise TemplateError(f"{origin}: the body is messages, each under a line such as <!-- message: system -->")
    spoken: list[Message] = []
    for speaker, text in zip(parts[::2], parts[1::2], strict=True):
        if speaker not in get_args(Speaker):
            raise TemplateError(f"{origin}: a message is from system or user, not from {speaker}")
        spoken.append(Message("system" if speaker == "system" else "user", text.strip()))
    return spoken


def _check(
    origin: str, head: Mapping[str, object], inputs: Mapping[str, object], messages: tuple[Message, ...]
) -> None:
    used = {name for message in messages for name in _PLACEHOLDER.findall(message.text)}
    problems = [f"{name} is used and not declared" for name in sorted(used - set(inputs))]
    problems += [f"{name} is declared and not used" for name in sorted(set(inputs) - used)]
    problems += [
        f"{name} is {trust!r}; write trusted or untrusted"
        for name, trust in inputs.items()
        if trust not in get_args(Trust)
    ]
    if head.get("name") != origin:
        problems.append(f"its name is {head.get('name')!r}")
    if not isinstance(head.get("version"), int):
        problems.append("its version is no whole number")
    if problems:
        raise TemplateError(f"{origin}: " + "; ".join(problems))


@cache
def load(name: str) -> Template:
    """The template of this name. Raises TemplateError when there is none or it isn't as declared."""
    place = files("prompts") / f"{name}.md"
    if name not in names():
        raise TemplateError(f"there is no template {name!r}; there are {', '.join(names())}")
    return parse(place.read_text(encoding="utf-8"), name)


@cache
def names() -> tuple[str, ...]:
    """The names of all templates."""
    found = (entry.name for entry in files("prompts").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in found if name.endswith(".md")))
