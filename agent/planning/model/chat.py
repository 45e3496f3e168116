"""Asking a model: one bounded call, in whatever form the server takes, retried where waiting helps.

The only module that knows langchain-openai and its client. Both are loaded at the first call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from agent.errors import SophiaError
from agent.planning.model.budget import Budget, Kind, Payer, Price
from agent.planning.model.dialect import Dialect, Dialects, RememberedDialects
from agent.planning.model.errors import (
    AnswerTruncated,
    BudgetSpent,
    MissingKey,
    ModelTimeout,
    RequestRejected,
    ServerFailing,
    Transient,
)
from agent.planning.model.exchange import DEFAULT_BASE_URL, Address, Allowance, Exchange, Usage, estimated_tokens
from agent.planning.model.pieces import Listener, Pieces, ToolCall
from agent.settings.machine import Model as ModelSettings
from prompts.templates import Message

if TYPE_CHECKING:
    import httpx2
    from langchain_openai import ChatOpenAI

__all__ = ["Answer", "AnswerForm", "ChatModel"]

SMALLEST_ANSWER = 200
"""Tokens. With less room than this it isn't worth asking."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0


def _nobody_listens(_kind: str, _text: str) -> None:
    return None


def _sendable(message: Message) -> Message:
    """Without halves of surrogate pairs, which no encoding knows."""
    return replace(message, text=message.text.encode("utf-8", "replace").decode())


@dataclass(frozen=True)
class AnswerForm:
    """The form that an answer should have: a name and a JSON schema."""

    name: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a model answered. Untrusted until it was read and checked."""

    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    dialect: Dialect


class ChatModel:
    """A model at an OpenAI-compatible address. Safe to use from several turns at once."""

    def __init__(
        self,
        settings: ModelSettings,
        budget: Budget,
        *,
        dialects: Dialects | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`settings.name` must be given. Nothing is contacted before the first `ask`."""
        if settings.name is None:
            raise ValueError("a model needs a name")
        base_url = (settings.base_url or DEFAULT_BASE_URL).rstrip("/")
        key = settings.api_key if settings.api_key and settings.api_key.get_secret_value().strip() else None
        self._address = Address(settings.name, base_url, key)
        self._settings = settings
        self._price = Price(settings.input_price or 0.0, settings.output_price or 0.0)
        self._budget = budget
        self._dialects = dialects or RememberedDialects()
        self._sleep = sleep
        self._connections: httpx2.AsyncBaseTransport | None = None
        self._chat: ChatOpenAI | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._address.model

    async def aclose(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            await self._connections.aclose()
            self._connections = self._chat = None

    def distrust(self, dialect: Dialect) -> None:
        """The answer to this form of request wasn't in the form that was asked for: ask less strictly from now on."""
        if weaker := dialect.weaker():
            self._dialects.keep(self._server, weaker)

    async def ask(
        self, payer: Payer, messages: Sequence[Message], form: AnswerForm, listener: Listener | None = None
    ) -> Answer:
        """One answer. Raises the errors of this package; none of them carries the key or the server's words."""
        if self._address.key is None and self._address.base_url == DEFAULT_BASE_URL:
            raise MissingKey(self._address.model, self._address.host)
        try:
            return await self._in_some_dialect(payer, list(map(_sendable, messages)), form, listener or _nobody_listens)
        except SophiaError as error:
            problem = error
        # Raised anew, without the frames and the exceptions it came through: those have seen the key.
        problem.__cause__ = problem.__context__ = None
        raise problem.with_traceback(None)

    @property
    def _server(self) -> str:
        return f"{self._address.base_url} {self._address.model}"

    async def _in_some_dialect(
        self, payer: Payer, messages: Sequence[Message], form: AnswerForm, listener: Listener
    ) -> Answer:
        from agent.planning.model.wire import Rejected

        dialect = self._dialects.get(self._server)
        while True:
            try:
                answer = await self._patiently(payer, messages, form, dialect, listener)
            except Rejected as rejected:
                plainer, refusal = dialect.without(rejected.named), rejected
            else:
                self._dialects.keep(self._server, dialect)
                return answer
            if plainer is None:
                raise RequestRejected(self._address.model, self._address.host, refusal.status, sorted(refusal.named))
            dialect = plainer

    async def _patiently(
        self, payer: Payer, messages: Sequence[Message], form: AnswerForm, dialect: Dialect, listener: Listener
    ) -> Answer:
        """With retries, no longer than the turn's seconds allow."""
        wait = _FIRST_WAIT
        for retries_left in range(self._settings.retries, -1, -1):
            try:
                return await self._once(payer, messages, form, dialect, listener)
            except SophiaError as error:
                if not isinstance(error, Transient) or not retries_left:
                    raise
                pause = wait if error.retry_after is None else error.retry_after
                if pause >= await self._budget.left(payer, Kind.SECONDS):
                    raise
                listener("wait", f"{error.tried} Asking again in {pause:.0f} seconds.")
            await self._pause(payer, pause)
            wait = min(wait * 2, _LONGEST_WAIT)
        raise AssertionError("the last attempt returns or raises")

    async def _pause(self, payer: Payer, seconds: float) -> None:
        await self._budget.reserve(payer, Kind.SECONDS, seconds)
        try:
            await self._sleep(seconds)
        finally:
            await self._budget.record(payer, Kind.SECONDS, seconds, seconds)

    async def _once(
        self, payer: Payer, messages: Sequence[Message], form: AnswerForm, dialect: Dialect, listener: Listener
    ) -> Answer:
        """One call, paid for."""
        allowance, reserved = await self._reserve(payer, messages, form)
        exchange = Exchange(self._address, allowance)
        started = time.monotonic()
        try:
            text, calls = await self._call(messages, form, dialect, exchange, listener)
        finally:
            await self._settle(payer, exchange, reserved, time.monotonic() - started)
        if exchange.finish == "length":
            raise AnswerTruncated(self._address.model)
        return Answer(text, calls, exchange.usage(), dialect)

    async def _reserve(
        self, payer: Payer, messages: Sequence[Message], form: AnswerForm
    ) -> tuple[Allowance, dict[Kind, float]]:
        """What the call may take at most, set aside. Raises BudgetSpent before anything is sent."""
        size = sum(len(message.text.encode()) + 20 for message in messages) + len(str(form.schema))
        read = estimated_tokens(size)
        written = await self._affordable_answer(payer, read)
        seconds = min(self._settings.timeout_seconds, await self._budget.left(payer, Kind.SECONDS))
        if seconds < 1:
            raise BudgetSpent(Kind.SECONDS, Kind.SECONDS.said(self._settings.timeout_seconds), Kind.SECONDS.said(0))
        wanted = {
            Kind.TOKENS: float(read + written),
            Kind.MONEY: self._price.of(read, written),
            Kind.SECONDS: seconds,
        }
        reserved: dict[Kind, float] = {}
        try:
            for kind, amount in wanted.items():
                await self._budget.reserve(payer, kind, amount)
                reserved[kind] = amount
        except BudgetSpent:
            for kind, amount in reserved.items():
                await self._budget.record(payer, kind, amount, 0)
            raise
        return Allowance(written, seconds), reserved

    async def _affordable_answer(self, payer: Payer, read: int) -> int:
        """How many tokens the answer may have: what is configured, or the smaller rest of the budget."""
        room = await self._budget.left(payer, Kind.TOKENS) - read
        if self._price.written:
            money = await self._budget.left(payer, Kind.MONEY) - self._price.of(read, 0)
            room = min(room, money * 1_000_000 / self._price.written)
        wanted = self._settings.max_output_tokens
        return wanted if room >= wanted or room < min(wanted, SMALLEST_ANSWER) else int(room) - 1

    async def _settle(self, payer: Payer, exchange: Exchange, reserved: dict[Kind, float], seconds: float) -> None:
        usage = exchange.usage() if exchange.charged else Usage(0, 0)
        used = {
            Kind.TOKENS: float(usage.total),
            Kind.MONEY: self._price.of(usage.read, usage.written),
            Kind.SECONDS: seconds,
        }
        for kind, amount in reserved.items():
            await self._budget.record(payer, kind, amount, used[kind])

    async def _call(
        self,
        messages: Sequence[Message],
        form: AnswerForm,
        dialect: Dialect,
        exchange: Exchange,
        listener: Listener,
    ) -> tuple[str, tuple[ToolCall, ...]]:
        """The text and the calls of one streamed answer."""
        from langsmith.run_helpers import tracing_context
        from openai import OpenAIError

        from agent.planning.model.wire import carrying

        self._chat = self._chat or self._client()
        pieces = Pieces(listener, self._address)
        parameters = dialect.parameters(exchange.allowance.answer_tokens, form.name, form.schema)
        problem: SophiaError | None = None
        try:
            async with asyncio.timeout(exchange.allowance.seconds):
                with tracing_context(enabled=False), carrying(exchange):
                    async for chunk in self._chat.astream([(m.speaker, m.text) for m in messages], **parameters):
                        pieces.add(chunk)
                    pieces.finish()
        except TimeoutError:
            problem = ModelTimeout(self._address.model, self._address.host, exchange.allowance.seconds)
        except OpenAIError as error:
            problem = ServerFailing(self._address.model, self._address.host, type(error).__name__)
        if problem is not None:
            raise problem
        return pieces.text, pieces.calls

    def _client(self) -> ChatOpenAI:
        """A client for all exchanges, as making one takes longer than using it.

        It gets no key, and none of the environment's settings reach the wire.
        """
        import httpx2
        import openai
        from langchain_openai import ChatOpenAI

        from agent.planning.model.wire import PinnedTransport, pool

        for library in ("openai", "httpx2", "httpcore2", "langchain_openai"):
            logging.getLogger(library).setLevel(logging.WARNING)
        self._connections = pool()
        client = openai.AsyncOpenAI(
            api_key="held-by-the-wire",
            base_url=self._address.base_url,
            max_retries=0,
            timeout=self._settings.timeout_seconds,
            http_client=httpx2.AsyncClient(
                transport=PinnedTransport(self._connections), follow_redirects=False, trust_env=False
            ),
        )
        return ChatOpenAI(
            model_name=self._address.model,
            openai_api_key=SecretStr("held-by-the-wire"),
            openai_api_base=self._address.base_url,
            client=client.chat.completions,
            root_client=client,
            async_client=client.chat.completions,
            root_async_client=client,
            use_responses_api=False,
            stream_chunk_timeout=None,
        )
