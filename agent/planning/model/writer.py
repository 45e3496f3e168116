"""A model's wording of what was found, checked sentence by sentence before anybody sees it.

What others wrote reaches the model only when the caller accepts the label; what is secret never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agent.errors import ModelCanFix
from agent.planning.model.budget import Payer
from agent.planning.model.chat import Answer, AnswerForm, ChatModel
from agent.planning.model.pieces import Listener
from agent.planning.model.reading import UnreadableError, documents
from agent.planning.quotation import own_words
from agent.prose import Checked, Claim, check_prose
from memory.labels import INTERNAL, Confidentiality, Label, join
from prompts.templates import Message, fenced, load
from tools.result import Finding

__all__ = ["Labelled", "ModelWriter", "Written"]

_FORM = "submit_claims"
_MOST_FINDINGS = 40
_LONGEST_TEXT = 4_000
_TEXT = {"type": "string"}
_CLAIM = {
    "type": "object",
    "properties": {"finding": _TEXT, "text": _TEXT},
    "required": ["finding", "text"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Labelled:
    """A finding and the label of what it was made from."""

    finding: Finding
    label: Label


@dataclass(frozen=True)
class Written:
    """A model's wording, checked, and the label that it carries: of all that the model read."""

    checked: Checked
    label: Label
    tokens: int


class ModelWriter:
    """Words findings. The facts stay the findings'; a wording that doesn't say them is struck."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def report(
        self,
        payer: Payer,
        request: str,
        findings: Mapping[str, Labelled],
        *,
        accept_untrusted: bool = False,
        listener: Listener | None = None,
    ) -> Written:
        """A sentence for each finding that the model may read; the others keep their own.

        Raises the errors of this package, but not for an answer that can't be used: then nothing is worded.
        """
        readable = {name: one for name, one in findings.items() if _readable(one.label, accept=accept_untrusted)}
        shown = dict(list(readable.items())[:_MOST_FINDINGS])
        if not shown:
            return Written(Checked((), ()), INTERNAL, 0)
        own = [f"{name}: {one.finding.sentence}" for name, one in shown.items() if one.label.trusted]
        others = [f"{name}: {fenced(one.finding.sentence)}" for name, one in shown.items() if not one.label.trusted]
        messages = load("report").render(
            request=own_words(request).own[:_LONGEST_TEXT],
            findings="\n".join(own) or "(below)",
            quoted="\n".join(others),
        )
        allowed = {name: one.finding for name, one in shown.items()}
        return await self._written(payer, messages, allowed, join(one.label for one in shown.values()), listener)

    async def change(
        self, payer: Payer, change: Labelled, before: str, after: str, listener: Listener | None = None
    ) -> Written:
        """One sentence for one change of a page, held against the finding that states it, under the name `f1`."""
        if change.label.confidentiality is Confidentiality.SECRET:
            return Written(Checked((), ()), INTERNAL, 0)
        messages = load("change").render(
            finding=change.finding.sentence, before=before[:_LONGEST_TEXT], after=after[:_LONGEST_TEXT]
        )
        return await self._written(payer, messages, {"f1": change.finding}, change.label, listener)

    async def _written(
        self,
        payer: Payer,
        messages: Sequence[Message],
        findings: Mapping[str, Finding],
        label: Label,
        listener: Listener | None,
    ) -> Written:
        label = label.with_source(f"model:{self.name}")
        try:
            answer = await self._model.ask(payer, messages, AnswerForm(_FORM, _schema(list(findings))), listener)
        except ModelCanFix:
            return Written(Checked((), ()), label, 0)
        return Written(check_prose(_claims(answer), findings), label, answer.usage.total)


def _readable(label: Label, *, accept: bool) -> bool:
    return label.confidentiality is not Confidentiality.SECRET and (accept or label.trusted)


def _schema(names: Sequence[str]) -> dict[str, Any]:
    claim = _CLAIM | {"properties": {"finding": {"type": "string", "enum": list(names)}, "text": _TEXT}}
    return {
        "type": "object",
        "properties": {"claims": {"type": "array", "items": claim, "maxItems": len(names)}},
        "required": ["claims"],
        "additionalProperties": False,
    }


def _claims(answer: Answer) -> list[Claim]:
    """The claims that an answer makes; none when it can't be read."""
    texts = [call.arguments for call in answer.calls] or [answer.text]
    found: list[Claim] = []
    try:
        for document in (document for text in texts for document in documents(text)):
            listed = document.get("claims") if isinstance(document, dict) else document
            found += [Claim.model_validate(one) for one in (listed if isinstance(listed, list) else [])]
    except (UnreadableError, ValidationError):
        return []
    return found[: 2 * _MOST_FINDINGS]
