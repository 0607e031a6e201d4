"""The plain questions that most visitors type first, with each name of the treatment: a name says nothing about the topic."""

import asyncio

import pytest

NAMES = ("mesotherapy", "mesoglow", "mesolift", "meso")
ASKED = {
    "definition": ("what is {}", "whats {}", "explain {} to me", "{} meaning"),
    "cost": ("how much is {}", "price of {}", "{} price", "is {} expensive", "cost {}"),
    "safety": ("is {} safe", "{} risks", "{} side effects", "dangers of {}", "can {} go wrong"),
    "regulation": ("is {} fda approved", "is {} legal", "is {} regulated", "{} fda"),
    "duration": ("how long does {} last", "how long do {} results last", "is {} permanent", "when does {} start to work"),
    "alternatives": ("alternatives to {}", "{} or botox", "{} vs fillers", "what else instead of {}", "is {} better than laser"),
    "effectiveness": ("does {} work", "is {} effective", "any evidence for {}", "does {} really work", "{} results real?"),
    "ingredients": ("what's in {}", "whats in {}", "what is in {}", "{} ingredients", "what does {} contain"),
    "procedure": ("how is {} done", "how does a {} session go", "what happens during {}", "how many needles in {}", "{} procedure"),
    "pain": ("does {} hurt", "is {} painful", "{} pain", "how bad does {} hurt"),
    "recovery": ("{} downtime", "{} aftercare", "can i wear makeup after {}", "will i bruise after {}"),
    "sessions": ("how many sessions of {}", "how often {}", "how many {} treatments do i need"),
    "candidates": ("who is {} for", "who should not have {}", "is {} ok in pregnancy", "{} age limit", "can men have {}"),
    "providers": ("who does {}", "who can do {}", "where can i get {}", "who is qualified to do {}"),
    "popularity": ("why is {} so popular", "where does {} come from", "is {} a trend", "who invented {}"),
    "uses": ("can {} be used for cellulite", "{} for hair loss", "{} under eyes", "does {} work on the neck", "can {} melt fat"),
    "recommendation": ("should i get {}", "do you recommend {}", "what do dermatologists say about {}", "is {} a good idea"),
}


@pytest.mark.parametrize("topic", ASKED)
def test_plain_question_is_answered_whatever_the_treatment_is_called(assistant, topic):
    questions = [question.format(name) for question in ASKED[topic] for name in NAMES]
    readings = [asyncio.run(assistant.agent.parse_message(question))["reading"]["questions"] for question in questions]
    read = {question: [asked["topic"] for asked in reading] for question, reading in zip(questions, readings, strict=True)}
    assert read == {question: [topic] for question in questions}
