"""What the business cares about: its competitors, its market, its money, its rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from agent.settings.part import Named, Part, Text, WebAddress, Zone

__all__ = ["ASPECTS", "Alert", "Budget", "Business", "Competitor", "Market", "Page"]

ASPECTS = ("pricing", "features", "product_updates", "job_postings", "client_wins", "technology", "market_share")
"""The aspects of a competitor that Sophia knows by name without being told."""


def _alert(value: object) -> object:
    number = value
    if isinstance(value, str):
        if value == "significant_change":
            return value
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError('must be "significant_change" or a number from 0 (every change) to 1')
    return float(number)


Alert = Annotated[Literal["significant_change"] | float, BeforeValidator(_alert)]
"""From which significance on a change is worth an alert at once; the rest goes into the digest."""


class Business(Part):
    """Who Sophia works for."""

    name: Text = Field("Pay Ready", examples=["Pay Ready"])
    about: str = Field("", examples=["Collects resident balances for multifamily property managers."])
    zone: Zone = Field("America/New_York", examples=["America/New_York"])
    aspects: tuple[Text, ...] = Field(ASPECTS, examples=[["pricing", "features"]])
    """What can be watched of a competitor; pages and competitors may name no other."""


class Page(Part):
    """A page of a competitor that is watched."""

    url: WebAddress = Field(examples=["https://www.example.com/pricing"])
    aspect: Text = Field(examples=["pricing"])
    selector: Text | None = Field(None, examples=["main .plans"])
    """A CSS selector that overrides what Sophia finds by itself."""
    alert: Alert | None = Field(None, examples=[0.6])
    channel: Text | None = Field(None, examples=["#competitive-intel"])


class Competitor(Named):
    """Whom we watch, which aspects of them matter, and where their changes are told."""

    aliases: tuple[Text, ...] = Field((), examples=[["elise", "meetelise"]])
    domains: tuple[Text, ...] = Field((), examples=[["example.com"]])
    aspects: tuple[Text, ...] = Field((), examples=[["pricing", "features"]])
    """Empty: all of the business's."""
    alert: Alert = Field("significant_change", examples=["significant_change"])
    channel: Text | None = Field(None, examples=["#competitive-intel"])
    pages: tuple[Page, ...] = Field((), examples=[[{"url": "https://www.example.com/pricing", "aspect": "pricing"}]])

    def alert_for(self, page: Page) -> Literal["significant_change"] | float:
        """The page's own threshold, or the competitor's."""
        return self.alert if page.alert is None else page.alert

    def channel_for(self, page: Page) -> str | None:
        """The page's own channel, or the competitor's."""
        return page.channel or self.channel


class Market(Part):
    """Whom the business would like to have as customers."""

    list: Text = Field("NMHC Top 50", examples=["NMHC Top 50"])
    """The list's name."""
    prospects: tuple[Text, ...] = Field((), examples=[["Greystar", "Asset Living"]])


class Budget(Part):
    """What the infrastructure may cost in a month, in dollars."""

    monthly: float = Field(5000.0, gt=0, le=1e9, allow_inf_nan=False, examples=[5000])
    alert_at: float = Field(0.8, gt=0, le=1, examples=[0.8])
    """The part of it at which somebody is told."""
