"""Consent banners that a page doesn't mark as dialogs: the line that asks, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from tools.detection.comparison import Difference
from tools.detection.money import prices_in
from tools.detection.page import SUBSTANCE, Block, Zone

__all__ = ["asks", "consent"]

_ASKS = re.compile(
    r"\b(?:we (?:and our partners )?use cookies|this (?:web)?site uses cookies|accept (?:all )?cookies"
    r"|cookie (?:settings|preferences|consent)|manage (?:my )?(?:consent|cookies)"
    r"|by continuing to (?:use|browse)[^.]{0,60}cookies)\b",
    re.IGNORECASE,
)
_COMES = re.compile(
    r"\bcookies?\b|\bcookie-|クッキー|쿠키|кук[иі]\b|ciasteczk|informasjonskaps|\bkakor\b|evästei"
    r"|\b(?:we|wir|nous|nosotros|noi|wij) (?:and|und|et|y|e|en) (?:our|unsere|nos|nuestros|i nostri|onze)"
    r" (?:[\d.,]+ )?(?:\w+ )?(?:partners?|partenaires|socios|fornitori)\b"
    r"|\bwe (?:value|care about|respect) your privacy\b|\byour privacy choices\b"
    r"|\bopt[- ]out preference signal\b|\bdo not sell or share my personal",
    re.IGNORECASE,
)
"""What only a banner says, as long as the page itself isn't about cookies."""
_BESIDE = re.compile(
    r"\b(?:cookies?|consent\w*|privacy|personal(?:i[sz]ed)? (?:data|information|content|ads)|tracking|opt[- ]out"
    r"|geolocation"
    r"|legitimate interests?|vendors?|partners?|einwillig\w+|datenschutz|zustimm\w+|akzeptieren|ablehnen|consentement"
    r"|confidentialité|vie privée|accepter|refuser|consentimiento|privacidad|aceptar|rechazar|consenso|accetta"
    r"|toestemming"
    r"|accepteren)\b|同意|プライバシー",
    re.IGNORECASE,
)
_LINE, _SHORT = 600, 80
_ABOUT_COOKIES = 3
"""Blocks that speak of cookies, from which on a page is about them."""


def consent(found: Sequence[Difference], before: Sequence[Block], after: Sequence[Block]) -> set[Difference]:
    """The differences that are a banner's: it came, went, or is worded in another way."""
    asking = {difference for difference in found if asks(difference.block)}
    if not (_about_cookies(before) and _about_cookies(after)):
        asking |= {difference for difference in found if _alone(difference) and _line(difference.block, _COMES)}
    for side in (before, after):
        theirs = {id(difference.block): difference for difference in found if _alone(difference)}
        for run in _runs(side, theirs):
            asking |= set(_around([theirs[id(block)] for block in run], asking))
    return asking


def asks(block: Block) -> bool:
    """Whether a block by itself asks for consent."""
    return _line(block, _ASKS)


def _line(block: Block, pattern: re.Pattern[str]) -> bool:
    return len(block.text) < _LINE and bool(pattern.search(block.text))


def _alone(difference: Difference) -> bool:
    """Whether it only came or only went."""
    return difference.before is None or difference.after is None


def _about_cookies(blocks: Sequence[Block]) -> bool:
    speaking = sum(bool(_COMES.search(block.text)) for block in blocks if block.zone in SUBSTANCE)
    return speaking >= _ABOUT_COOKIES


def _runs(blocks: Iterable[Block], theirs: Collection[int]) -> Iterator[list[Block]]:
    """Neighbours that all came, or all went."""
    run: list[Block] = []
    for block in blocks:
        if id(block) in theirs:
            run.append(block)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _around(run: Sequence[Difference], asking: Collection[Difference]) -> Iterator[Difference]:
    """What belongs to the banner in a run: its heading, and what follows and is short or speaks of privacy too."""
    first = next((at for at, difference in enumerate(run) if difference in asking), None)
    if first is None:
        return
    zone = run[first].block.zone
    for at, difference in enumerate(run):
        block = difference.block
        if block.zone is Zone.MAIN and zone is not Zone.MAIN:
            continue
        private = bool(_BESIDE.search(block.text))
        small = len(block.text) < _SHORT and not prices_in(block.text)
        if (private and len(block.text) < _LINE) or (small and at >= first - 1):
            yield difference
