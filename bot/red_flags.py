"""Hears alarms in the raw message, beside the classifier: what sounds like an emergency now, and how urgent it is.

It says what it heard, never what a visitor has. The patterns are written for misspelt, understated and third-person wording; each line is one
kind of sign.
"""

from __future__ import annotations

import re

GRAVITY = ("crisis", "ambulance", "today", "clinic")
"""The levels, gravest first."""
CERTAIN = 0.5
"""Share of the classifier from which a message that names a part of the body is an alarm without any pattern."""
SURE = 0.9
"""The same, for a message that names no part of the body and no symptom."""
LIKELY = 0.3
"""Share of the classifier from which a pattern is trusted."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CRISIS = _any(
    r"\b(kill(ing)? my ?self|end (it all|my life|things)|suicid\w*|take my (own )?life)\b",
    r"\b(want|wanna|rather|wish (i|to)) (to )?(die|be dead|was dead|were dead)\b",
    r"\b(hurt(ing)?|cut(ting)?) my ?self\b|\bself[- ]?harm\w*",
    r"\bdon'?t (want to|wanna) (live|be here|be alive|exist|wake up)\b",
    r"\bno (point|reason) (in )?(living|going on|to live)\b|\bbetter off (dead|without me)\b|\bcan'?t go on\b",
)
_CRISIS_ELSEWHERE = _any(
    r"\b(quiero morir|quiero matarme|envie de mourir|me suicider|will sterben|umbringen|chcę umrzeć|zabić się|quero morrer|voglio morire)\b"
)
_ELSEWHERE = _any(
    r"no puedo (respirar|tragar)|falta el aire|(cara|lengua|labios?|garganta)\b.{0,15}hinch\w*|visión (borrosa|doble)|no veo (bien|nada)",
    r"(pas|plus|mal à|peine à) (respirer|avaler)|(visage|langue|lèvres?|gorge|yeux)\b.{0,15}(gonfl|enfl)\w*|vois (flou|double|plus)",
    r"keine luft|atemnot|(nicht|kaum|schwer) (mehr )?(atmen|schlucken)|sehe (verschwommen|doppelt|nichts)",
    r"(gesicht|zunge|lippen?|hals)\b.{0,20}(geschwollen|schwillt)",
    r"nie mogę (oddychać|przełykać|złapać)|(twarz|język|usta|gardło)\b.{0,15}s?puch\w*|widzę (podwójnie|niewyraźnie)",
    r"não (consigo )?(respirar|engolir)|falta de ar|(rosto|língua|lábios?|garganta)\b.{0,15}inchad\w*|visão (turva|dupla)",
    r"non (riesco a )?(respir\w+|deglutire|inghiottire)|(viso|lingua|labbra|gola)\b.{0,15}gonfi\w*|vedo (doppio|sfocato)",
)
_AMBULANCE = _any(
    r"\b(see(ing)?|saw|got) double\b|\bblanch\w*",
    r"\b(tongue|lips?|throat)\b.{0,20}\b(feels?|gone|getting|going|is|are)\b.{0,15}\b(big\w*|thick\w*|fat\w*|heavy|numb|tight\w*)\b",
    r"\b(cheek|lips?|nose|chin|forehead|temple)\b.{0,20}\b(white|pale|gr[ae]y|blue|purple|dusky)\b",
    r"\b(fell|hit)\b.{0,30}\b(head|face)\b.{0,90}\bheadache",
    r"\b(can'?t|cannot|hard|hard time|trouble|difficult\w*|struggl\w+|problem|unable|not able)( to| with)? ?(breath\w*|brethe?|swallow\w*|see\b)",
    r"\b(short of breath|wheez\w*|gasping|chok(ing|e)|not breathing|breathless)\b",
    r"\b(throat|tongue|tounge|lips?|eyes?|face|mouth|neck)\b.{0,25}\b(swell\w*|swollen|swole\w*|puff\w* up|closing|clos\w+ up|tight\w*|blow\w* up)\b",
    r"\b(throat|tongue|tounge|lips?|eyes?|face|mouth|neck)\b.{0,25}\b(balloon\w*|huge|fat|twice|triple|doubled?|size of)\b",
    r"\b(swell\w*|swollen)\b.{0,20}\b(throat|tongue|tounge|lips?|eyes?|face|mouth)\b",
    r"\b(hives|welts)\b|\banaphyla\w*|\b(faint(ed|ing)?|pass(ed|ing) out|collaps\w+|unconscious|blacked out)\b",
    r"\b(vision|sight|eye|seeing)\b.{0,25}\b(blur\w*|gone|going|lost|loss|dark\w*|double|dim\w*|black)\b",
    r"\b(blur\w*|double|lost|losing|loss of)\b.{0,12}\b(vision|sight)\b|\b(gone|going|went) blind\b|\bcan'?t see\b",
    r"\b(face|mouth|eyelid|arm|leg|side)\b.{0,20}\b(droop\w*|weak|paraly\w*)\b|\bslurr\w+|\b(worst|sudden|thunderclap) headache\b",
    r"\bskin\b.{0,25}\b(gone |going |turn\w* |went |is |looks? )?(white|grey|gray|blue|purple|black|lacy|marbl\w+|mottl\w+|blotchy|dusky)\b",
    r"\b(white|gr[ae]y(ish)?|blue|bluish|purple|dusky|black)\b.{0,12}\b(patch\w*|blotch\w*|skin|lacy|marbl\w+|area|spot)\b|\b(lacy|marbled|mottled)\b",
    r"\b(into|hit|in) (a |the |my )?(vein|artery|blood vessel)\b",
)
_TODAY = _any(
    r"\bpregnan\w*\b.{0,60}\b(bleed\w*|spotting|cramps?)\b|\b(bleed\w*|spotting|cramps?)\b.{0,60}\bpregnan\w*|\bbaby\b.{0,25}\bmov(ed|ing)\b",
    r"\bbruis\w*\b.{0,25}\b(grow\w*|bigger|spread\w*)\b",
    r"\b(pus|oozing|weeping|discharge|fever\w*|chills|shiver\w+|temperature|blister\w*|abscess|infected|spreading|red streaks?)\b",
    r"\b(hot to (the )?touch|burning hot|smells? (bad|awful|off))\b",
    r"\b(unbearable|excruciating|agony|severe|unreal|worst|getting worse|throbbing)\b.{0,20}\b(pain|ache|hurt\w*)?\b",
    r"\bpain\b.{0,25}\b(worse|unbearable|unreal|severe|excruciating|killing)\b",
)
_HOT_LUMP = _any(r"\b(lump|bump|nodule|knot)\w*\b.{0,40}\bhot\b", r"\bhot\b.{0,40}\b(lump|bump|nodule|knot)\w*\b")
_LATE_LUMP = _any(
    r"\b(lump\w*|bump\w*|nodule\w*|knot\w*|swelling)\b.{0,60}\b(weeks?|months?)\b",
    r"\b(weeks?|months?)\b.{0,60}\b(lump\w*|bump\w*|nodule\w*|knots?)\b",
)
_IN_GENERAL = _any(
    r"^\s*(so |and |ok |but )?(can|could|does|do|would|will|is it|is there|are there|has|have (there|any)|what if|what happens)\b",
    r"^\s*(so |and |ok |but )?(how (likely|common|often|many|long)|whats? the|any|chance|risk|possible|is .{0,40}(normal|common|possible))\b",
    r"^\s*if\b.*\b(would|how|what|could)\b",
    r"\b(i('ve)? (heard|read|saw)|risk of|chances? of|tiktok|supposed to|in case|worried (about|it)|scared (of|it)|afraid|before i|thinking of)\b",
)
_MINE = _any(r"\b(my|i'?m|i'?ve|since (i|the|they|my)|she'?s|he'?s)\b")
_HABIT = _any(r"\b(faint|pass out|sick|dizzy)\b.{0,20}\b(at|with|when|around|from) (the )?(blood|needles?|sight|thought|i see|injections|jabs|shots)\b")
_LONG_PAST = _any(
    r"\b(years? ago|last year|back in (19|20)\d\d|in (19|20)\d\d|when i was)\b",
    r"\b(and (was|were|it was) fine|fine (now|since|by)|went away|all gone)\b",
)
_OTHER = _any(r"\b(dogs?|cats?|puppy|kitten|horse|hamster|rabbit|moles?)\b")
_JOKE = _any(r"\b(lol|lmao|haha\w*|jk|joking|kidding)\b", "[\U0001f602\U0001f923]")
_BODY = _any(
    r"\b(skin|face|eyes?|eyelids?|lips?|tongue|throat|cheeks?|forehead|jaw|mouth|neck|chest|head|heart|vein|artery)\b",
    r"\b(vision|sight|breath\w*|swallow\w*|swell\w*|swollen|puff\w*|lumps?|bumps?|nodules?|pus|fever\w*|temperature|chills|shiver\w*|blister\w*)\b",
    r"\b(pain\w*|hurt\w*|burn\w*|hot|red|redness|white|gr[ae]y|blue|purple|black|numb\w*|tingl\w*|hard|spot|stuff|marks?)\b",
    r"\b(dizzy|faint\w*|sick|vomit\w*|hives|rash|itch\w*|weak\w*|droop\w*|slur\w*|headache|bleed\w*|ooz\w*|smell\w*|infect\w*|injected|confus\w*|die|dying|dead)\b",
)
_NOW = _any(
    r"\b(my|me|i'?m|i|she|he|her|his|mum|mom|wife|husband|friend|client|customer|patient|daughter|sister)\b",
    r"\b(since|after|now|today|tonight|yesterday|hours?|minutes|this morning|just|had|got|gone|feels?|looks?|getting|keeps?|day \d)\b",
)


def alarm(text: str, share: float, crisis: float = 0.0) -> str | None:
    """The level of alarm that a message raises, or None.

    Args:
        text: The raw message.
        share: The classifier's probability that the message reports an alarming symptom.
        crisis: The probability that, if so, it is one of thoughts of self-harm.

    Returns: ambulance, today, clinic or crisis.
    """
    if _CRISIS_ELSEWHERE.search(text):
        return "crisis"
    if _ELSEWHERE.search(text):
        return "ambulance"
    if _CRISIS.search(text) and not (_JOKE.search(text) and share < CERTAIN):
        return "crisis"
    if share >= CERTAIN and crisis >= CERTAIN and not _OTHER.search(text):
        return "crisis"
    in_general = bool(_IN_GENERAL.search(text))
    if (in_general and not _MINE.search(text)) or _HABIT.search(text) or _LONG_PAST.search(text) or _OTHER.search(text):
        return None
    flagged = _AMBULANCE.search(text) or _TODAY.search(text)
    if flagged and not in_general and _NOW.search(text) and share >= LIKELY:
        return level(text)
    if share >= (CERTAIN if _BODY.search(text) else SURE):
        return level(text)
    return None


def graver(first: str, second: str | None) -> str:
    """The graver of two levels."""
    return first if second is None or GRAVITY.index(first) <= GRAVITY.index(second) else second


def level(text: str) -> str:
    """How urgent an alarm is."""
    if _CRISIS.search(text):
        return "crisis"
    if _AMBULANCE.search(text):
        return "ambulance"
    if _LATE_LUMP.search(text) and not _TODAY.search(text) and not _HOT_LUMP.search(text):
        return "clinic"
    return "today"
