"""The words that announce what happens to a company, a product or a page of it, by what they announce.

The tables follow `evals/importance/rubric.md`.
"""

from __future__ import annotations

import re

__all__ = [
    "CAPITAL",
    "CERTIFIED",
    "CHIEF",
    "CORPORATE",
    "CUTS",
    "ENDING",
    "ENDS",
    "EVERYWHERE",
    "EXCEPT",
    "LASTED",
    "LAUNCH",
    "LEGAL",
    "LONG",
    "MARKETS",
    "MINOR_THING",
    "OUTAGE",
    "PARTNER",
    "RENEWED",
    "REPLACED",
    "RUNS_ON",
    "SECURITY",
    "SENTENCE",
    "SMALL",
    "VENDORS",
]

SMALL = re.compile(
    r"\b(?:bug ?fix(?:es)?|fix(?:ed|es)|minor|typos?|performance improvements?|stability|maintenance release"
    r"|small improvements?|various (?:fixes|improvements)|under[- ]the[- ]hood|polish\w*|cosmetic|docs? update"
    r"|read more|webinar|blog|survey|podcast)\b",
    re.IGNORECASE,
)


def _words(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE)


CORPORATE = _words(
    r"acqui(?:re[sd]?|sition|ring)\b",
    r"merg(?:er|es|ed|ing)\b(?! (?:tags?|fields?|duplicate))",
    r"(?:now |becomes? |became )(?:a )?(?:part|subsidiary|division) of\b",
    r"join(?:s|ed|ing)? forces",
    r"(?:bought|owned|taken private|backed) by\b",
    r"majority (?:owned|owner|stake|investment|interest)",
    r"(?:controlling|minority) (?:stake|interest)",
    r"private equity",
    r"ipo\b",
    r"goes public",
    r"series [a-f]\b",
    r"(?:raise[sd]?|raising|secure[sd]?|closed?) (?:an? )?[$€£]",
    r"(?:seed|funding|financing|growth|venture) (?:round|financing|investment)",
    r"bankrupt\w*",
    r"chapter 11",
    r"insolven\w+",
    r"receivership",
    r"(?:divest|spin[- ]?off|spun off)\w*",
    r"(?:sold|sale) (?:to|of) (?-i:[A-Z])\w+",
    r"(?:credit facility|debt financing|valuation)\b",
    r"(?:round|investment|funding|financing) (?:led by|from|of)\b",
)
LEGAL = _words(
    r"lawsuits?\b",
    r"(?:is|been|was|are|being) sued",
    r"sues?\b",
    r"class[- ]action",
    r"settl(?:es?|ed|ement)(?: \w+){0,4} (?:suit|claims?|case|lawsuit|charges|allegations)",
    r"attorneys? general",
    r"consent (?:order|decree)",
    r"cfpb\b",
    r"ftc\b",
    r"department of justice",
    r"(?:civil|regulatory) (?:penalty|action|investigation)",
    r"fined\b",
    r"antitrust",
    r"injunction",
    r"cease[- ]and[- ]desist",
    r"regulators?\b",
    r"licen[cs]es? (?:was |were |is |has been )?(?:revoked|suspended|surrendered|lost)",
    r"investigat(?:ion|ed|ing) (?:by|of|into)",
    r"subpoena\w*",
)
SECURITY = _words(
    r"(?:data|security) (?:breach|leak|incident)\b",
    r"breach(?:ed)?\b(?! of contract)",
    r"unauthori[sz]ed access",
    r"ransomware",
    r"compromised",
    r"(?:been|was|were|may have been) (?:exposed|accessed|stolen|leaked)",
    r"exposed (?:data|records|personal)",
    r"misdirected",
)
CUTS = _words(
    r"lay(?:s|ing)? ?offs?\b",
    r"laid off",
    r"reduc(?:ed|es|ing|tion)(?: \w+){0,2} (?:workforce|headcount|staff|team)",
    r"workforce reduction",
    r"restructur\w+",
    r"job cuts?",
)
ENDS = _words(
    r"sunset\w*",
    r"discontinu\w+",
    r"end[- ]of[- ](?:life|sale|support)",
    r"no longer (?:available|offered|supported|sold|accept\w*|provid\w*|serv\w*|operat\w*|included)",
    r"shut(?:s|ting)? down",
    r"wind(?:s|ing)? down",
    r"withdrawn",
    r"(?:being |is |are |be )retired",
    r"retir(?:es|ing|ement) (?:on|in|of)",
    r"phas(?:ed?|ing) out",
    r"(?:will be |is being |are being |has been |have been |being )(?:removed|switched off|turned off|closed|ended)",
    r"last day\b",
    r"(?:will )?(?:stops?|ends?|closes?|ceases?) (?:on|in|working|after)\b",
    r"deprecat\w+",
)
MINOR_THING = _words(
    r"api\b",
    r"sdk\b",
    r"endpoints?\b",
    r"versions?\b",
    r"v?\d+\.[\dx]+",
    r"reports?\b",
    r"exports?\b",
    r"webhooks?\b",
    r"browsers?\b",
    r"internet explorer",
    r"android \d",
    r"ios \d",
    r"tls\b",
    r"themes?\b",
    r"templates?\b",
    r"widgets?\b",
    r"plugins?\b",
    r"beta\b",
)
MARKETS = _words(
    r"(?:exit(?:s|ed|ing)?|leav(?:es?|ing)|withdr[ae]w\w*) (?:from )?(?:the )?(?-i:[A-Z])[\w ]{1,30}",
    r"(?:enter(?:s|ed|ing)?|launch(?:es|ed)? in|expand(?:s|ed|ing)? (?:in)?to|now (?:live|open|available|serving) in)"
    r" (?:the )?(?-i:[A-Z])\w+",
    r"(?:in(?:to)?|to) (?:the )?(?:canada|uk|united kingdom|europe|australia|mexico|ireland|germany|india"
    r"|single[- ]family"
    r"|student housing|senior living|military housing|affordable housing|commercial real estate)\b",
    r"(?:clos(?:es?|ed|ing)|shuts?) (?:its|our|the) \w+(?: \w+)? (?:office|business|division|unit)",
)
CHIEF = _words(
    r"(?:interim |new |acting )?chief [\w ]{3,30}? officer",
    r"(?:interim |new |acting )?(?:ceo|cfo|coo|cto|cro|cmo|cpo|ciso)\b",
    r"(?<!vice )president\b",
)
CERTIFIED = _words(
    r"soc ?[12](?:[ ,-]*type (?:ii|i|2|1))?",
    r"pci(?:[- ]dss)?(?: level \d| v?\d[.\d]*)?",
    r"iso[ /]?(?:iec )?270\d\d",
    r"hitrust",
    r"fedramp",
    r"hipaa",
    r"licen[cs]ed? (?:as|in|to|by)\b",
    r"money transmi\w+",
    r"collection (?:agency )?licen[cs]es?",
    r"nacha",
)
RENEWED = re.compile(
    r"\b(?:renew\w*|again|annual|recertif\w*|passed (?:our|the) \w+ audit|surveillance)\b", re.IGNORECASE
)
VENDORS = _words(
    r"aws\b",
    r"amazon web services",
    r"azure\b",
    r"google cloud",
    r"gcp\b",
    r"oracle cloud",
    r"heroku",
    r"on[- ]prem\w*",
    r"own data ?cent(?:er|re)s?",
    r"openai",
    r"gpt[- ]?[\w.]*",
    r"anthropic",
    r"claude\b",
    r"gemini\b",
    r"llama\b",
    r"mistral\b",
    r"in[- ]house (?:\w+ )?models?",
    r"(?:our|its) own (?:\w+ )?models?",
    r"open[- ](?:weight|source) models?",
    r"postgres\w*",
    r"mysql\b",
    r"mongodb",
    r"sql server",
    r"snowflake",
    r"kubernetes",
    r"stripe\b",
    r"adyen\b",
    r"plaid\b",
    r"twilio\b",
    r"salesforce\b",
    r"monolith\w*",
    r"microservices?",
)
REPLACED = _words(
    r"(?:moved|migrat\w+|switch\w*) (?:\w+ ){0,5}?(?:to|from|off)\b",
    r"replac(?:ed|es|ing)\b",
    r"rebuilt (?:on|from)",
    r"re-?platform\w*",
)
PARTNER = _words(
    r"(?:preferred|certified|exclusive|official|strategic|premier)(?: \w+){0,2} (?:partner|vendor|provider)\w*",
    r"partner(?:s|ed|ship|ing)?\b",
    r"interface\b",
    r"connector",
    r"approved\b",
    r"vendor\b",
    r"app store",
    r"exchange\b",
    r"resell\w*",
    r"marketplace\b",
    r"alliance\b",
    r"integrat(?:es|ed|ion) with",
)
OUTAGE = _words(
    r"(?:major |partial )?outage\b",
    r"(?:unavailable|degraded|disrupt\w+|interrupt\w+|failing|failed|delayed|down for)\b",
    r"(?:payments?|autopay) (?:\w+ ){0,2}(?:failing|fail(?:ed|ure)|down|unavailable)",
    r"charged (?:twice|double)",
    r"double[- ]charg\w+",
    r"duplicate (?:charges?|payments|debits?)",
)
LONG = re.compile(
    r"\b(?:[4-9]|\d{2,}|four|five|six|seven|eight|nine|ten|eleven|twelve)[- ](?:hours?|hrs?)\b"
    r"|\b(?:[2-9]|\d{2,}|two|three|four|five) days?\b",
    re.IGNORECASE,
)
LASTED = re.compile(
    rf"\b(?:resolved|fixed|lasted|ongoing|down|restored|recovered)\b[^.\n]*?(?:{LONG.pattern})", re.IGNORECASE
)
ENDING = re.compile(r"\b(?:retire\w*|sunset\w*|end[- ]of[- ](?:life|support)|discontinued|last day)\b", re.IGNORECASE)
EVERYWHERE = _words(r"all (?:50 )?states\b", r"every state\b", r"nationwide\b", r"all fifty states\b")
EXCEPT = _words(
    r"(?:except|excluding|other than|not (?:available|offered|licensed|served) in|unavailable in)(?: [^.]*)?"
)
LAUNCH = _words(
    r"launch\w*",
    r"introduc\w+",
    r"announc\w+",
    r"unveil\w*",
    r"general(?:ly)? availab\w+",
    r"now available",
    r"partner(?:s|ship|ed|ing)?\b",
    r"integrat\w+",
    r"certif\w+",
    r"expan(?:ds?|ded|sion)\b",
    r"new (?:office|market|region)s?",
    r"beta\b",
    r"voice\b",
    r"agents?\b",
    r"ai\b",
    r"api\b",
    r"award\w*",
    r"ranks?\b",
    r"discount\w*",
    r"promotion\w*",
    r"contract\b",
    r"cancel\w*",
    r"refund\w*",
    r"rebrand\w*",
)
SENTENCE = re.compile(r"(?<=[.!?])\s+")
RUNS_ON = re.compile(
    r"\b(?:(?:runs?|built|hosted|based) on|(?:powered|hosted) by|(?:uses?|using)) ([^.;|]+)", re.IGNORECASE
)


CAPITAL = re.compile(r"(?<![\w.])[A-Z][a-z]+")
