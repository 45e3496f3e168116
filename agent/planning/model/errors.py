"""What can go wrong with a model, each named, with what was tried, what did not happen, and what to do.

None of these carries a word that the server sent: a server may be anybody's, and may send back what it was given.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import ModelCanFix, OperatorMustAct, RequesterMustFix
from agent.plan import Problem

__all__ = [
    "AnswerTooLong",
    "AnswerTruncated",
    "BudgetSpent",
    "ForeignAddress",
    "KeyRefused",
    "MissingKey",
    "ModelRefused",
    "ModelTimeout",
    "NoConnection",
    "NotAnAnswer",
    "PromptTooLong",
    "QuotaUsedUp",
    "RateLimited",
    "RequestRejected",
    "ServerFailing",
    "Transient",
    "UnknownModel",
]

_NOTHING = "Nothing was planned and nothing was done."
_OFFLINE = "Without SOPHIA_MODEL the offline planner plans, which needs no model."


class Transient:
    """Mixed into errors that may be gone at the next attempt."""

    retry_after: float | None = None
    """Seconds that the server asks to wait, when it says so."""


class MissingKey(OperatorMustAct):
    """The server wants a key and none is configured."""

    def __init__(self, model: str, host: str) -> None:
        super().__init__(
            f"{host} wants a key for {model}, and none is configured.",
            not_done=_NOTHING,
            to_do=f"Set SOPHIA_API_KEY (or OPENAI_API_KEY) and ask again. {_OFFLINE}",
        )


class KeyRefused(OperatorMustAct):
    """The server doesn't accept the key."""

    def __init__(self, model: str, host: str, status: int) -> None:
        super().__init__(
            f"{host} refused the key for {model} (HTTP {status}).",
            not_done=_NOTHING,
            to_do="Check that SOPHIA_API_KEY belongs to this server and may use this model.",
        )


class UnknownModel(OperatorMustAct):
    """There is no such model, or no such server, at the configured address."""

    def __init__(self, model: str, host: str) -> None:
        super().__init__(
            f"{host} knows no model {model!r} (HTTP 404).",
            not_done=_NOTHING,
            to_do="Check SOPHIA_MODEL, and that the base URL ends where the API begins, usually with /v1.",
        )


class RateLimited(Transient, OperatorMustAct):
    """Too many requests, also after waiting."""

    def __init__(self, model: str, host: str, retry_after: float | None) -> None:
        wait = f" It asks to wait {retry_after:.0f} seconds." if retry_after else ""
        super().__init__(
            f"{host} limits the rate of requests to {model} (HTTP 429).{wait}",
            not_done=_NOTHING,
            to_do="Ask again later.",
        )
        self.retry_after = retry_after


class QuotaUsedUp(OperatorMustAct):
    """The account has nothing left; waiting doesn't help."""

    def __init__(self, model: str, host: str) -> None:
        super().__init__(
            f"The account at {host} has no quota left for {model}.",
            not_done=_NOTHING,
            to_do=f"Look at its billing, or use another model. {_OFFLINE}",
        )


class ModelTimeout(Transient, OperatorMustAct):
    """No complete answer in time."""

    def __init__(self, model: str, host: str, seconds: float) -> None:
        super().__init__(
            f"{model} at {host} did not finish its answer within {seconds:.0f} seconds.",
            not_done=_NOTHING,
            to_do="Ask again, or raise timeout_seconds under [model] in sophia.toml.",
        )


class NoConnection(Transient, OperatorMustAct):
    """The server can't be reached, or broke off."""

    def __init__(self, model: str, host: str, what: str) -> None:
        super().__init__(
            f"{model} at {host} can't be reached: {what}.",
            not_done=_NOTHING,
            to_do="Check the network and the base URL, and that the server runs.",
        )


class ServerFailing(Transient, OperatorMustAct):
    """The server answers with errors of its own, or with something that is no answer at all."""

    def __init__(self, model: str, host: str, what: str, retry_after: float | None = None) -> None:
        super().__init__(
            f"The server of {model} at {host} fails: {what}.",
            not_done=_NOTHING,
            to_do="Ask again later; if it goes on, look at the server.",
        )
        self.retry_after = retry_after


class RequestRejected(OperatorMustAct):
    """The server doesn't take the request in any form that Sophia knows."""

    def __init__(self, model: str, host: str, status: int, named: Sequence[str] = ()) -> None:
        about = f", naming {', '.join(sorted(named))}" if named else ""
        super().__init__(
            f"{host} does not take the request to {model} (HTTP {status}{about}).",
            not_done=_NOTHING,
            to_do="Check that the server speaks OpenAI's chat completions and that the model is made for chat.",
        )


class ForeignAddress(OperatorMustAct):
    """Something would have been sent to another address than the configured one."""

    def __init__(self, model: str, host: str, what: str) -> None:
        super().__init__(
            f"{model} at {host}: {what}. Only the configured base URL is ever contacted.",
            not_done=_NOTHING,
            to_do="Set the base URL to where the server really is.",
        )


class PromptTooLong(RequesterMustFix):
    """The request doesn't fit."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The request is too long for the model: {what}.",
            not_done=_NOTHING,
            to_do="Say it shorter, or in several requests.",
        )


class ModelRefused(RequesterMustFix):
    """The model, or its provider's filter, refuses to answer."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model} refused to plan this.",
            not_done=_NOTHING,
            to_do="Say it in other words, or let the offline planner do it: unset SOPHIA_MODEL.",
        )


class BudgetSpent(OperatorMustAct):
    """The next call could go over a limit, so it wasn't made."""

    def __init__(self, kind: str, wanted: str, left: str, where: str = "for this request") -> None:
        super().__init__(
            f"The model was not asked: that could take {wanted}, and {left} of the budget are left {where}.",
            not_done=_NOTHING,
            to_do=f"Ask for less at once, or raise the limit of {kind} under [limits] in sophia.toml.",
        )


class AnswerTruncated(ModelCanFix):
    """The model ran into its limit of tokens, or the answer broke off."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model}'s answer was cut off before its end.",
            not_done=_NOTHING,
            to_do="Ask for less at once, or raise max_output_tokens under [model] in sophia.toml.",
        )


class AnswerTooLong(ModelCanFix):
    """The server sent more than it was allowed to, and was cut off."""

    def __init__(self, model: str, host: str) -> None:
        super().__init__(
            f"{host} went on sending after {model} should have stopped, and was cut off.",
            not_done=_NOTHING,
            to_do="Ask again; if it goes on, the server ignores the limit of tokens: use another one.",
        )


class NotAnAnswer(ModelCanFix):
    """The model answered, but not with what it was asked for."""

    def __init__(self, model: str, problems: Sequence[Problem]) -> None:
        found = "; ".join(problem.message for problem in problems[:3])
        super().__init__(
            f"{model}'s answer can't be used: {found}.",
            not_done=_NOTHING,
            to_do="Say it in other words, or use another model.",
        )
        self.problems = tuple(problems)
