"""What walls, refusals and errors say of themselves, in the languages of the sites that were looked at.

Each counts only on a page that is short, or much shorter than it usually is: a page may well speak of such things.
"""

from __future__ import annotations

import re

__all__ = ["CHALLENGE", "CONSENT", "LOGIN", "NEEDS_SCRIPT", "NOT_FOUND", "REFUSED", "TROUBLE"]


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE | re.MULTILINE)


NOT_FOUND = _any(
    r"^\W*(?:error )?404(?=\W*(?:$|[-–—|:!.]|error|page|not|oops|sorry))|\berror 404\b|\b(?:page )?not found\b"
    r"|\bpage (?:can(?:no|['’])t|could not|couldn['’]t) be found\b",
    r"\b(?:page|url|content|job|posting|article|product) (?:doesn.t|does not|no longer|isn.t) (?:exists?"
    r"|available)\b",
    r"\bno longer (?:available|exists|active|accepting applications)\b|\b(?:position|job|role) (?:has been|is"
    r"|was) (?:filled|closed)\b",
    r"\bnothing (?:was )?found here\b|\bwe (?:can.t find|couldn.t find|lost) (?:the|that|this) page\b",
    r"\bthis page (?:is|has) (?:missing|gone|been (?:removed|deleted|moved))\b",
    r"\bseite (?:wurde )?(?:leider )?nicht (?:gefunden|verfügbar)\b|\bseite existiert nicht\b|\bnicht gefunden\b",
    r"\b(?:page|contenu) (?:introuvable|non trouvée?)\b|\bn['’]existe (?:pas|plus)\b",
    r"\bpágina no (?:encontrada|existe)\b|\bpágina não (?:foi )?encontrada\b|\bno se (?:ha )?encontr\w+ la página\b",
    r"\bpagina (?:non|niet) (?:trovata|gevonden)\b|\bpagina bestaat niet\b|\bsidan (?:kunde inte )?hitta\w*",
    r"\bnie znaleziono\b|страница не найдена|ページが見つかりません|页面不存在|找不到页面|페이지를 찾을 수 없",
)
LOGIN = _any(
    r"\b(?:log ?in|sign ?in|log on|sign on|create an account|forgot(?:ten)? (?:your )?password|single sign-on)\b",
    r"\b(?:anmelden|einloggen|anmeldung|passwort vergessen|se connecter|connexion|mot de passe|iniciar sesión"
    r"|contraseña"
    r"|accedi|inloggen|wachtwoord|entrar|iniciar sessão|logga in|zaloguj)\b|ログイン|登录|로그인|войти",
)
CHALLENGE = _any(
    r"verify(?:ing)? (?:that )?you.re? (?:are )?(?:a )?human|verify(?:ing)? your browser|human verification",
    r"(?:are you|you.re not|not) a robot|robot check|bot (?:check|detection)|automated (?:requests|access|queries)",
    r"checking your browser|checking if the site connection is secure|enable javascript and cookies to continue",
    r"(?:complete|pass) the security check|security (?:checkpoint|verification)|attention required!"
    r"|just a moment\.\.\.",
    r"access (?:to this page has been )?denied|request (?:was )?(?:blocked|unsuccessful)|you have been blocked",
    r"unusual traffic|pardon our interruption|press (?:&|and) hold|ddos protection|captcha|client challenge",
    r"incapsula incident|solve the (?:puzzle|challenge)|characters you see below",
    r"sicherheitsprüfung|sicherheitsüberprüfung|ein mensch sind|kein roboter|que vous êtes (?:un )?humain"
    r"|pas un robot"
    r"|vérification de sécurité|eres (?:un ser )?humano|no eres un robot|verificación de seguridad|non sei un robot"
    r"|geen robot|não é um robô|人間であること|ロボットではありません|人机验证",
)
CONSENT = _any(
    r"^\W*(?:before you continue\b|we (?:value|care about|respect) your privacy|your privacy(?: choices)?\W*$"
    r"|(?:cookie|privacy|consent) (?:settings|preferences|notice|choices|consent)\W*$"
    r"|(?:this (?:web)?site|we) uses? cookies\b|(?:please )?accept (?:our )?cookies\b)",
    r"^\W*(?:bevor sie (?:fortfahren|weitermachen)|wir (?:verwenden|nutzen) cookies|ihre privatsphäre|datenschutz"
    r"-?einstellungen\W*$|avant de continuer|(?:nous respectons )?votre vie privée|nous utilisons des cookies"
    r"|antes de continuar|(?:valoramos )?(?:su|tu) privacidad|usamos cookies|prima di continuare"
    r"|la tua privacy|voordat je (?:verdergaat|doorgaat))",
)
"""As the heading or title of a page that asks for consent before it shows anything."""
REFUSED = _any(
    r"^\W*(?:(?:error )?(?:403|429|451)\b.{0,30}|forbidden|too many requests|access denied"
    r"|unavailable for legal reasons)\W*$",
    r"\bnot available in your (?:country|region|location)\b",
)
"""Only as all that a title says, or as what a page says of where its reader is."""
NEEDS_SCRIPT = _any(
    r"enable javascript|javascript (?:is )?(?:required|disabled|must be enabled)|requires javascript"
    r"|turn on javascript"
    r"|without javascript|doesn.t work properly without",
    r"javascript (?:aktivieren|ist deaktiviert)|activer javascript|habilit[ae]r? javascript|javascriptを有効",
)
TROUBLE = _any(
    r"\b(?:internal server error|bad gateway|service unavailable|gateway time-?out|temporarily unavailable"
    r"|(?:under|scheduled|down for|undergoing) maintenance|maintenance mode|be (?:right )?back (?:soon|shortly)"
    r"|something went wrong|an error (?:has )?occurred|application error|error establishing a database connection"
    r"|uncaught exception|fatal error|stack trace|unexpected error)\b",
    r"\bwelcome to nginx|apache2? (?:\w+ )?default page|\bit works!|\bdefault web site page\b|\baccount suspended\b",
    r"\b(?:domain|[a-z0-9-]+\.[a-z]{2,}) (?:name )?is (?:for sale|parked)\b|\bbuy this domain\b",
    r"\bwartungsarbeiten\b|\bgleich wieder (?:da|für sie da)\b|\ben maintenance\b|\ben mantenimiento\b"
    r"|\bin manutenzione\b"
    r"|\b(?:in|wegens|voor) onderhoud\b|\bem manutenção\b|メンテナンス中|维护中",
)
