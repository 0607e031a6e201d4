"""Decides what a message means from what was heard in it and from the conversation so far.

Imports no Rasa: the graph component `bot.nlu.message_reader` only carries data in and out. The thresholds carry the measurement that set
them; see docs/measurements.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import red_flags
from bot.alarm_state import STRONG, Alarm, is_relieved, starts_over
from bot.cues import decline_facet, is_home_treatment, personal_facet, refers_back, stops_medicine
from bot.facts import MESOTHERAPY
from bot.heard import ASK, Heard
from bot.language import courtesy, foreign_language
from bot.reading import Question, Reading
from bot.reply import CHOICE, CONTACT_CHOICE
from bot.several import likelihoods
from bot.splitter import is_question

SMALL_TALK = (
    "greet",
    "goodbye",
    "thank",
    "affirm",
    "deny",
    "insult",
    "remark",
    "feedback_good",
    "feedback_bad",
    "something_else",
    "tell_more",
    "bot_challenge",
)
ALARM = "report_urgent_symptom"
START_OVER = "start_over"
UNDER_AGE = ("ask_candidates", "ask_regulation", "ask_safety", "ask_alternatives", "ask_recommendation", "request_personal_advice")
"""What somebody under 18 asks about themselves."""
ABOUT_THE_SIGN = ("ask_safety", "ask_recovery", "ask_recommendation", "ask_candidates")
"""What is asked within an alarm as a doubt about it: 'is it dangerous', 'how long does the swelling last', 'should I wait till morning'."""
MAYBE_ABOUT_IT = ("ask_pain", "ask_procedure", "ask_ingredients", "ask_uses")
"""What is, if it sounds a little like an alarm: 'it only hurts when I press', 'do I keep my head up'."""
THANKED = 1
"""Turns after an alarm up to which thanks are for the help."""
AWAY = ("out_of_scope", "insult", "greet", "goodbye", "feedback_good", "remark")
"""What, clearly meant and without a word of the sign, is no longer about an alarm."""
BESIDE_A_STORY = tuple(
    f"{ASK}{topic}" for topic in ("cost", "definition", "duration", "ingredients", "pain", "popularity", "procedure", "providers", "sessions", "sources")
)
"""What is answered beside a story, one's own or another's, where it is clearly asked: it does not depend on who asks."""
MEDICINES = ("medicines", "blood_thinners")
"""The facets of candidates that are about medicines."""
BESIDE = 0.23
"""Share of the facets from which a second condition of one's own is taken up beside the likeliest: 'vitiligo and keloids'."""

TEXT_KEPT = 120
"""Letters of a question that are kept for the message after it."""
FEW_WORDS = 3
OWN, TOGETHER, SAME_TOPIC = {True: 1.26, False: 1.39}, {True: 1.13, False: 0.65}, 0.4
"""Weights, for a message of up to `FEW_WORDS` and for a longer one, of its own reading, of that behind the question before it, and of the topic of that
question: of the logarithms of the shares. Fitted to tests/eval/conversations.jsonl; see docs/measurements.md."""

_WHY = re.compile(r"^(?:but |so |and |ok |oh )?(?:why|how come|why'?s that|how so)\b(?:\W+\w+){0,4}\W*$", re.IGNORECASE)
_OTHER_ONE = re.compile(r"^(?:and |n |so |ok |what about |how about |and what about )*the other (?:one|1|treatment|thing)\W*$", re.IGNORECASE)
_WHAT_IS_IN = re.compile(r"\bwh?[ao]t(?:'?s| is| are|)(?: even| actually)? (?:in|inside)\b", re.IGNORECASE)
_ASKS_FOR_PERSON = re.compile(r"\b(talk|speak|chat) (to|with) (a|an|some|the|your|real)", re.IGNORECASE)
_GETS_HELP = re.compile(
    r"\b(call(ing|ed)?|text(ing|ed)?|ring(ing)?|rang|dial\w*|on (my|the|our) way|going (to|in)|hospital|er|a&e|ambulance|999|911|111|112|988)\b", re.IGNORECASE
)
_POINTS = re.compile(r"\b(it|its|it's|this|that)\b", re.IGNORECASE)
_REFUSES = re.compile(r"\b(not|no|don'?t|won'?t|can'?t|cant|never|should i|do i)\b", re.IGNORECASE)

CONNECTIVES = frozenset(
    (
        "a about abt again also an and any are as aswell at be but by bout compared did do does else even for from get going had has have here hm hmm "
        "i if in instead is it its just like me mean meant my n nd no not of oh ok okay on one ones only or other over please pls same so some sorry "
        "still than that thats the then there these they this those tho though thing to too up versus vs was we well what whats wat with without "
        "would yeah yes you your them em "
    ).split()
)


PLACING = frozenset("hello hi hey hiya morning afternoon evening good i'm im am live living based near city town area".split())


@dataclass(frozen=True)
class Context:
    """What the conversation knows before the message."""

    questions: tuple[Question, ...] = ()
    """What was answered last."""
    choices: Mapping[str, Question | str] = field(default_factory=dict)
    """The buttons of the last clarify, by token; a name of an intent where the button is no question."""
    alarm: Alarm | None = None
    """An alarm that still stands."""


@dataclass(frozen=True)
class Decision:
    """What a message means: one intent for Rasa's dialogue, and the reading for the action."""

    intent: str
    share: float
    reading: Reading


@dataclass(frozen=True)
class Thresholds:
    """Where certainty begins; config.yml gives the values."""

    alarm: float = 0.38
    answer: float = 0.45
    clarify: float = 0.075
    several: float = 0.65
    certain: float = 0.85
    facet: float = 0.3
    follow: float = 0.5
    about: float = 0.025


class Reader:
    """Reads messages one at a time; keeps nothing between them."""

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """Take the thresholds."""
        self._thresholds = thresholds or Thresholds()

    def read(self, heard: Heard, parts: Sequence[Heard], context: Context, together: Heard | None = None) -> Decision:
        """Decide what a message means.

        Args:
            heard: The whole message.
            parts: Its clauses.
            context: The conversation before it.
            together: A short message read behind the question before it.
        """
        decision = self._decide(heard, parts, context, together)
        regions = heard.named("region")
        return replace(decision, reading=replace(decision.reading, region=regions[0])) if regions else decision

    def _decide(self, heard: Heard, parts: Sequence[Heard], context: Context, together: Heard | None) -> Decision:
        if CHOICE.match(heard.typed):
            return self._choice(heard.typed, context)
        if starts_over(heard.typed):
            return Decision("greet", 1.0, Reading(facet=START_OVER))
        if not re.search(r"\w", heard.typed):
            return self._wordless(heard, context)
        alarm = self._alarm(heard, parts, context)
        if alarm is not None:
            return alarm
        heard, *parts = (_calmly(one) for one in (heard, *parts))
        together = _calmly(together) if together is not None else None
        polite = courtesy(heard.typed)
        if polite is not None:
            return Decision(polite, 1.0, Reading())
        language = foreign_language(heard.typed)
        if language is not None:
            return Decision("out_of_scope", heard.intents.get("out_of_scope", 0.0), Reading(language=language))
        if context.questions and _WHY.match(heard.text):
            return Decision("tell_more", 1.0, Reading())
        if context.questions and _OTHER_ONE.match(heard.text) and not heard.named("treatment"):
            asked = tuple(replace(question, treatments=_other(question.treatments)) for question in context.questions)
            return Decision(f"{ASK}{asked[0].topic}", 1.0, Reading(questions=asked))
        particular = self._particular(heard, context)
        if particular is not None:
            return particular
        if together is not None and not self._is_fragment(heard):
            heard = _with_context(heard, together, context)
        questions = self._questions(heard, parts, context)
        if questions:
            return Decision(f"{ASK}{questions[0].topic}", heard.share, Reading(questions=tuple(questions)))
        return self._without_question(heard, context)

    def _particular(self, heard: Heard, context: Context) -> Decision | None:
        """What must not be left to the classifier: medicines stopped, children, injections at home; and a place alone, which asks nothing."""
        treatments = heard.named("treatment") or (MESOTHERAPY,)
        spoke_of_medicines = bool(context.questions) and context.questions[0].facet in MEDICINES
        if stops_medicine(heard.typed) and (spoke_of_medicines or personal_facet(heard.typed) == "medicines"):
            return Decision("request_personal_advice", 1.0, Reading((Question("candidates", "medicines", text=heard.text[:TEXT_KEPT]),), facet="medicines"))
        if personal_facet(heard.typed) == "under_18" and heard.intent in UNDER_AGE:
            return Decision("request_personal_advice", 1.0, Reading((Question("candidates", "under_18", treatments),), facet="under_18"))
        if is_home_treatment(heard.typed):
            return Decision(f"{ASK}safety", 1.0, Reading((Question("safety", "diy", text=heard.text[:TEXT_KEPT]),)))
        if not context.questions and heard.named("region") and not heard.named("treatment") and _only_place(heard):
            return Decision("greet", 1.0, Reading())
        return None

    def _choice(self, token: str, context: Context) -> Decision:
        choice = "contact_clinic" if token == CONTACT_CHOICE else context.choices.get(token)
        if isinstance(choice, Question):
            return Decision(f"{ASK}{choice.topic}", 1.0, Reading(questions=(choice,)))
        if choice is None:
            return Decision("nlu_fallback", 1.0, Reading(facet="choice_gone"))
        return Decision(choice, 1.0, Reading())

    def _wordless(self, heard: Heard, context: Context) -> Decision:
        """Emoji and punctuation: a question mark asks on, all else is a reaction."""
        if "?" in heard.typed and context.questions:
            return Decision("tell_more", 1.0, Reading())
        return Decision("affirm" if heard.typed.strip() else "nlu_fallback", 1.0, Reading(facet=None if heard.typed.strip() else "empty"))

    def _alarm(self, heard: Heard, parts: Sequence[Heard], context: Context) -> Decision | None:
        """An alarm in the message; or, after an alarm, what is said about it."""
        limits = self._thresholds
        likely = red_flags.likelihood(heard.alarms, heard.intents.get(ALARM, 0.0))
        level = red_flags.named(heard.typed, likely)
        if level is not None:
            likely = 1.0
        elif likely >= limits.alarm:
            level = red_flags.level(heard.alarms)
        alarm = context.alarm.level if context.alarm else None
        if level == red_flags.CRISIS and alarm not in (None, level) and likely < STRONG:
            level = alarm  # 'I do not want to bother anyone' about a swollen face
        typed, helped = heard.typed, bool(_GETS_HELP.search(heard.text)) and not _REFUSES.search(heard.text)
        grows = level is not None and red_flags.graver(level, alarm) != alarm
        is_over = alarm is not None and is_relieved(typed, likely)
        if level and (grows or not (alarm and helped)) and not is_over:
            return Decision(ALARM, 1.0, Reading(level=red_flags.graver(level, alarm), facet="first"))
        if context.alarm is None or _ASKS_FOR_PERSON.search(heard.text):
            return None
        if is_over:
            asks = "?" in typed or is_question(heard.text) or any(part.asks for part in parts)
            return None if asks else Decision(ALARM, 1.0, Reading(level=alarm, facet="relieved"))
        if self._turns_away(heard, context.alarm, likely):
            return None
        facet = "steadying" if helped or heard.intent == "thank" else "doubt"
        return Decision(ALARM, 1.0, Reading(level=alarm, facet=facet))

    def _turns_away(self, heard: Heard, alarm: Alarm, likely: float) -> bool:
        """Whether a message after an alarm is about something else, rather than an excuse, a doubt or a question about the sign."""
        limits, intent = self._thresholds, heard.intent
        is_sure, is_calm, can_wait = heard.share >= limits.follow, likely < limits.about, alarm.level == "clinic"
        if intent.startswith(ASK) and is_sure:
            if can_wait or intent not in (*ABOUT_THE_SIGN, *MAYBE_ABOUT_IT):
                return True
            return is_calm and (intent in MAYBE_ABOUT_IT or not (alarm.is_strong or _POINTS.search(heard.text)))
        if intent == "bot_challenge":
            return True
        if _GETS_HELP.search(heard.text):
            return False
        if intent == "contact_clinic" and (can_wait or (heard.share >= limits.certain and not _REFUSES.search(heard.text))):
            return True
        if intent == "request_personal_advice" and can_wait and is_sure:
            return True
        if intent == "thank" and alarm.turns <= THANKED:
            return False
        return is_calm and (not alarm.is_strong or (is_sure and intent in AWAY))

    def _questions(self, heard: Heard, parts: Sequence[Heard], context: Context) -> list[Question]:
        """The questions of a message: those of its confident parts, else that of the whole; none where it is of a guarded kind."""
        limits = self._thresholds
        if self._is_fragment(heard):
            return self._carried(heard, context)
        clear = [part for part in parts if part.asks and part.share >= limits.certain and part.intent in BESIDE_A_STORY]
        is_story = heard.intent == "request_personal_advice" or (heard.intent == "out_of_scope" and heard.share < limits.certain)
        if is_story and clear and personal_facet(heard.text) not in ("under_18", "pregnancy"):
            return [self._question(clear[0], heard, context)]
        if heard.intent == "request_personal_advice" and heard.share >= limits.follow:
            return []
        likely = likelihoods(heard, [part for part in parts if not _only_names(part)])
        found = [self._question(clause, heard, context, intent) for intent, (share, clause) in likely.items() if share >= limits.several]
        if heard.intent.startswith(ASK):
            if heard.share >= limits.answer or len(found) > 1:
                return found or [self._question(heard, heard, context)]
            return found
        if heard.share < limits.answer or heard.intent in SMALL_TALK:
            return found
        beside_contact = heard.intent == "contact_clinic" and any(share >= limits.certain for share, _ in likely.values())
        return found if beside_contact or (len(found) > 1 and heard.share < limits.certain) else []

    def _is_fragment(self, heard: Heard) -> bool:
        """Whether a message only names something: 'n botox?', 'and in the uk', 'the other one, the lift'."""
        if not heard.mentions or _WHAT_IS_IN.search(heard.text):
            return False
        rest = re.sub(r"\b(how|hows|wot) (about|abt|bout)\b", " ", heard.text.lower())
        for _, _, wording in heard.mentions:
            rest = rest.replace(wording.lower(), " ")
        return all(word in CONNECTIVES for word in re.findall(r"[a-z']+", rest))

    def _carried(self, heard: Heard, context: Context) -> list[Question]:
        """The last questions asked anew of what a fragment names; without any, what is named is explained or compared."""
        treatments, regions = heard.named("treatment"), heard.named("region")
        if not treatments and not regions:
            return [self._question(heard, heard, context, f"{ASK}uses")]
        if context.questions:
            asked = [
                replace(question, treatments=treatments or question.treatments, region=regions[0] if regions else question.region)
                for question in context.questions
            ]
            return asked
        if not treatments:
            return []
        if heard.named("body_area"):
            return [self._question(heard, heard, context, f"{ASK}uses")]
        if any(word in heard.text.lower().split() for word in ("vs", "versus", "or", "instead", "compared")) or set(treatments) - {
            MESOTHERAPY,
            "mesoglow",
            "mesolift",
        }:
            return [Question("alternatives", treatments=treatments)]
        return [Question("definition", treatments=treatments)]

    def _question(self, part: Heard, whole: Heard, context: Context, intent: str | None = None) -> Question:
        """One question: topic and facet from the part; treatment and region also from the whole message, or from before."""
        topic = (intent or part.intent)[len(ASK) :]
        facets = {key.split(".", 1)[1]: share for key, share in part.facets.items() if key.split(".", 1)[0] == topic}
        total = sum(facets.values()) or 1.0
        facet = max(facets, key=facets.__getitem__) if facets else None
        if facet is not None and facets[facet] / total < self._thresholds.facet:
            facet = None
        treatments = part.named("treatment") or _named_before(part, whole)
        if not treatments and context.questions and refers_back(whole.text):
            treatments = context.questions[0].treatments
        regions = part.named("region") or whole.named("region")
        return Question(topic, facet, treatments or (MESOTHERAPY,), regions[0] if regions else None, part.text[:TEXT_KEPT])

    def _without_question(self, heard: Heard, context: Context) -> Decision:
        """Guarded kinds, small talk, or too little certainty: then the closest readings are offered."""
        limits = self._thresholds
        if heard.share >= limits.answer and not heard.intent.startswith(ASK):
            return Decision(heard.intent, heard.share, self._guarded(heard))
        ranked = sorted(heard.intents.items(), key=lambda item: -item[1])
        close = [(intent, share) for intent, share in ranked[:5] if share >= limits.clarify]
        asks = [intent for intent, _ in close if intent.startswith(ASK)][:3]
        if asks and (ranked[0][0].startswith(ASK) or len(asks) > 1):
            options = tuple(self._question(heard, heard, context, intent) for intent in asks)
            return Decision("nlu_fallback", ranked[0][1], Reading(options=options))
        return Decision(heard.intent, heard.share, self._guarded(heard))

    def _guarded(self, heard: Heard) -> Reading:
        """The facet of a guarded kind, and for one's own case the general question behind it."""
        kind = {"contact_clinic": "contact", "bot_challenge": "bot", "request_personal_advice": "candidates"}.get(heard.intent)
        if heard.intent == "out_of_scope":
            return Reading(facet=decline_facet(heard.text))
        if kind is None:
            return Reading()
        facets = {key.split(".", 1)[1]: share for key, share in heard.facets.items() if key.split(".", 1)[0] == kind}
        best = max(facets, key=facets.__getitem__) if facets else None
        sure = best is not None and facets[best] / (sum(facets.values()) or 1.0) >= self._thresholds.facet
        if kind == "candidates":
            wording = personal_facet(heard.text)
            if wording == "look":
                return Reading(questions=(Question("recovery", "redness_swelling"),), facet=wording)
            total = sum(facets.values()) or 1.0
            told = [facet for facet in sorted(facets, key=lambda facet: -facets[facet])[:2] if sure and facets[facet] / total >= BESIDE]
            if wording == "medicines" and not set(told) & set(MEDICINES):
                told = ["medicines", *told[:1]]
            treatments = heard.named("treatment") or (MESOTHERAPY,)
            return Reading(questions=tuple(Question("candidates", facet, treatments) for facet in told or (None,)), facet=wording)
        treatments = heard.named("treatment")
        questions = (Question("providers", treatments=treatments),) if kind == "contact" and treatments else ()
        return Reading(questions=questions, facet=best)


def _only_place(heard: Heard) -> bool:
    """Whether a message says where the visitor is and nothing else: 'hello, I'm in Manchester'."""
    rest = heard.text.lower()
    for _, _, wording in heard.mentions:
        rest = rest.replace(wording.lower(), " ")
    return all(word in CONNECTIVES or word in PLACING for word in re.findall(r"[a-z']+", rest))


def _named_before(part: Heard, whole: Heard) -> tuple[str, ...]:
    """The treatments that a message names before a clause: 'botox or meso, which is cheaper'; all of them where the clause is the message."""
    place = whole.text.find(part.text) if part is not whole else -1
    before = whole.text[:place].lower() if place > 0 else whole.text.lower() if part is whole else ""
    return tuple(dict.fromkeys(key for kind, key, wording in whole.mentions if kind == "treatment" and wording.lower() in before))


def _only_names(part: Heard) -> bool:
    """Whether a clause is nothing but a treatment, a region or an area of the body, and so no question of its own."""
    return any(wording.lower() == part.text.lower() for _, _, wording in part.mentions)


def _with_context(heard: Heard, together: Heard, context: Context) -> Heard:
    """What a short message means after the question before it."""
    is_short = len(heard.text.split()) <= FEW_WORDS
    before = {f"{ASK}{question.topic}" for question in context.questions}
    weighed = {
        intent: (share + 0.003) ** OWN[is_short] * (together.intents[intent] + 0.01) ** TOGETHER[is_short] * math.exp(SAME_TOPIC * (intent in before))
        for intent, share in heard.intents.items()
    }
    total = sum(weighed.values())
    return replace(heard, intents={intent: weight / total for intent, weight in weighed.items()})


def _other(treatments: tuple[str, ...]) -> tuple[str, ...]:
    """'The other one' of MesoGlow and MesoLift, which go together; of anything else the same again."""
    pair = {"mesoglow": "mesolift", "mesolift": "mesoglow", MESOTHERAPY: "mesolift"}
    return tuple(pair.get(treatment, treatment) for treatment in treatments)


def _calmly(heard: Heard) -> Heard:
    """What was heard, once it is known to be no alarm."""
    rest = {intent: share for intent, share in heard.intents.items() if intent != ALARM}
    total = sum(rest.values())
    return replace(heard, intents={intent: share / total for intent, share in rest.items()})
