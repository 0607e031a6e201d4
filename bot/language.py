"""Tells which language a message is in, well enough to say in it that answers come in English. Imports no Rasa."""

from __future__ import annotations

import re

_WORDS = {
    "es": (
        "el la los las una cuánto cuanto cuesta es qué que cómo como por para duele está esta tiene hola dónde donde puedo quiero gracias precio "
        "dolor cara años después hacer con del mi me se "
    ),
    "fr": (
        "le les une des est combien ça ca coûte coute comment pourquoi où avec dans pour bonjour je vous puis peux est-ce prix visage mal fait merci "
        "quel quelle du ne pas sur mon ma c'est "
    ),
    "de": (
        "der die das ist wie viel kostet kosten was ich und nicht haben eine einen für mit tut weh hallo kann man gibt es wo warum danke wirkt "
        "gesicht sind bei nach "
    ),
    "pl": ("ile kosztuje czy jest jak gdzie nie się na to boli dzień dobry mogę zabieg twarzy mezoterapia co po dla mam cena proszę dziękuję "),
    "pt": (
        "quanto custa é o os uma não como dói você vocês onde posso quero obrigado obrigada preço rosto depois fazer tem isso está por para com do da "
        "meu minha olá "
    ),
    "it": (
        "il lo gli una quanto costa è come dove fa male posso vorrei grazie prezzo viso dopo che cosa sono per con del della mio mia ciao buongiorno ho non "
    ),
}
_COURTESIES = {
    "thank": frozenset("gracias merci danke dziękuję dzięki obrigado obrigada grazie".split()),
    "goodbye": frozenset("adiós adios revoir tschüss wiedersehen widzenia tchau adeus arrivederci".split()),
    "greet": frozenset("hola bonjour salut hallo cześć dzień dobry olá ciao buongiorno".split()),
}
"""Words of courtesy, by the intent of a message that holds nothing else; thanks before the others."""
_WITH_THEM = frozenset(
    "muchas mil muchísimas beaucoup bien vielen dank schön schon sehr bardzo tante mille muito au a auf do hasta luego you all everyone guys mate bro dude "
    "love hun sir madam doc doctor so much very ok okay then and for everything bye hi hello thanks thank".split()
)
_KNOWN = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_ENGLISH = frozenset(
    (
        "a about after an and any are at be can cost did do does face for from get has have hello hi how i if im in is it its just long me much my no "
        "not of on one or price so that the there this to was what when which who why will with would you "
    ).split()
)
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\ufeff\uff66-\uffdc]")


def courtesy(text: str) -> str | None:
    """The intent of a message that holds nothing but words of courtesy of the six languages, with small words around; else None."""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    if words - _WITH_THEM.union(*_COURTESIES.values()):
        return None
    return next((intent for intent, known in _COURTESIES.items() if words & known), None)


def foreign_language(text: str) -> str | None:
    """The language of a message that is not English: es, fr, de, pl, pt, it or `other` (another script); None for English or too little to tell."""
    letters = [letter for letter in text if letter.isalpha()]
    if letters and len(_OTHER_SCRIPT.findall(text)) > len(letters) / 2:
        return "other"
    words = re.findall(r"[^\W\d_][^\W\d_'’-]*", text.lower())
    if len(words) < 2:
        return None
    english = sum(word in _ENGLISH for word in words)
    counts = {language: sum(word in known for word in words) for language, known in _KNOWN.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= 2 and counts[best] > english and counts[best] >= len(words) * 0.3 else None
