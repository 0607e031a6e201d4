"""What the fact store of this repository says: complete, within its rules, and true of its own sources."""

import datetime
import itertools
import re
from collections import Counter

import pytest

from bot.clinic import Clinic
from bot.composer import DETAIL, Composer
from bot.content_rules import Exceptions, warnings
from bot.facts import FACTS, REGIONS, SIGNATURES, SIGNED_OFF, added
from bot.reading import Question

WRITTEN = datetime.date(2026, 11, 22)
"""The day on which the content was checked; `make check` takes today instead."""
RASA_KEYS = (
    "rules",
    "stories",
    "nlu",
    "intents",
    "entities",
    "slots",
    "forms",
    "actions",
    "responses",
    "pipeline",
    "policies",
    "session_config",
    "e2e_tests",
)
BASE = "seed-article"
ALIKE = 0.8
"""Two claims on one treatment that share more of their words (intersection over union) than this say the same."""

# Every statement of the base article (2009, updated 2018), the fact that holds it, and words that the claim cannot do without.
ARTICLE = {
    "more people first consider methods without surgery": ("alternatives.article_nonsurgical", "without surgery"),
    "plastic surgery is expensive, invasive, risky and slow to recover from": ("alternatives.article_surgery", "expensive"),
    "customised formulations are injected for medical conditions and cosmetic purposes": ("definition.customised", "customised"),
    "arthritis, facial rejuvenation, cellulite and fat loss": ("uses.list_2009", "arthritis"),
    "large cities got it several years after Europe, where it was a craze": ("popularity.europe_2009", "Europe"),
    "the treatments are called MesoGlow and MesoLift": ("definition.names", "MesoGlow and MesoLift"),
    "varied practitioners provide it": ("providers.varied_2009", "varied"),
    "dozens of small needle sticks": ("procedure.dozens", "dozens"),
    "the medications are not regulated by the FDA": ("regulation.article_not_regulated", "not regulated by the FDA"),
    "it is not taught in US medical schools": ("providers.not_taught_2009", "not taught"),
    "1) no standards for what is injected or who injects": ("regulation.article_no_standards", "no standards"),
    "2) purity is not rigorously tested": ("regulation.article_purity", "purity"),
    "3) safety and efficacy are anecdotal at best": ("effectiveness.article_anecdotal", "anecdotal at best"),
    "patients are often guinea pigs for unproven concoctions": ("safety.guinea_pigs", "guinea pigs"),
    "serums blend multivitamins with non-cross-linked hyaluronic acid": ("ingredients.blend_2009", "non-cross-linked"),
    "the hydrator plumps the area of injection": ("effectiveness.article_plumps", "plumps"),
    "hydration lasts several days at most": ("duration.article_days", "several days at most"),
    "it is very different from the cross-linked kind of fillers": ("ingredients.not_filler_ha", "very different"),
    "compounding pharmacies make it to a prescription": ("regulation.article_compounding", "prescription at compounding pharmacies"),
    "compounding pharmacies need not pass good manufacturing practice": ("regulation.article_gmp", "need not"),
    "in Europe highly regulated companies make it": ("regulation.article_europe", "highly regulated"),
    "the perceived benefit is immediate delivery of anti-ageing elements": ("effectiveness.article_claim", "anti-ageing"),
    "the efficacy of MesoGlow and MesoLift has not been proven": ("effectiveness.article_not_proven", "had not been proven"),
    "a small trial saw no improvement in tone and texture": ("effectiveness.article_small_trial", "no improvement"),
    "many customers are very pleased": ("effectiveness.article_customers", "very pleased"),
    "popular because it is quick and easy with little downtime and a moderate price": ("popularity.guess_2009", "moderate price"),
    "little down time": ("recovery.little_2009", "little downtime"),
    "patients hope for smoother skin or diminished blemishes": ("effectiveness.article_hopes", "blemishes"),
    "instead of more costly but effective Botox, laser and peels": ("alternatives.article_costlier", "more costly, but effective"),
    "$100 to $200": ("cost.session_us_article", "$100 to $200"),
    "multiple sessions are often recommended for 'results'": ("cost.sessions_needed", 'often recommended for "results"'),
    "sometimes hundreds of injections": ("procedure.hundreds", "hundreds"),
    "the needles themselves may set off healing and collagen": ("effectiveness.article_needles", "healing"),
    "some do not care whether it works: the buzz of a hot European procedure": ("popularity.buzz_2009", "buzz"),
    "sale in the US would need a reputable company and standardised formulations": ("regulation.article_needs_maker", "standardised"),
    "no US company has taken it through drug approval": ("regulation.article_no_company", "no US company"),
    "wait and see": ("recommendation.wait_and_see", "wait and see"),
    "not impressed, and not comfortable until the FDA approves": ("recommendation.not_impressed", "until the FDA approved"),
    "more effective and proven treatments first": ("alternatives.article_proven_first", "more effective and proven"),
    "before putting a patient at risk with an unproven procedure": ("recommendation.unproven_risk", "at risk"),
    "get the advice of a dermatologist first": ("recommendation.dermatologist_first", "dermatologist's advice first"),
    "published 2009-11-16, updated 2018-10-18": ("sources.base", "16 November 2009"),
}


def test_content_keeps_its_rules(store, domain):
    assert warnings(store, Clinic.load(), domain["responses"], Exceptions.load(), WRITTEN) == []


@pytest.mark.parametrize("statement", ARTICLE)
def test_article_is_told(store, statement):
    key, words = ARTICLE[statement]
    fact = store.facts[key]
    assert BASE in fact.sources
    assert words in fact.claim


def test_article_is_told_with_its_date(store):
    undated = [key for key, _ in ARTICLE.values() if "2009" not in store.facts[key].claim]
    assert undated == []


def test_what_the_article_no_longer_has_alone_is_told_with_later_sources(store):
    for key in (
        "regulation.article_not_regulated", "regulation.article_gmp", "regulation.article_europe", "regulation.article_no_company",
        "duration.article_days", "effectiveness.article_not_proven", "effectiveness.article_small_trial", "cost.session_us_article",
        "recovery.little_2009", "effectiveness.article_anecdotal",
    ):  # fmt: skip
        assert any(store.sources[source].id != BASE for other in store.facts[key].beside for source in store.facts[other].sources), key


# What the store says of its own sources


def numbers(store, key):
    fact = store.facts[key]
    return [int(number) for number in re.findall(r"\d+", f"{fact.claim} {fact.detail or ''}")]


def test_counts_of_sources_are_right(store):
    sources = store.sources.values()
    tiers = Counter(source.tier for source in sources)
    assert numbers(store, "sources.count") == [len(sources), tiers["A"], tiers["B"], tiers["C"]]
    undated = sum(source.published == "undated" for source in sources)
    assert numbers(store, "sources.undated") == [len(sources), undated]
    linked = sum(source.url is not None for source in sources)
    assert numbers(store, "sources.links") == [len(sources), linked, len(sources) - linked]
    assert numbers(store, "sources.clinics") == [tiers["C"]]
    assert numbers(store, "sources.read")[0] == len(sources)


def test_kinds_of_sources_are_counted_right(store):
    kinds = Counter(source.evidence for source in store.sources.values())
    reviews = kinds["review"] + kinds["review (reported by press)"]
    trials = numbers(store, "sources.trials")
    assert trials[:4] == [len(store.sources), kinds["peer-reviewed trial"], reviews, kinds["review (reported by press)"]]
    assert numbers(store, "sources.press")[:2] == [len(store.sources), kinds["regulator (reported by press)"]]
    assert numbers(store, "sources.makers")[0] == kinds["manufacturer"]


def test_day_of_reading_is_right(store):
    assert {source.read for source in store.sources.values()} == {WRITTEN}
    assert "22 November 2026" in store.facts["sources.read"].claim


def test_openings_about_sources_count_like_the_facts(store):
    total = str(len(store.sources))
    for answer in store.topics["sources"].answers:
        for number in re.findall(r"\b\d+(?= (?:in all|sources))", answer.opening):
            assert number == total, answer.opening


def test_base_source_has_its_dates(store):
    assert store.sources[BASE].date == "2009-11-16, updated 2018-10-18"


def test_nothing_is_called_reviewed_by_a_doctor_before_one_signed(store):
    signed = {fact.signed_off_by for fact in store.facts.values()} - {""}
    assert bool(signed) != ("no dermatologist has signed" in store.facts[SIGNED_OFF].claim)
    checked = next(answer for answer in store.topics["sources"].answers if answer.id == "doctor_checked")
    assert checked.facts[0] == SIGNED_OFF
    assert bool(signed) != checked.opening.startswith("Not yet")


# Reach


@pytest.fixture(scope="module")
def reached(store):
    """The facts that some question brings out, or 'tell me more' after it."""
    composer, found = Composer(store, Clinic()), set()
    for topic, content in store.topics.items():
        for answer in content.answers:
            question = Question(topic, answer.id, (answer.treatment or "mesotherapy",), answer.region if answer.region in REGIONS[:-1] else None)
            told = list(composer.answer([question]).facts)
            while True:
                more = composer.tell_more(question, told)
                if not more.facts:
                    break
                told += [*more.facts, *(f"{key}{DETAIL}" for key in more.facts if key in told)]
            found.update(told)
    return found


def test_every_fact_is_reached(store, reached):
    unreached = {fact.id for content in store.topics.values() for fact in content.facts} - reached
    assert sorted(unreached) == []


def test_every_detail_is_reached(store, reached):
    unreached = {f"{fact.id}{DETAIL}" for content in store.topics.values() for fact in content.facts if fact.detail} - reached
    assert sorted(unreached) == []


def test_every_source_carries_a_fact(store):
    carrying = {key for fact in store.facts.values() for key in fact.sources}
    assert sorted(store.sources.keys() - carrying) == ["globale-derm", "pn-fda"], "kept: they are counted, and were read for what is not said"


def test_nothing_is_said_twice_in_other_words(store):
    words = {fact.id: set(re.findall(r"\w+", fact.claim.lower())) for fact in store.facts.values()}
    alike = [
        (one.id, other.id)
        for one, other in itertools.combinations(store.facts.values(), 2)
        if one.treatment == other.treatment and len(words[one.id] & words[other.id]) > ALIKE * len(words[one.id] | words[other.id])
    ]
    assert alike == [], "keep one, and give it `also` for the other topic"


# Vocabulary


def test_attributes_rest_on_facts_of_their_treatment(store):
    wrong = []
    for key, treatment in store.vocabulary.treatments.items():
        for field in ("approval", "lasts", "price", "downtime", "evidence"):
            for attribute in getattr(treatment, field):
                about = {store.facts[fact].treatment for fact in attribute.facts}
                if not about <= ({None, key} if store.subject(key) is None else {key}):
                    wrong.append((key, field, sorted(map(str, about))))
    assert wrong == []


def test_attributes_of_a_region_rest_on_facts_that_hold_there(store):
    wrong = []
    for key, treatment in store.vocabulary.treatments.items():
        for field in ("approval", "lasts", "price", "downtime", "evidence"):
            for attribute in getattr(treatment, field):
                regions = {store.facts[fact].region for fact in attribute.facts}
                if attribute.region not in {*regions, "any"} and regions != {"any"}:
                    wrong.append((key, field, attribute.region, sorted(regions)))
    assert wrong == []


def test_prices_of_attributes_say_country_and_year(store):
    for key, treatment in store.vocabulary.treatments.items():
        for attribute in treatment.price:
            assert re.search(r"\b(US|UK|EU)\b", attribute.text), key
            assert re.search(r"\b(19|20)\d\d\b|undated", attribute.text), key
            assert re.search(r"[$£€]\d", attribute.text), key


def test_no_name_stands_for_two_things(store):
    vocabulary = store.vocabulary
    seen = Counter()
    for terms in (vocabulary.treatments, vocabulary.regions, vocabulary.body_areas):
        for term in terms.values():
            seen.update({word.lower() for word in (*term.aliases, *term.misspellings)})
    assert [word for word, count in seen.items() if count > 1] == []


# Files


@pytest.mark.parametrize("path", sorted(FACTS.glob("*.yml")), ids=lambda path: path.name)
def test_no_line_begins_with_a_key_of_rasa(path):
    lines = [line for line in path.read_text(encoding="utf8").splitlines() if re.match(rf"\s*(?:- )?({'|'.join(RASA_KEYS)}):", line)]
    assert lines == [], "Rasa reads every YAML in data/ and would take it for its own"


def test_every_file_of_facts_is_read_by_something(store):
    from bot.content_rules import EXCEPTIONS

    known = {
        *(f"{topic}.yml" for topic in (*store.topics, *added())),
        "references.yml",
        "vocabulary.yml",
        "warning_signs.yml",
        "wording.yml",
        SIGNATURES,
        EXCEPTIONS,
    }
    assert {path.name for path in FACTS.iterdir()} == known
