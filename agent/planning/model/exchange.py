"""What is known of one call to a model while it runs: where it goes, what it may cost, what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

__all__ = ["DEFAULT_BASE_URL", "Address", "Allowance", "Exchange", "Usage", "estimated_tokens"]

DEFAULT_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Address:
    """Whom we talk to: the only place that is ever contacted, and what opens it."""

    model: str
    base_url: str
    key: SecretStr | None = None

    @property
    def host(self) -> str:
        """For people: the server's name and port, never more of the address."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


@dataclass(frozen=True)
class Allowance:
    """The most that one call may take."""

    answer_tokens: int
    seconds: float

    @property
    def content_bytes(self) -> int:
        """Of content. A token is rarely longer than a dozen."""
        return self.answer_tokens * 16 + 4_000

    @property
    def wire_bytes(self) -> int:
        """Of the whole response. Streaming wraps each token in some hundred bytes of its own."""
        return self.answer_tokens * 1_200 + 200_000


@dataclass(frozen=True)
class Usage:
    """Tokens that were read and written."""

    read: int
    written: int
    estimated: bool = False

    @property
    def total(self) -> int:
        """Both together."""
        return self.read + self.written


@dataclass
class Exchange:
    """Filled in while the answer arrives."""

    address: Address
    allowance: Allowance
    prompt_bytes: int = 0
    charged: bool = False
    """The server may have worked on it: it was sent, and not turned down."""
    content_bytes: int = 0
    chunks: int = 0
    finish: str = ""
    done: bool = False
    """The server said that this was all."""
    reported: Mapping[str, int] = field(default_factory=dict)

    def usage(self) -> Usage:
        """What the server says it used, as far as that can be true; else an estimate from what went over the wire.

        A token is at least a byte of what was read or written, and seldom more than a dozen. Hidden reasoning isn't
        seen on the wire, so what was written may be up to the limit that we set.
        """
        read, written = self.reported.get("prompt_tokens"), self.reported.get("completion_tokens")
        guess_read = estimated_tokens(self.prompt_bytes)
        guess_written = estimated_tokens(self.content_bytes)
        return Usage(
            guess_read if read is None else min(max(read, guess_read // 4), self.prompt_bytes + 1_000),
            guess_written
            if written is None
            else min(max(written, guess_written // 4), self.allowance.answer_tokens + self.content_bytes),
            estimated=read is None or written is None,
        )


def estimated_tokens(size: int) -> int:
    """Tokens in so many bytes of text, rather too many than too few."""
    return -(-size // 3)
