"""Prices as they are written: amount, currency and period, in the customs of many countries."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

__all__ = ["UNPRICED", "Price", "prices_in"]

_SIGNS = "".join(
    map(
        chr,
        (
            code
            for code in (*range(0x24, 0xA6), 0xE3F, *range(0x20A0, 0x20D0))
            if unicodedata.category(chr(code)) == "Sc"
        ),
    )
)
"""Unicode's currency signs: `$ ¢ £ € ₩ ₽ …`."""
_CODES = (
    r"(?-i:USD|EUR|GBP|CAD|AUD|NZD|CHF|MXN|INR|JPY|CNY|RMB|KRW|SGD|HKD|TWD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|ILS"
    r"|ZAR|AED|SAR|QAR|KWD|EGP|NGN|KES|BRL|ARS|CLP|COP|PEN|THB|PHP|IDR|MYR|VND|RUB|UAH|usd|eur|gbp|cad|aud|chf)"
)
_WORDS = r"(?:(?:us\ |u\.s\.\ )?dollars?|euros?|pounds?(?:\ sterling)?|cents?|pence|ct)(?!\w)"
_BEHIND = (
    rf"(?:{_CODES}\b|[{_SIGNS}円元원](?!\s?\d)|(?<=\d)[{_SIGNS}](?=\s)"
    rf"|(?:kr|kč|ft|lei|лв|\u0440\u0443\u0431|zł|kd)(?!\w)|{_WORDS})"
)
"""What stands behind an amount where that is the custom: `399 €`, `12,000円`, `15 cents`."""
_BEFORE = (
    rf"(?:(?-i:[A-Z]{{1,3}})?[{_SIGNS}]|(?-i:S?Fr\.|Rs\.?|RM|Rp\.?)|(?-i:R)(?=\s?\d[\d ,.]*\s?(?:pm\b|p/m\b|/|per )))"
)
_LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter or digit of a script that puts spaces between words: `月額5,000円` is a price, `v5$` none."""
_GAPS = "\u00a0\u202f\u2009'’"
"""What stands between thousands besides marks and spaces: `1 299 €`, `1’299 CHF`."""
_AMOUNT = (
    rf"(?:\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)|\d{{1,3}}(?:[,.\ {_GAPS}]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?"
    r"|\d+(?:[.,]\d{1,4}(?!\d))?|\.\d{2,4}(?!\d))"
)
_PERIODS = {
    "month": r"mo(?:nth|nat|is)?|mth|m(?:ê|e)s|mese|mies|mån(?:ad)?|maand|måned|měs(?:íc)?|mois|ay|hó|мес|міс|月"
    "|월|חודש",
    "year": r"yr|year|annum|jahr|an(?:née)?|año|ano|anno|jaar|år|rok|y\u0131l|év|год|рік|年|년|שנה",
    "user": r"users?|seats?|nutzer|utilisateurs?|utente|usuarios?|usuário|gebruiker|użytkownik|ユーザー|用户|사용자",
    "unit": r"units?|doors?|homes?|beds?|einheit|wohnung|logements?|unidades?|unità|lot",
    "day": r"days?|tag|jour|día|dia|giorno|dag|日",
    "week": r"weeks?|wk|woche|semaine|semana|settimana",
    "quarter": r"quarters?|qtr|quartal|trimestre",
    "piece": r"messages?|texts?|calls?|transactions?|payments?|applications?|residents?|leases?|minutes?|hours?"
    "|hr|gb",
}
_PERIOD = "|".join(_PERIODS.values())
_EACH = r"(?:/|(?:per|an?|each|pro|im|par|al|por|na|za)\ |p\.|p(?=m\b))"
_PRICE = re.compile(
    rf"""
    (?:(?P<sign>(?:(?<!{_LETTER}){_BEFORE}|[{_SIGNS}](?=\.?\d)))\s?|(?P<code>\b{_CODES})\s?
       |(?<!{_LETTER})(?<![.,{_SIGNS}])(?=[\d.][\d.,\ {_GAPS}]{{0,20}}\s?{_BEHIND}))
    (?P<amount>{_AMOUNT})
    (?P<scale>\s?[kKmM]\b|\s(?:million|billion|thousand|lakh|crore)\b)?
    (?:[.,][–-])?\+?
    (?P<trailing>\s?(?(sign){_CODES}\b|(?(code){_CODES}\b|{_BEHIND})))?
    (?P<period>(?:\s?{_EACH}\s?(?:{_PERIOD}|m)\.?(?!\w)){{1,2}})?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CURRENCIES = {
    "$": "USD", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "R$": "BRL",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "MX$": "MXN", "€": "EUR", "£": "GBP", "¥": "JPY", "円": "JPY",
    "元": "CNY", "RMB": "CNY", "₹": "INR", "RS": "INR", "RS.": "INR", "₩": "KRW", "원": "KRW", "₺": "TRY",
    "₽": "RUB", "РУБ": "RUB", "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "ZŁ": "PLN", "KČ": "CZK",
    "FT": "HUF", "R": "ZAR", "FR.": "CHF", "SFR.": "CHF", "KD": "KWD",
}  # fmt: skip
_SMALL = re.compile(r"¢|cents?|pence|ct", re.IGNORECASE)
_SCALES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "billion": 10**9, "lakh": 10**5, "crore": 10**7}
_MILLIONS = re.compile(r"\d\s?(?:m\b|million|billion|crore)", re.IGNORECASE)
_KINDS = [(name, re.compile(rf"(?:{words})(?!\w)", re.IGNORECASE)) for name, words in _PERIODS.items()]
UNPRICED = re.compile(
    r"\W*(?:(?:always |forever )?free(?: forever)?|custom(?: pricing)?|(?:contact|talk to|call) (?:us|sales)"
    r"|let['’]s talk|get (?:a )?quote"
    r"|(?:price )?(?:up)?on request|included|kostenlos|gratis|auf anfrage|gratuit|sur devis|a consultar|無料"
    r"|要問い合わせ|免费)\W*",
    re.IGNORECASE,
)
"""All that is said in place of a price."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price as written, its currency with its period (`USD/month`), and its amount."""

    text: str
    unit: str
    amount: Decimal
    start: int
    """Where it begins in its text, in letters."""

    @property
    def charged(self) -> bool:
        """Whether somebody could pay it. What is told in millions was raised, collected or is managed."""
        return not _MILLIONS.search(self.text)


def _amount(text: str) -> Decimal | None:
    digits = re.sub(rf"[\s{_GAPS}]", "", text)
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,2})?", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}|0,\d+", digits):
        digits = digits.replace(",", ".")
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def _unit(match: re.Match[str]) -> str:
    mark = (match["trailing"] or match["code"] or match["sign"]).strip()
    if _SMALL.fullmatch(mark):
        mark = "$"
    elif found := re.match(r"(?:us |u\.s\. )?(dollar|euro|pound)", mark, re.IGNORECASE):
        mark = {"dollar": "$", "euro": "€", "pound": "£"}[found[1].lower()]
    mark = mark.upper()
    said = (match["period"] or "").lower()
    kinds = sorted(
        {
            name
            for name, words in _KINDS
            if any(words.match(part.lstrip()) for part in re.split(r"/|\s|\bp(?=m\b)|p\.", said))
        }
    )
    if re.search(r"(?:/|p\.?)\s?m\b", said):
        kinds.append("month")
    return "/".join([_CURRENCIES.get(mark, mark), *kinds])


def prices_in(text: str) -> list[Price]:
    """Every price, in order."""
    found = []
    for match in _PRICE.finditer(text):
        amount = _amount(match["amount"])
        if amount is None:
            continue
        amount *= _SCALES.get((match["scale"] or "").strip().lower(), 1)
        if _SMALL.fullmatch((match["trailing"] or match["sign"] or "").strip()):
            amount /= 100
        found.append(Price(match.group().strip(), sys.intern(_unit(match)), amount, match.start()))
    return found
