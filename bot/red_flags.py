"""Hears alarms in the raw message, beside the classifier: what sounds like an emergency now, and how urgent it is.

A first version; it says what it heard, never what a visitor has. Patterns are written for misspelt, understated and third-person wording.
"""

from __future__ import annotations

import re

CERTAIN = 0.5
"""Share of the classifier from which a message is an alarm without any pattern."""
SURE = 0.9
"""The same, for a message that names no part of the body and no symptom."""
LIKELY = 0.05
"""Share of the classifier from which a pattern alone is trusted even in a message that reads like a general question."""

_CRISIS = re.compile(
    r"\b(kill(ing)? my ?self|end (it all|my life|things)|suicid\w*|(want|wanna|rather|wish (i|to)) (to )?(die|be dead|was dead|were dead)|hurt(ing)? my ?self|"
    r"self[- ]?harm\w*|don'?t (want to|wanna) (live|be here|be alive|exist|wake up)|no (point|reason) (in )?(living|going on|to live)|"
    r"better off (dead|without me)|cut(ting)? my ?self|can'?t go on)\b",
    re.IGNORECASE,
)
_AMBULANCE = re.compile(
    r"(can'?t|cant|cannot|hard to|hard time|trouble|difficult\w*|struggl\w+|problem|unable to|not able to)( to| with)? ?(breath\w*|brethe?|swallow\w*|see\b)|"
    r"\b(short of breath|wheez\w*|gasping|chok(ing|e)|not breathing|breathless)\b|"
    r"\b(throat|tongue|tounge|lips?|eyes?|face|mouth|neck)\b.{0,25}\b(swell\w*|swollen|swole\w*|puff\w* up|closing|clos\w+ up|tight\w*|blow\w* up|balloon\w*|huge|fat)\b|"
    r"\b(swell\w*|swollen)\b.{0,20}\b(throat|tongue|tounge|lips?|eyes?|face|mouth)\b|"
    r"\b(hives|welts)\b|\banaphyla\w*|\b(faint(ed|ing)?|pass(ed|ing) out|collaps\w+|unconscious|blacked out)\b|"
    r"\b(vision|sight|eye|seeing)\b.{0,25}\b(blur\w*|gone|going|lost|loss|dark\w*|double|dim\w*|black)\b|\b(blur\w*|double|lost|losing|loss of)\b.{0,12}\b(vision|sight)\b|"
    r"\b(gone|going|went) blind\b|\bcan'?t see\b|"
    r"\b(face|mouth|eyelid|arm|leg|side)\b.{0,20}\b(droop\w*|weak|paraly\w*)\b|\bslurr\w+|\b(worst|sudden|thunderclap) headache\b|"
    r"\bskin\b.{0,25}\b(gone |going |turn\w* |went |is |looks? )?(white|grey|gray|blue|purple|black|lacy|marbl\w+|mottl\w+|blotchy|dusky)\b|"
    r"\b(white|grey|gray|blue|greyish|grayish|bluish|purple|dusky|black)\b.{0,12}\b(patch\w*|blotch\w*|skin|lacy|marbl\w+|area|spot)\b|\b(lacy|marbled|mottled)\b|"
    r"\b(into|hit|in) (a |the |my )?(vein|artery|blood vessel)\b",
    re.IGNORECASE,
)
_TODAY = re.compile(
    r"\b(pus|oozing|weeping|discharge|fever\w*|chills|shiver\w+|temperature|blister\w*|abscess|infected|spreading|red streaks?|hot to (the )?touch|burning hot|smells? (bad|awful|off))\b|"
    r"\b(unbearable|excruciating|agony|severe|unreal|worst|getting worse|throbbing)\b.{0,20}\b(pain|ache|hurt\w*)?\b|\bpain\b.{0,25}\b(worse|unbearable|unreal|severe|excruciating|killing)\b",
    re.IGNORECASE,
)
_LATE_LUMP = re.compile(r"\b(lump\w*|bump\w*|nodule\w*|knot\w*|swelling)\b.{0,60}\b(weeks?|months?)\b|\b(weeks?|months?)\b.{0,60}\b(lump\w*|bump\w*|nodule\w*|knots?)\b", re.IGNORECASE)
_IN_GENERAL = re.compile(
    r"^\s*(so |and |ok |but )?(can|could|does|do|would|will|is it|is there|are there|has|have (there|any)|what if|what happens|how (likely|common|often|many|long)|whats? the|any|chance|risk|"
    r"possible|is .{0,20}(normal|common|possible))\b|\b(i('ve)? (heard|read|saw)|risk of|chances? of|tiktok|supposed to|in case|worried (about|it)|scared (of|it)|afraid|before i|thinking of|years ago|last year|at (blood|needles|the (sight|thought)))\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(my|i'?m|im|i'?ve|ive|since (i|the|they|my)|she'?s|he'?s)\b", re.IGNORECASE)
_LONG_PAST = re.compile(r"\b(years? ago|last year|back in (19|20)\d\d|in (19|20)\d\d|when i was|and (was|were|it was) fine|fine (now|since|by)|went away|all gone)\b", re.IGNORECASE)
_HABIT = re.compile(r"\b(faint|pass out|sick|dizzy)\b.{0,20}\b(at|with|when|around|from) (the )?(blood|needles?|sight|thought|i see|injections|jabs|shots)\b", re.IGNORECASE)
_ANIMAL = re.compile(r"\b(dog|dogs|cat|cats|puppy|kitten|horse|hamster|rabbit)\b", re.IGNORECASE)
_JOKE = re.compile(r"\b(lol|lmao|haha\w*|jk|joking|kidding)\b|[\U0001F602\U0001F923]", re.IGNORECASE)
_BODY = re.compile(
    r"\b(skin|face|eyes?|eyelids?|lips?|tongue|throat|cheeks?|forehead|jaw|mouth|neck|chest|vision|sight|breath\w*|swallow\w*|swell\w*|swollen|puff\w*|lumps?|bumps?|nodules?|pus|"
    r"fever\w*|temperature|chills|shiver\w*|blister\w*|pain\w*|hurt\w*|burn\w*|hot|red|redness|white|grey|gray|blue|purple|black|numb\w*|tingl\w*|dizzy|faint\w*|sick|vomit\w*|"
    r"hives|rash|itch\w*|weak\w*|droop\w*|slur\w*|headache|head|bleed\w*|ooz\w*|smell\w*|infect\w*|injected|vein|artery|heart|confus\w*|hard|spot|stuff|mark|marks|die|dying|dead)\b",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\b(my|me|i'?m|im|i|she|he|her|his|mum|mom|wife|husband|friend|client|customer|patient|daughter|sister)\b|\b(since|after|now|today|tonight|yesterday|hour|hours|minutes|this morning|just|had|got|gone|feels?|looks?|day \d)\b",
    re.IGNORECASE,
)


def alarm(text: str, share: float) -> str | None:
    """The level of alarm that a message raises, or None.

    Args:
        text: The raw message.
        share: The classifier's probability that the message reports an alarming symptom.

    Returns: ambulance, today, clinic or crisis.
    """
    if _CRISIS.search(text) and not (_JOKE.search(text) and share < CERTAIN):
        return "crisis"
    if (_IN_GENERAL.search(text) and not _MINE.search(text)) or _HABIT.search(text) or _LONG_PAST.search(text) or _ANIMAL.search(text):
        return None
    flagged = _AMBULANCE.search(text) or _TODAY.search(text)
    if flagged and not _IN_GENERAL.search(text) and _NOW.search(text) and share >= LIKELY:
        return level(text)
    if share >= (CERTAIN if _BODY.search(text) else SURE):
        return level(text)
    return None


def level(text: str) -> str:
    """How urgent an alarm is."""
    if _CRISIS.search(text):
        return "crisis"
    if _AMBULANCE.search(text):
        return "ambulance"
    if _LATE_LUMP.search(text) and not _TODAY.search(text):
        return "clinic"
    return "today"
