"""Finds names by how people give them: "my name is", "I'm Anna", "Dr Patel", a signature at the end.

What follows a strong opening ("my name is") is a name unless it plainly is none. After a weak one ("I'm", "this is") it must be a known given name, or
stand in capitals and be no English word, so that "I'm Scared", "im pregnant" and "this is Juvederm" stay as they are. A given name that is no other
word counts wherever it stands. Imports no Rasa.
"""

from __future__ import annotations

import importlib.resources
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from bot.facts import load_vocabulary

NO_WORD = "\1"
"""Stands for what is no part of a name; no admitted message holds it (bot/admission.py)."""
LONGEST = 6
"""Words of a name."""

_NAMES = Path(__file__).with_name("names.txt")
_DICTIONARY = "frequency_dictionary_en_82_765.txt"

_TITLE = r"(?:dr|doctor|mr|mrs|mister|(?-i:Md\.|Col\.|Rev\.)|(?-i:[Mm]s)|miss|mx|prof|professor|sir|herr|frau|mme|madame|monsieur|señora?|pani?|familie)\b\.?"
_KIN = (
    r"(?:daughter|son|husband|wife|mother|mum|mom|sister|brother|friend|partner|boyfriend|girlfriend|father|dad|fianc[eé]e?|cousin|aunt(?:ie)?|uncle|niece|nephew"
    r"|nan|gran(?:ny|dma|dmother|dad|dpa|dfather)?|mate|flatmate|roommate|neighbou?r|colleague|co-?worker|boss|nurse|dermatologist|therapist|surgeon|gp|beautician"
    r"|(?:an)?a?esthetician|receptionist|patient)"
)
_WHOSE = rf"(?:my|the|his|her|their|full|patient|first|last|sur|maiden|{_KIN}['’]?s)"
_FAREWELL = r"(?:thanks|thank you|thx|ty|ta|cheers|regards|best|wishes|sincerely|faithfully|love|yours|xx+)"


def _i(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_STRONG = _i(
    r"\bname on \w+ is\b"
    rf"|\b(?:{_WHOSE} ?){{1,4}}names?(?: ?(?:is|are|was|['’]s)\b| ?:|s\b)?(?= )|\bname ?(?:is\b|:)|\bname['’]s\b|^name ?[-–]|^name\b"
    rf"|\b(?:reservation|booking) name\b|\bname on (?:the |my )?card\b|اسمي"
    rf"|\b(?:i am|i['’]?m|{_KIN}(?: is|['’]s| was)?) (?:called|named)|\bcalls? me\b"
    r"|\b(?:under|in) (?:the )?name(?: of)?|\bbooking is under|\bsent by|\bsigned[,:]|\bme llamo|\bmi nombre es|\bich hei(?:ß|ss)e|\bmein name ist"
    r"|\bje m['’]appelle|\bmon nom est|\bmam na imi[eę]|\bnazywam si[eę]|\bmi chiamo|\bmijn naam is|\bmeu nome é|\bo meu nome"
    r"|\bмо[её] имя|\bменя зовут|\bмене звати"
)
_NAMED_AFTER = _i(r"(?:^|[.!?,] )(?=(?:\S+ ){1,4}is (?:(?:my|the|her|his) (?:full )?name|what i['’]?m called|what they call me)\b)")
_SAID_TO = _i(
    r"\b(?:i go by|ask(?:ed)?(?: for)?|sp(?:eak|oken?) (?:to|with)|talk(?:ed)? (?:to|with)|saw|met|(?:seen|treated|done) by"
    r"|book(?:ed|ing)?(?: it)? (?:under|for)|appointment (?:for|under|with)|under|on behalf of|reservation for"
    r"|(?:mother|father|parent) of|nurse|patient(?: is|:)?"
    rf"|(?:my|your|the|our|her|his) {_KIN},?(?: of)?)(?= )"
)
"""Words after which a name may come, and as well anything else."""
_TITLED = _i(rf"\b(?={_TITLE})")
_MR_OR_MRS = _i(r"\b(?:mrs|mister|mr)\b\.?(?= )")
_WEAK = _i(
    r"\b(?:i ?['’]? ?a?m|soy|ich bin|je suis|jestem|sono|myself|c['’]est|it['’]?s me|introduce myself:?)\b|(?:^|\bhi |\bhello )am\b"
    r"|\b(?:signed up|registered|listed|got me|have me|know me|saved me|find me) as\b"
    r"|\b(?:recipient|from|to|attn|for|receipt|invoice|voucher|guest|client) ?:|\b(?:invoice|receipt|voucher|parcel|letter|bill)(?: it)? to\b"
    r"|\bform (?:it )?says\b|\bupdate:|\bput (?=(?-i:[A-Z]))"
    r"|\b(?:regards|wishes|sincerely|faithfully|grü(?:ß|ss)en?|cordialement|saludos|atentamente|saluti|pozdrawiam)\b[,.!]*"
    rf"|\b(?:kid|child|baby|sis|bro|hubby|{_KIN}) ?\(|\b(?:sis|bro|hubby)\b"
)
_POINTING = _i(rf"\b(?:this is|it['’]?s|it is|(?:my|your|the|our|her|his) {_KIN} (?:is|was))\b")
_POINTING_HERE = _i(r"\b(?:this is|it['’]?s|it is) (?=\S+(?: \S+){0,2},? (?:again|here|speaking|calling|we spoke)\b)")
_SHORTLY = _i(
    r"(?:\b(?:i['’]?m|i am|this is|name['’]?s?|call me)|^(?:hi+|hello|hey+|good (?:morning|afternoon|evening)),?) "
    r"(?=[^\W\d_]{4,}(?: [^\W\d_]{3,})?(?:$|[,.!]| from | here| and | \d| again))"
)
"""What a word or two stand after and then a pause: nearly always a name, where English does not have the word."""
_HERE = _i(
    r"(?:^|[.!?,] )(?:(?:hi+|hello|hey+|hallo|hola|salut|namaste|selam|good (?:morning|afternoon|evening)),? )?"
    r"(?=\S+(?: \S+)? (?:here|speaking|writing|again|this side|from \w+)\b)"
)
_SIGNED = _i(rf"(?:\b{_FAREWELL}\b[^?.!]{{0,20}}?[,.!]*|(?<!\S)[-–—~])\s*(?=[^\s?.!,]+(?: [^\s?.!,]+){{0,3}}(?: x+)?\W*$)")
_ALONE = _i(r"[.?!] (?=\S+(?: \S+)?$)|(?:^|[.?!,] )(?=\S+(?: \S+){0,3},? \0)")
"""A sentence of its own at the end, or the words beside a number or address that is hidden already (bot/redaction.py)."""
_ANYWHERE = re.compile(r"(?<![\w@<.'’-])(?=[^\W\d_]{3})")
"""Every word that can be a name."""
_LETTER_BY_LETTER = re.compile(r"\b(?:[A-Z]-){3,}[A-Z]\b")
_FULL = re.compile(r"(?:^|[.!?] )(?=[^\W\d_]\S+ [^\W\d_]\S+[^\W\d_](?:\. |\.?$))|(?:^|[.!?] )(?=(?:[A-Z]\S+ ){1,2}[A-Z]\S+[^\W\d_],)")
"""Two words that are a sentence of their own, or stand in capitals before a comma."""

_NEXT_TITLE = _i(rf"\s*{_TITLE}")
_NEXT_WORD = re.compile(r"\s*,?\s*[\"“']?([^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]))*\.?)(?!\w)")
_PARTICLES = frozenset("al bin da de del den der di dos du el la le of ten ter van von".split())
_PLAIN = frozenset(
    (
        "a about aged already also am an and any are as asking at back be because before but by calling can come could crazy did do does doctor for "
        "from good google had has have he hello help here hey hi how i id if im in interested into is it its just later like looking maybe me my new "
        "no not now of ok old on only or please pls private said same says she so some still sure thanks that the their then there they this to today "
        "told too tomorrow unknown very was we what when where which who why will with would writing wrong x xx years yes you your und wissen möchte "
        "btw though again bye after "
        "wie ob et y e oraz chcę je voudrais quiero cuanto cuánto quanto"
    ).split()
)
"""What comes after an opening and is no name, and what comes after a name and ends it."""
_NOBODY = frozenset("fitzpatrick pistor jart nhs fda celiac coeliac rosacea melasma hashimoto keloid nada".split())
"""Words in capitals that stand for no visitor: a scale, the inventor of mesotherapy, a brand, authorities, diseases that the list of English lacks."""
_INITIAL = re.compile(r"[A-Z]\.")
_WELL_KNOWN = _i(
    r"\b(?:harley street|michel pistor|kim k\b|kim kardashian|kate moss"
    r"|jennifer (?:lopez|aniston)|taylor swift|kylie jenner|angelina jolie|st\.? john['’]?s wort|victoria beckham|romeo and juliet|são paulo|sao paulo)"
)
"""People and places that everybody may name."""
_ABBREVIATED = 4
"""Letters up to which a word that English does not have may be short for one it has."""
_CALENDAR = frozenset("jan april may june august monday tuesday wednesday thursday friday saturday sunday".split())


def names(text: str) -> list[tuple[int, int]]:
    """Where names stand that somebody gives, as (start, end), in order and without overlaps.

    Units: characters.
    """
    text = _WELL_KNOWN.sub(lambda match: NO_WORD * len(match[0]), text)
    found: list[tuple[int, int]] = []
    for opening, begins in _OPENINGS:
        for match in opening.finditer(text):
            span = _name(text, match.end(), begins)
            if span and not any(start < span[1] and span[0] < end for start, end in found):
                found.append(span)
    return sorted({*found, *_repeated(text, found), *(match.span() for match in _LETTER_BY_LETTER.finditer(text))})


def _repeated(text: str, found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where words of a name stand once more, written alike."""
    words = {word for start, end in found for word, _, _ in _words(text[:end], start) if _follows(word)}
    for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", text) if words else ():
        if not any(start < match.end() and match.start() < end for start, end in found):
            yield match.span()


def _name(text: str, at: int, begins: Callable[[str], bool]) -> tuple[int, int] | None:
    """The words from a place on that make a name: the first may begin one after that opening, the others may follow; a title is passed over."""
    if title := _NEXT_TITLE.match(text, at):
        at, begins = title.end(), _begins_titled
    words = list(islice(_words(text, at), LONGEST))
    if not words or not begins(words[0][0]):
        return None
    end = words[0][2]
    for word, _, ends in words[1:]:
        if _follows(word):
            end = ends
        elif word.lower() not in _PARTICLES:
            break
    return words[0][1], end


def _words(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """The words from a place on, with nothing but spaces and commas between them."""
    while match := _NEXT_WORD.match(text, at):
        word = match[1].rstrip(".") if len(match[1]) > 2 else match[1]  # the point of an initial stays
        at = match.start(1) + len(word)
        yield word, match.start(1), at


def _begins_anyhow(word: str) -> bool:
    """After a strong opening: whatever is no plain word."""
    lower = word.lower()
    return not _known().is_no_name(lower) and (word[0].isupper() or _follows(word) or lower in _known().ambiguous or len(lower) < 3)


def _begins_titled(word: str) -> bool:
    """After a title: in small letters only a known name, since 'dr said' and 'the doctor will' begin alike."""
    known, lower = _known(), word.lower()
    if word[0].isupper():
        return _follows(word)
    return _plain(lower) in known.given or lower in known.surnames


def _begins_unheard(word: str) -> bool:
    """After a title that only names follow: a known one, or a long word that English does not have."""
    return _begins_titled(word) or (len(word) > _ABBREVIATED and word.lower() not in _known().english)


def _begins_foreign(word: str) -> bool:
    """A word that English does not have."""
    return not _known().is_no_name(word.lower()) and word.lower() not in _known().english


def _begins_weakly(word: str) -> bool:
    """After "I'm", or alone at the end: a given name, or a word in capitals that English does not have."""
    known, lower = _known(), word.lower()
    if _plain(lower) in known.given or lower in known.ambiguous:
        return _begins_as_given(word)
    if _INITIAL.fullmatch(word):
        return True
    return len(word) > 1 and word[0].isupper() and not word.isupper() and not known.is_no_name(lower) and lower not in known.english


def _begins_after_a_verb(word: str) -> bool:
    """After "ask for" and the like: a surname in capitals too, and no month or day."""
    lower = word.lower()
    return lower not in _CALENDAR and (_begins_weakly(word) or (word.istitle() and lower in _known().surnames and lower not in _PLAIN))


def _begins_as_given(word: str) -> bool:
    """A given name, in capitals where it is also another word."""
    return _plain(word.lower()) in _known().given or (word.istitle() and word.lower() in _known().ambiguous)


def _begins_pointed(word: str) -> bool:
    """After "it's" and the like: no month or day either."""
    return _begins_as_given(word) and word.lower() not in _CALENDAR


def _plain(lower: str) -> str:
    """A word in small letters without accents and without the 's of what is somebody's."""
    first, *others = lower.split("-")
    if others:  # Mei-Ling
        return _plain(first)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", lower) if not unicodedata.combining(letter))
    return bare.replace("ł", "l").removesuffix("'s").removesuffix("’s")


def _is_given(word: str) -> bool:
    return _plain(word.lower()) in _known().given


def _is_plainly_given(word: str) -> bool:
    """A given name that is nothing else: no month, and in small letters no word of any kind."""
    known, lower = _known(), word.lower()
    return _plain(lower) in known.given and lower not in _CALENDAR and (word[0].isupper() or lower not in known.english)


def _begins_in_full(word: str) -> bool:
    """The first of two words that stand for themselves: a given name, or a surname in capitals."""
    return word.lower() not in _CALENDAR and (_begins_as_given(word) or (word[0].isupper() and word.lower() in _known().surnames))


def _follows(word: str) -> bool:
    """A further name: known as one, in capitals, or no English word."""
    known, lower = _known(), word.lower().rstrip(".")
    if len(word) == 1 and word.isupper() and word != "I":
        return True
    if known.is_no_name(lower):
        return False
    if _plain(lower) in known.given or lower in known.surnames:
        return True
    shouted = len(word) > 2 and word.isupper()
    return (word[0].isupper() and not shouted) or (len(lower) > 2 and lower not in known.english)


_OPENINGS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_STRONG, _begins_anyhow),
    (_MR_OR_MRS, _begins_unheard),
    (_TITLED, _begins_titled),
    (_NAMED_AFTER, _begins_titled),
    (_WEAK, _begins_weakly),
    (_SAID_TO, _begins_after_a_verb),
    (_POINTING, _begins_pointed),
    (_POINTING_HERE, _begins_weakly),
    (_SHORTLY, _begins_foreign),
    (_HERE, _begins_weakly),
    (_SIGNED, _begins_weakly),
    (_ALONE, _is_given),
    (_FULL, _begins_in_full),
    (_ANYWHERE, _is_plainly_given),
)


@dataclass(frozen=True)
class _Known:
    """Words by what they may be, all in small letters."""

    given: frozenset[str]
    """Given names, without accents."""
    surnames: frozenset[str]
    ambiguous: frozenset[str]
    """Given names that are also other words."""
    english: frozenset[str]
    """The words of symspellpy's dictionary, which holds names and places too."""
    ours: frozenset[str]
    """The words of treatments, regions and parts of the body."""

    def is_no_name(self, lower: str) -> bool:
        """Whether a word is no name whatever stands before it."""
        return lower in _PLAIN or lower in _NOBODY or lower in self.ours


@lru_cache(maxsize=1)
def _known() -> _Known:
    lists = dict(line.split(": ", 1) for line in _NAMES.read_text(encoding="utf8").splitlines() if not line.startswith("#"))
    dictionary = (importlib.resources.files("symspellpy") / _DICTIONARY).read_text(encoding="utf-8-sig")
    vocabulary = load_vocabulary()
    treatments, places = vocabulary.treatments.values(), (*vocabulary.regions.values(), *vocabulary.body_areas.values())
    terms = [(term.name, *term.aliases) for term in treatments] + [(term.name, *term.aliases) for term in places]
    return _Known(
        **{kind: frozenset(words.split()) for kind, words in lists.items()},
        english=frozenset(line.split(" ", 1)[0] for line in dictionary.splitlines()),
        ours=frozenset(word for names_ in terms for name in names_ for word in name.lower().split()),
    )
