"""What Sophia runs on: the model, the stores, the network, Slack, and how much of them a turn or a day may use."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from agent.people import Role
from agent.settings.part import DatabaseAddress, Named, Origin, Part, Text, WebAddress, Zone

__all__ = ["Checkpoints", "Embedder", "Limits", "Model", "Network", "PersonEntry", "Slack", "SlackUser", "Storage"]


class Model(Part):
    """The model that plans; without a name the offline planner does."""

    name: Text | None = Field(None, examples=["gpt-5-mini"])
    api_key: SecretStr | None = Field(None, json_schema_extra={"variable": "SOPHIA_API_KEY"})
    base_url: WebAddress | None = Field(None, examples=["http://127.0.0.1:8000/v1"])
    timeout_seconds: float = Field(60.0, gt=0, le=3600, examples=[60])
    retries: int = Field(2, ge=0, le=10, examples=[2])
    max_output_tokens: int = Field(4096, ge=64, le=1_000_000, examples=[4096])
    input_price: float | None = Field(None, ge=0, allow_inf_nan=False, examples=[0.25])
    """Dollars a million tokens that are read; without it, money isn't counted."""
    output_price: float | None = Field(None, ge=0, allow_inf_nan=False, examples=[2.0])
    """Dollars a million tokens that are written."""
    words_reports: bool = Field(default=False, examples=[True])
    """The model words reports too, with one more call a request; every sentence is checked against its finding."""

    @property
    def configured(self) -> bool:
        """Whether a model plans."""
        return self.name is not None


class Embedder(Part):
    """What turns text into vectors; without a model, the one that comes with Sophia and needs no network.

    A model without an address of its own is asked of the planner's server, with its key.
    """

    model: Text | None = Field(None, examples=["text-embedding-3-small"])
    api_key: SecretStr | None = Field(None, json_schema_extra={"variable": "SOPHIA_EMBEDDER_API_KEY"})
    base_url: WebAddress | None = Field(None, examples=["http://127.0.0.1:8000/v1"])
    dimension: int | None = Field(None, ge=8, le=8192, examples=[1536])


class Storage(Part):
    """Where things are kept; without addresses, in files in the data folder."""

    database_url: DatabaseAddress | None = Field(
        None, json_schema_extra={"variable": "SOPHIA_DATABASE_URL"}, examples=["postgresql://db.example.com/sophia"]
    )
    """PostgreSQL. It may stand in the file when no password is in it."""
    chroma_url: WebAddress | None = Field(None, examples=["http://127.0.0.1:8001"])


class Checkpoints(Part):
    """What is kept of stacks before each change."""

    backup: Text | None = Field(
        None, pattern=r"^s3://[^/?]+.*$", examples=["s3://backups/sophia?endpoint=https://s3.example.com&region=eu-1"]
    )
    """An S3-compatible store that gets a copy of each; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY open it."""
    keep: int = Field(100, ge=5, le=100_000, examples=[100])
    """How many without a name each stack keeps; those with a name stay."""


class Network(Part):
    """What may be reached, and how Sophia introduces herself."""

    user_agent: Text = Field("Sophia/0.1 (competitor page monitor)", examples=["Sophia/0.1"])
    contact: Text | None = Field(None, examples=["ops@example.com"])
    """Where the owner of a watched page may complain; sent along with the user agent."""
    allowed_origins: tuple[Origin, ...] = Field((), examples=[["https://status.example.com"]])
    """Beside the origins of the pages and checks that the configuration names."""
    allowed_private_origins: tuple[Origin, ...] = Field((), examples=[["http://127.0.0.1:8080"]])
    """Private and loopback addresses are refused but for exactly these."""
    browser: Text | None = Field(None, examples=["/usr/bin/chromium"])
    """Renders pages that are empty without JavaScript; nothing: the one that is installed, if any."""


class Slack(Part):
    """The Slack workspace. Its tokens come from the environment."""

    bot_token: SecretStr | None = Field(None, json_schema_extra={"variable": "SOPHIA_SLACK_BOT_TOKEN"})
    app_token: SecretStr | None = Field(None, json_schema_extra={"variable": "SOPHIA_SLACK_APP_TOKEN"})
    signing_secret: SecretStr | None = Field(None, json_schema_extra={"variable": "SOPHIA_SLACK_SIGNING_SECRET"})
    unknown_people_may_read: bool = Field(default=False, examples=[True])
    """Whether Slack users whom nobody configured may ask for reads."""
    api_url: WebAddress = Field("https://slack.com/api/", examples=["https://slack-gov.com/api/"])
    """Where Slack's Web API is: GovSlack has one of its own."""

    @property
    def mode(self) -> Literal["socket", "http"] | None:
        """How Slack reaches Sophia: by a socket that she opens, by signed requests, or not at all."""
        if not self.bot_token:
            return None
        return "socket" if self.app_token else "http" if self.signing_secret else None

    @property
    def connected(self) -> bool:
        """Whether all that a connection needs is there."""
        return self.mode is not None


class Shares(Part):
    """How much may be used in a day and in a month, from midnight UTC on; without a number, there is no limit."""

    tokens_per_day: int | None = Field(None, ge=0, examples=[2000000])
    tokens_per_month: int | None = Field(None, ge=0, examples=[20000000])
    dollars_per_day: float | None = Field(None, ge=0, allow_inf_nan=False, examples=[20.0])
    dollars_per_month: float | None = Field(None, ge=0, allow_inf_nan=False, examples=[300.0])
    requests_per_day: int | None = Field(None, ge=0, examples=[100000])
    requests_per_month: int | None = Field(None, ge=0, examples=[2000000])
    pages_per_day: int | None = Field(None, ge=0, examples=[20000])
    pages_per_month: int | None = Field(None, ge=0, examples=[400000])


class Limits(Shares):
    """How much a turn, a day and a month may use; checked before it is used, by all processes together."""

    tokens_per_turn: int = Field(60_000, ge=0, examples=[60000])
    tokens_per_day: int | None = Field(2_000_000, ge=0, examples=[2000000])
    dollars_per_turn: float = Field(1.0, ge=0, allow_inf_nan=False, examples=[1.0])
    dollars_per_day: float | None = Field(20.0, ge=0, allow_inf_nan=False, examples=[20.0])
    dollars_per_month: float | None = Field(300.0, ge=0, allow_inf_nan=False, examples=[300.0])
    requests_per_turn: int | None = Field(None, ge=0, examples=[5000])
    pages_per_turn: int | None = Field(None, ge=0, examples=[2000])
    seconds_per_turn: float = Field(180.0, gt=0, le=86_400, examples=[180])
    """With the model; waiting for people doesn't count."""
    pages_per_day: int | None = Field(20_000, ge=0, examples=[20000])
    replans: int = Field(2, ge=0, le=10, examples=[2])
    approval_minutes: int = Field(24 * 60, ge=1, le=60 * 24 * 30, examples=[1440])
    """After which an approval that nobody gave or used expires."""
    person: Shares = Field(Shares(), examples=[{"dollars_per_day": 5.0}])
    """Of each person."""
    schedule: Shares = Field(Shares(), examples=[{"pages_per_month": 50000}])
    """Of each schedule."""


class SlackUser(Part):
    """Somebody as Slack knows them."""

    workspace: str = Field(pattern=r"^[TE][A-Z0-9]{6,}$", examples=["T0123456789"])
    user: str = Field(pattern=r"^[UW][A-Z0-9]{6,}$", examples=["U0123456789"])


def _digest(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError(
            "must be the SHA-256 digest of a token, never the token: "
            'make one with `openssl rand -hex 32`, and its digest with `printf %s "$SOPHIA_TOKEN" | sha256sum`'
        )
    return text.lower()


TokenDigest = Annotated[str, AfterValidator(_digest)]


class PersonEntry(Named):
    """A person: what they may do, and how they are recognised."""

    full_name: str = Field("", examples=["Ada Lovelace"])
    roles: tuple[Role, ...] = Field((Role.REQUESTER,), examples=[["requester", "approver"]])
    zone: Zone | None = Field(None, examples=["America/Chicago"])
    system_users: tuple[Text, ...] = Field((), examples=[["ada"]])
    """Names of operating-system users."""
    token_sha256: tuple[TokenDigest, ...] = Field(())
    """Digests of the tokens that they put into SOPHIA_TOKEN."""
    slack: tuple[SlackUser, ...] = Field((), examples=[[{"workspace": "T0123456789", "user": "U0123456789"}]])
    may_act_for: tuple[Text, ...] = Field((), examples=[["bob"]])
    """People whose name they may give with --as."""
