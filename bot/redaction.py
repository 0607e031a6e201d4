"""Takes personal data out of what a visitor typed, before anything is stored: each piece becomes a placeholder that tells only its kind.

Imports no Rasa and needs no model. Each rule is one kind of thing that people type, in the formats of many countries; names are found by how they
are introduced (bot/introductions.py). Why neither Presidio nor phonenumbers does it: docs/measurements.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.introductions import NO_WORD, names
from bot.session import LETTERS

KINDS = ("link", "email", "account", "card", "insurance", "id", "birth_date", "address", "phone", "handle", "name")


@dataclass(frozen=True)
class Finding:
    """One piece of personal data in a text."""

    start: int
    end: int
    kind: str


def redacted(text: str) -> str:
    """The text with personal data replaced by <email>, <phone>, <name> and so on; one that holds none, or is redacted already, comes back as it is."""
    for finding in reversed(findings(text)):
        text = f"{text[: finding.start]}<{finding.kind}>{text[finding.end :]}"
    return text


def findings(text: str) -> list[Finding]:
    """Where personal data stands in a text, in order and without overlaps.

    Units: characters.
    """
    found: list[Finding] = []
    rest = _LEFT_ALONE.sub(lambda match: (NO_WORD if match[0] == "<name>" else _MASK) * len(match[0]), text)
    for rule in _RULES:
        for match in rule.pattern.finditer(rest):
            if rule.fits(match):
                start, end = match.span("hide") if "hide" in rule.pattern.groupindex else match.span()
                found.append(Finding(start, end, rule.kind))
                rest = f"{rest[:start]}{_MASK * (end - start)}{rest[end:]}"
    found += [Finding(start, end, "name") for start, end in names(rest)]
    return sorted(found, key=lambda finding: finding.start)


_MASK = "\0"
"""Stands for what is found already; no admitted message holds it (bot/admission.py)."""
_LEFT_ALONE = re.compile(rf"<(?:{'|'.join(KINDS)})>|\b(?:PMC|NCT|PMID:? ?|ISRCTN)\d+|\b10\.\d{{4,}}/\S+", re.IGNORECASE)
"""Placeholders, and numbers of papers and studies, which look personal and are not."""

_Check = Callable[["re.Match[str]"], bool]


@dataclass(frozen=True)
class _Rule:
    """A kind of thing that people type: its group `hide`, or else all of it, is personal where the match fits."""

    kind: str
    pattern: re.Pattern[str]
    fits: _Check


def _rule(kind: str, pattern: str, fits: _Check = bool) -> _Rule:
    return _Rule(kind, re.compile(pattern, re.IGNORECASE), fits)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


# Words around numbers

_MONEY = (
    r"(?:dollars?|bucks|usd|eur\b|euros?|pounds?|quid|gbp|pln|z[lł]|chf|£|€|\$|%|ml\b|mg\b|mcg|cc\b|iu\b|units?\b|sessions?|years?|yrs?|days?|weeks?|months?)"
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:\W+(?:(?:19|20)\d\d|\d\d))*")
_DD = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"(?:{_DD} ?[./-] ?{_DD} ?[./-] ?(?:\d{{4}}|\d{{2}})|\d{{4}}[./-]{_DD}[./-]{_DD})(?!\d)"
_FILLER = (
    r"(?:[\s:#.=,()°№-]|\b(?:is|are|no|nr|num|numbers?|id|code|my|the|to|was|card|cert\w*|policy|member\w*|subscriber|account"
    r"|ref\w*|plan|osobisty|which|that)\b){0,8}"
)
_CODE = r"(?:[A-Z]{1,4}[ /-]?)?(?=\w*\d)[A-Z\d]+(?:[ ./-](?=\w*\d)[A-Z\d]+)*(?:[ -](?:[A-Z]|(?-i:[A-Z]{2}))\b)?"
"""A number as authorities and insurers write them: groups of which each holds a digit, perhaps behind a few letters."""


def _named(words: str) -> str:
    """A number behind the words that say what it is the number of."""
    return rf"\b(?:{words}){_FILLER}(?<![\w$£€])(?P<hide>{_CODE})(?![\w/]|\s?{_MONEY})"


def _is_number(match: re.Match[str]) -> bool:
    value = match["hide"]
    return len(_digits(value)) >= 5 and not _YEARS.fullmatch(value) and not re.fullmatch(_DATE, value)


# Telephones and cards

_NUMBER = rf"(?<![\w$£€])\+?[(o]?\d(?:[ ().\-/]{{0,3}}\d){{6,}}(?!\w|\s?{_MONEY})"
_EXTENSION = r"(?:,? ?(?:ext(?:ension)?|x)\.? ?\d{1,5}\b)?"
_PHONE_BEFORE = re.compile(
    r"\b(call|ring|phone|ph|tel\w*|cell|mob\w*|handy|whats ?app|text|number|nummer|num[eé]ro|n[uú]mero|numer|nr|bel|dzwoń|reach|contact)\b\W*(\w+\W+){0,3}$",
    re.IGNORECASE,
)
_PHONE_SHAPE = re.compile(r"\+.*|0\d.*|\d{3}[ .-]\d{4}")


def _is_phone(match: re.Match[str]) -> bool:
    """Whether a row of digits is long or shaped like a number to call, and no list of years, dates, doses or round prices."""
    value = match["number"]
    groups = re.findall(r"\d+", value)
    if _YEARS.fullmatch(value) or re.search(rf"(?<!\d){_DATE}(?!\d)", value) or re.fullmatch(r"\d{1,2}\.\d{1,2}(?: \d{1,2}\.\d{1,2})+", value):
        return False
    if len(groups) > 1 and all(group.endswith("0") for group in groups[1:]) and (groups[0].endswith("0") or set("".join(groups[1:])) == {"0"}):
        return False
    digits = len("".join(groups))
    return digits >= 9 or bool(_PHONE_SHAPE.fullmatch(value) or _PHONE_BEFORE.search(match.string[: match.start()]))


def _is_card(match: re.Match[str]) -> bool:
    return 13 <= len(_digits(match[0])) <= 19 and match[0][0] not in "+0" and not _YEARS.fullmatch(match[0])


# Dates of birth

_MONTH = (
    r"(?:jan|feb|f[eé]v|mar|mär|apr|avr|abr|may|mai|maj|jun|juin|cze|jul|juil|lip|aug|ao[uû]|ago|sie|sep|set|wrz|oct|okt|out|ott|pa[zź]|nov|lis|dec|dez|d[eé]c|dic|gru"
    r"|gen|sty|lut|kwi|ene|mag|giu|lug)[^\W\d]*"
)
_DAY = (
    rf"(?:{_DATE}|\d{{1,2}} \d{{1,2}} \d{{2,4}}|\d{{8}}|\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)?[ -]?{_MONTH}\.?,?(?: de)?(?:[ -]?'?(?:19|20)?\d\d\b)?"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)?\d\d\b)?)"
)
_BIRTH = r"(?:d\.?o\.?b\b\.?|date of birth|birth ?date|birth ?day|b'?day|\bborn|geboren|\bgeb\b\.?|\bn[ée]e? le|nacid[oa]|\bnat[oa] il|\bur\.|urodz\w+)"

# Addresses

_WORD = r"[^\W\d_][\w'’.-]*"
_NO_NAME = (
    r"(?:weeks?|months?|years?|yrs?|days?|hours?|hrs?|min\w*|sessions?|times?|people|dollars?|pounds?|euros?|percent|ml|mg|mm|the|a|an|of|off|on|in|at|to|per|and|or"
    r"|from|for|is|are|do|does|down|up|my|your|their|our|with|by|than|after|before|away|more|less|different|other)\b"
)
_CANADIAN_CODE = r"(?:[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b)"
_UK_CODE = r"(?:[A-Z]{1,2}\d[A-Z\d]? ?(?!\d(?:ST|ND|RD|TH|HR))\d[ABD-HJLNP-UW-Z]{2}\b)"
_IRISH_CODE = r"(?:[AC-FHKNPRTV-Y]\d[\dW] ?[AC-FHKNPRTV-Y\d]{4}\b)"
_POSTCODE = (
    rf"(?:{_UK_CODE}|{_CANADIAN_CODE}|{_IRISH_CODE}|\d{{4}}-\d{{3}}\b|\d{{2}}-\d{{3}}\b|\d{{3}} \d{{2}}\b|\d{{4}} [A-Z]{{2}}\b|\d{{4,5}}(?:-\d{{4}})?\b)"
)
_TAIL = (
    r"(?:,? (?:(?:apto|apartment|apt|unit|suite|flat|floor|piso|lok|m\.|#)\.? ?\w+|\d{1,2} ?[ºª°](?: ?\w{1,4}\b)?))*"
    rf"(?:(?-i:, [A-ZÀ-Ý][^\W\d_]+(?:[ -][A-Z][^\W\d_]+){{0,2}}\b)(?! ?{_MASK}))*(?-i:(?<=Dublin) \d\d?\b)?"
    rf"(?:,? (?:(?-i:[A-Z]{{2,3}}) )?{_POSTCODE}(?-i: [A-ZÀ-Ý][\w'’-]+)?|(?-i: [A-Z]{{2}})\b|(?: \w+){{1,2}} {_UK_CODE})?"
)
_STREETS = (
    r"(?:(?:street|str|st|avenue|ave|av|road|rd|lane|ln|boulevard|blvd|crescent|cres|terrace)\b\.?"
    r"|(?-i:Drive|Dr|Close|Way|Place|Pl|Court|Ct|Park|Square|Sq|Row|Hill|View|Gardens|Walk|Mews|Grove|Green|Circle|Highway|Hwy|Parkway|Parade|Esplanade|Gait|Wynd|Rise|Vale"
    r"|Loop|Trail|Quay|Wharf|Croft|Meadows?|Heights|Alley|Mount|Cottages?)\b\.?)"
    r"(?:,? (?-i:[NSEW]|[NS][EW]|North|South|East|West)\b)?"
)
_FLAT = r"(?:(?:flat|apt|unit|suite|room|level|floor)\.? ?\w{1,4},? )?"

_DOT = r" ?(?:dot|[\[({]dot[\])}]) ?"
_TOKEN = r"(?:(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{6,}|(?=[a-z-]*\d[\d-]*[a-z]+[\d-]*\d)[a-z\d-]{7,})"
"""A part of an address that nobody would choose: digits among letters, small and large ones mixed."""

_RULES = (
    # links: with a query, an address, a long or mixed token, or somebody's page
    _rule("link", r"(?<![\w./@-])(?:https?://|www\.)?(?:[\w-]+\.)+[a-z]{2,}(?:/[^\s?#]*)?(?:\?[^\s=]+=|#[^\s=]+=|/\S*@)\S*"),
    _rule("link", r"(?<![\w./@-])(?:https?://|www\.)?(?:[\w-]+\.)+[a-z]{2,}/\S*(?:\d{4,}|(?=[\w-]*\d)[\w-]{16,})[^\s,)]*"),
    _rule("link", rf"(?<![\w./@-])(?:https?://|www\.)?(?!reddit\.com/r/)(?:[\w-]+\.)+[a-z]{{2,}}/(?:[^\s/]+/)*(?-i:{_TOKEN})(?=[/?#\s.,)!]|$)[^\s,)]*"),
    _rule("link", r"(?<![\w./@-])(?:https?://)?(?:[\w-]+\.)*(?:facebook|instagram|linkedin|tiktok|twitter|snapchat|vk|fb|x|t)\.(?:com|me)/[^\s,)]+"),
    # e-mail: as it is, with slips around the @, and in words
    _rule("email", r"(?<![\w.+%'’-])[\w.+%'’-]+@[\w-]+(?:[.,][\w-]+)+"),
    _rule("email", r"(?<![\w.+%'’-])[\w.+%'’-]+ ?@ ?(?:[\w-]+\.)+[a-z]{2,}\b(?!\.\w)"),
    _rule("email", rf"(?<![\w.+-])[\w.+-]+(?:{_DOT}[\w+-]+)* ?[\[({{] ?at ?[\])}}] ?[\w-]+(?: ?(?:\.|dot|[\[({{]dot[\])}}]) ?[\w-]+)+"),
    _rule("email", r"(?<![\w.+-])[\w.+-]+(?: dot [\w+-]+)* at [\w-]+(?: dot [\w-]+)+"),
    _rule(
        "email",
        r"(?<![\w.+-])[\w.+-]+(?: dot [\w+-]+)* at (?:gmail|googlemail|hotmail|outlook|yahoo|icloud|proton(?:mail)?|gmx|aol|live)\b(?:\.[\w.]*\w)?",
    ),
    _rule("email", r"(?<![\w.+-])(?=\w*[\d._])[\w.+-]+ at (?:[\w-]+\.)+[a-z]{2,}\b"),
    _rule("email", r"mail\W+(?:\w+\W+){0,3}?(?P<hide>[\w.+-]+ at (?:[\w-]+\.)+[a-z]{2,})\b"),
    # banks and cards
    _rule("account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?(?=[A-Z]*\d)[A-Z\d]{1,3})?\b", lambda match: len(_digits(match[0])) >= 10),
    _rule("account", _named(r"accounts?|acct?|act|bsb|sort(?: code)?|routing|iban|konto\w*|bank"), lambda match: len(_digits(match["hide"])) >= 6),
    _rule("insurance", _named(r"ehic|gesundheitskarte"), _is_number),
    _rule("card", _NUMBER, lambda match: _is_card(match) and _luhn(_digits(match[0]))),
    _rule("card", rf"(?<={_MASK})\W*exp\w*\W*(?:date )?(?P<hide>(?:0?[1-9]|1[0-2]) ?[/-] ?(?:20)?\d\d)\b"),
    _rule("card", r"\b(?:card|visa|amex|mastercard)\b[^.?!\d]{0,20}\bending(?: in| with)? (?P<hide>\d{4})\b"),
    _rule("card", r"\b(?:cvv2?|cvc2?|csc|security code)\W*(?:is )?(?P<hide>\d{3,4})\b"),
    # insurers and authorities: by the words before, then by their shape
    _rule(
        "insurance",
        _named(
            r"insurance|policy|member(?:ship)?|subscriber|medicare|medicaid|bupa|aetna|cigna|axa(?: ppp)?|vitality|blue ?(?:cross|shield)"
            r"|krankenkasse|versicher\w*|mutuelle|(?:group|plan|claim) ?(?:#|no\b|number|id\b)"
        ),
        _is_number,
    ),
    _rule("insurance", r"(?<![\w/])(?:[A-Z]{1,9}/){1,4}\d{5,}[\d/-]*(?:[A-Z]\b)?"),
    _rule("insurance", r"\b[1-9] ?[A-Z][A-Z\d]\d[ -]?[A-Z][A-Z\d]\d[ -]?[A-Z]{2}\d{2}\b"),
    _rule(
        "id",
        _named(
            r"ssn|social(?: security)?|nino|ni|national insurance|nhs|pesel\w*(?: to)?|dni|nie|nif|nip|bsn|sin|cpr|hetu|ahv|cnp|pps|tax|steuer\w*"
            r"|pass(?:port|eport|\.)|licen[cs]e|dl|ausweis|personalausweis|dowód|identity|id|patient|file|case|record|dossier|mrn|hospital|chart|booking|reference|customer"
            r"|ohip|ramq|phn|(?:health|care) (?:card|insurance|number)|codice fiscale|rodn[eé] číslo|personnummer|s[eé]cu\w*|rijksregister\w*"
        ),
        _is_number,
    ),
    _rule("id", rf"\b(?:[{LETTERS}]{{4}}-){{4}}[{LETTERS}]{{4}}\b"),  # an erasure code (bot/session.py)
    _rule("id", r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
    _rule("id", r"\b(?:\d{3}([-. ])\d{2}\1\d{4}|\d{2}\.?\d{3}\.?\d{3}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]|\d{7}[A-W][A-IW]?)\b"),
    _rule("id", r"\b(?:[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|[A-Z9]{5} ?\d{6} ?[A-Z9]{2}\d ?[A-Z]{2}(?: ?\d\d)?)\b"),
    _rule("id", r"\b(?:(?:19|20)?\d{6}[-+A]\d{3}[\dA-Z]|\d{6}/\d{3,4}|\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|756\.\d{4}\.\d{4}\.\d{2})\b"),
    _rule("id", r"\b(?=[A-Z]*\d)(?=\d*[A-Z])(?:[A-Z]*\d){7,}[A-Z]*\b"),
    # dates of birth
    _rule("birth_date", rf"{_BIRTH}(?:[\s:,-]|\b(?:is|was|on|am|in|the|le|el|il)\b)*(?P<hide>{_DAY})"),
    _rule("birth_date", rf"\b(?P<hide>{_DAY})(?= (?:is|was) my (?:birth|dob|date of birth|bday))"),
    # and any other day of these years, long before most visits
    _rule("birth_date", r"(?<!\d)(?:\d{1,2}([./-])\d{1,2}\1(?:19\d\d|200[0-8])|(?:19\d\d|200[0-8])([./-])\d{1,2}\2\d{1,2})(?!\d)"),
    _rule("birth_date", r"(?<![\d./-])\d{1,2}([./-])\d{1,2}\1[3-9]\d(?![\d/-]|\.\d)"),
    _rule(
        "birth_date",
        r"\b(?:the )?(?:\w+[ -])?\w*(?:first|second|third|th)(?: of)?(?: the)? \w+,? nineteen[ -]\w+"
        r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?\b",
    ),
    _rule(
        "birth_date",
        rf"\b(?:\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)?[ -]{_MONTH}\.?,?|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,?)(?: de)?[ -](?:19\d\d|200[0-8])\b",
    ),
    # addresses
    _rule("address", rf"\bp\.? ?o\.? box \d+{_TAIL}"),
    _rule(
        "address",
        rf"{_FLAT}\b(?:\d{{1,3}}/)?\d{{1,5}}[a-z]?,? (?:(?!{_NO_NAME})(?:{_WORD}|\d+(?:st|nd|rd|th)) ){{1,4}}?{_STREETS}(?: {_STREETS})?"
        rf"(?! (?:\d+ ?|(?!units? \d)){_MONEY})(?: \d+\b)?{_TAIL}",
    ),
    _rule(
        "address",
        r"\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|chemin|all[ée]e|impasse|quai) (?:(?:de|du|des|la|le)\s|[dl]['’])*"
        rf"{_WORD}(?-i: [A-Z][\w-]+)?{_TAIL}",
    ),
    _rule(
        "address",
        r"(?:\b(?:ul\.|ulic[ay]|al\.|calle|avenida|av\.|paseo"
        r"|carrera|cra\b\.?|travessa|largo|pra[cç]a|estrada|vicolo|os\.|pl\.|strada|plaza|viale|piazza|corso|rua)|\bc/"
        rf"|(?-i:\b[Vv]ia(?= (?:d\w{{1,4}} )?[A-Z]))) ?(?:{_WORD} ){{1,4}}?"
        rf"\d+[a-z]?(?:[/-]\d+)?\b{_TAIL}",
    ),
    _rule("address", rf"\b\d{{1,4}}[a-z]? [^\W\d_][\w-]{{2,40}}(?:stra[sß]e|strasse|gasse|allee|straat|gracht)\b{_TAIL}"),
    _rule("address", rf"(?-i:\b[A-ZÀ-Ý][\w-]{{1,40}}) (?:utca|út|tér|körút) \d+\b(?:, ?\d+\. ?em\. ?\d+)?{_TAIL}"),
    _rule(
        "address",
        r"(?-i:\b(?:The )?(?:[A-Z][\w’'-]+ ){1,2}(?:House|Cottage|Forge|Farm|Lodge|Barn|Mill|Rectory|Vicarage|Hall)),"
        rf" (?:{_WORD} ){{1,3}}(?:Lane|Road|Street|Hill|Green){_TAIL}",
    ),
    _rule(
        "address",
        r"\b[^\W\d_][\w-]{2,40}(?:stra[sß]e|strasse|str\.?|weg|platz|allee|gasse|straat|laan|gracht|plein|gatan|vägen|gade|vej|veien|veg)"
        rf" \d+(?:[/-]\w+)? ?[a-z]?\b{_TAIL}",
    ),
    _rule(
        "address",
        rf"\b(?:(?:room|block|blk|tower|villa|building|bldg|street|unit|apt|flat|floor|house|gate)\.?"
        rf" ?(?:no\.? ?)?(?=\w{{0,4}}\d|[A-Z]\b)\w{{1,5}},? ?){{2,}}{_TAIL}",
    ),
    _rule("address", rf"\b\d{{1,2}}-\d{{1,2}}-\d{{1,2}},? {_WORD}, (?-i:[A-Z]){_WORD}(?:-(?:ku|shi|cho))\b{_TAIL}"),
    _rule("address", rf"\b(?:plot|house|door|villa|h\.? ?no)\b[ .:#-]*(?:no\.? ?)?\d[\w/-]*,(?: [^,.?!{_MASK}]{{2,30}},?){{1,5}}?[ -]+\d{{3}} ?\d{{3}}\b"),
    _rule(
        "address",
        rf"\b(?:(?:my|home|postal|our) address(?: is|:)|i live at(?=[^.?!;]*\d)) ?(?P<hide>(?-i:[A-Z\d])[^.?!;{_MASK}]{{5,60}}?)"
        r"(?=[.?!;]|$| (?:and|can|how|is|do|please|pls|what)\b)",
    ),
    _rule(
        "address",
        rf"\baddress\b[^.?!;{_MASK}]{{0,40}}? (?:should be|is now|is|to)?:? (?P<hide>(?-i:[A-Z\d])[^.?!;,{_MASK}]{{3,40}}(?:, ?[^.?!;,{_MASK}]{{3,30}})+)",
    ),
    _rule("address", rf"\b(?:post ?code|zip(?: ?code)?|plz|code postal|kod pocztowy){_FILLER}(?P<hide>{_POSTCODE})"),
    _rule("address", rf"\b(?-i:{_UK_CODE}|{_CANADIAN_CODE})"),
    _rule("address", rf"\b(?=[A-Z]{{2}}\d){_UK_CODE}"),
    # telephones, and any other long number
    _rule("phone", rf"(?P<number>{_NUMBER}){_EXTENSION}", _is_phone),
    _rule("phone", r"\b(?:(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|hundred|double|triple)\b[ ,-]*){6,}(?<![ ,-])"),
    _rule("handle", r"(?<![\w.])@[a-z_][\w.]{2,}"),
    _rule(
        "handle",
        r"\b(?:insta\w*|ig|snap\w*|tik ?tok|telegram|twitter|handle|user ?name)\b(?: is| it['’]?s|:|=| -)+ ?(?P<hide>(?=[\w.]*[._\d])[\w.]{3,}\w)",
    ),
)


def _luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as on every card (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
