"""What certain words of a message give away, beside what the classifier hears in it. Imports no Rasa."""

from __future__ import annotations

import re


def refers_back(text: str) -> bool:
    """Whether a message makes sense only with what came before, so that it takes the treatment from there.

    'it' alone refers back in short messages only: in a longer one it is mostly the treatment that the whole chat is about.
    """
    words = re.findall(r"[a-z']+", text.lower())
    leads = bool(words) and words[0] in ("and", "n", "so", "but", "then", "or", "also") and len(words) <= 8
    points = any(word in ("that", "they", "them", "those", "these", "thats", "em", "this") for word in words) and len(words) <= 10
    return leads or points or len(words) <= 4


_AGE = (
    r"(1[0-7]|thirteen|fourteen|fifteen|sixteen|seventeen)\b"
    r"(?![.:]?\d| ?(hours?|hrs?|days?|weeks?|wks?|months?|minutes?|mins?|times|sessions?|units?|stone|kg|am|pm|years? (ago|since|of|later))\b| ?%)"
)
_UNDER_18 = re.compile(
    rf"\b(i'?m|am|aged?|at|turning|turned|turns|only|who'?s|who is) {_AGE}|\bunder ?age\b|\b(1[0-7])[ -]?(years?[ -]old|yo|yrs?(?! ago)|y/o)\b"
    r"|\b((step|grand)?(son|daughter|kid|child|boy|girl)|lad|lass|lassie|niece|nephew|sister|sis|brother|bro|cousin|friend|mate|teen|teenager|eldest|oldest|youngest"
    rf"|he|she)( is|'?s|s)?( only| just| nearly)? {_AGE}",
    re.IGNORECASE,
)


def personal_facet(text: str) -> str:
    """Which wording one's own case needs."""
    if re.search(r"\b(pregnan\w*|expecting|trimester|breast ?feed\w*|nursing|ivf|weeks gone|conceiv\w*|baby)\b", text, re.IGNORECASE):
        return "pregnancy"
    if _UNDER_18.search(text):
        return "under_18"
    if re.search(
        r"\b(warfarin|blood thinners?|aspirin|eliquis|apixaban|medication|meds|tablets|pills|r?o?accutane|isotretinoin|steroids?|antibiotics|"
        r"prescri\w*)\b",
        text,
        re.IGNORECASE,
    ):
        return "medicines"
    if re.search(r"\b(look|rash|spot|bump|lump|bruise|mark|photo|picture|normal)\w*\b", text, re.IGNORECASE):
        return "look"
    return "general"


def decline_facet(text: str) -> str | None:
    """Which wording a refusal needs: asked to be a doctor, asked to change itself, or anything else."""
    if re.search(
        r"\b(prescri\w*|diagnos\w*|pretend|act as|you are now|role ?play)\b.*\b(doctor|dr|dermatologist|physician|medic\w*|cream|pills?|antibiotic\w*|me)\b",
        text,
        re.IGNORECASE,
    ):
        return "doctor_only"
    if re.search(
        r"\b(ignore|disregard|forget)\b.*\b(instruction\w*|rules?|above|previous|prompt)\b|\b(system prompt|jailbreak|no rules|developer mode|DAN)\b",
        text,
        re.IGNORECASE,
    ):
        return "steadfast"
    return None


def is_home_treatment(text: str) -> bool:
    """Whether a message is about injecting or needling at home, or buying for that."""
    what = r"\b(inject\w*|needl\w*|serums?|vials?|kits?|syringes?|derma ?rollers?|hyaluron pen|the stuff)\b"
    where = r"\b(my ?self|at home|diy|online|amazon|ebay|ali ?express|temu|where (can|do) (i|you) (buy|get))\b"
    return bool(re.search(what, text, re.IGNORECASE) and re.search(where, text, re.IGNORECASE))


def stops_medicine(text: str) -> bool:
    """Whether a message asks about leaving out a medicine."""
    return bool(re.search(r"\b(stop|skip|pause|come off|quit|leave (off|out))\b.{0,25}\b(it|them|taking|my|med\w*|pills?|tablets?)\b", text, re.IGNORECASE))


def asks_where_from(text: str) -> bool:
    """Whether a short message asks where the answer before it comes from: 'where is that from', 'says who', 'source?'."""
    return bool(
        re.match(
            r"^\W*(and |so |but )?(where('?s| is| did| do)\b.{0,12}\b(that|this|it)\b|says who|who says|sources?\b|link|proof of that)", text, re.IGNORECASE
        )
    )
