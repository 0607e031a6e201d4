"""What a message names, also where it is misspelt."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.vocabulary import FamiliarNames, VocabularyMatcher


@pytest.fixture(scope="module")
def matcher(store):
    return VocabularyMatcher(store.vocabulary)


def found(matcher, text):
    return [(mention.entity, mention.id) for mention in matcher.find(text)]


@pytest.mark.parametrize(
    ("text", "treatment"),
    [
        ("how much is mesotherapy", "mesotherapy"),
        ("MESOTHERAPY???", "mesotherapy"),
        ("mesotheraphy price", "mesotherapy"),
        ("mezotherapie", "mesotherapy"),
        ("is mesoglo good", "mesoglow"),
        ("mesolifts", "mesolift"),
        ("bottox", "botulinum_toxin"),
        ("hyaluronic acid fillers", "filler"),
        ("hyalauronic acid filler", "filler"),
        ("microneedeling", "microneedling"),
        ("micro needling", "microneedling"),
        ("chemical peals", "peel"),
        ("retin-a", "tretinoin"),
        ("lemon bottle jabs", "fat_dissolving"),
        ("polynuclotide injections", "polynucleotides"),
    ],
)
def test_find_names_the_treatment(matcher, text, treatment):
    assert found(matcher, text) == [("treatment", treatment)]


@pytest.mark.parametrize("text", ["how do you feel", "is there a filter", "can you tell us more", "a taller man", "lower the price", "", "🙂", "  "])
def test_find_names_nothing_where_nothing_is_named(matcher, text):
    assert found(matcher, text) == []


@pytest.mark.parametrize("word", ["feel", "peer", "filter", "killer", "bolox", "loser", "prop", "fix"])
def test_find_has_no_fuzzy_match_for_short_words(matcher, word):
    assert found(matcher, word) == []


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("cost in the US", "US"),
        ("cost in the us", "US"),
        ("in the usa", "US"),
        ("in the uk?", "UK"),
        ("england", "UK"),
        ("germany", "EU"),
        ("Canadian price", "Canada"),
    ],
)
def test_find_names_the_region(matcher, text, region):
    assert found(matcher, text) == [("region", region)]


def test_find_tells_us_from_the_us(matcher):
    assert found(matcher, "tell us in the US") == [("region", "US")]
    assert found(matcher, "would you tell us") == []


def test_find_prefers_the_longest_and_never_overlaps(matcher):
    mentions = matcher.find("hyaluronic acid filler in the under eye area")
    assert [(mention.id, mention.text) for mention in mentions] == [("filler", "hyaluronic acid filler"), ("under_eye", "under eye")]


def test_find_keeps_the_order_and_the_places(matcher):
    text = "is botox or mesoglow better for my neck in the UK"
    mentions = matcher.find(text)
    assert [mention.id for mention in mentions] == ["botulinum_toxin", "mesoglow", "neck", "UK"]
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)


def test_find_knows_every_name_of_the_vocabulary(store, matcher):
    for key, treatment in store.vocabulary.treatments.items():
        for wording in (treatment.name, *treatment.aliases, *treatment.misspellings):
            assert key in [mention.id for mention in matcher.find(wording)], wording


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_find_survives_any_text(matcher, text):
    mentions = matcher.find(text)
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
    assert all(one.end <= other.start for one, other in itertools.pairwise(mentions))


SAID = ["how much is mesotherapy", "mesotherapy or meso", "does MesoGlow hurt", "price in the uk"]


def familiar(vocabulary):
    return FamiliarNames(vocabulary, FamiliarNames.fit(SAID).counts)


def read(vocabulary, text):
    return familiar(vocabulary).read(text, VocabularyMatcher(vocabulary).find(text))


def with_treatment(vocabulary, key, *aliases):
    treatment = vocabulary.treatments[key] if key in vocabulary.treatments else vocabulary.treatments["peel"]
    return vocabulary.copy(update={"treatments": {**vocabulary.treatments, key: treatment.copy(update={"aliases": aliases})}})


def test_new_alias_is_read_as_the_familiar_name(store):
    vocabulary = with_treatment(store.vocabulary, "mesoglow", "mesoglow", "glimmerlift", "silk bath")
    assert read(vocabulary, "Glimmerlift price?") == "mesoglow price?"
    assert read(vocabulary, "is a silk bath or glimerlift safe") == "is a mesoglow or mesoglow safe"


def test_new_treatment_is_read_as_mesotherapy(store):
    vocabulary = with_treatment(store.vocabulary, "glimmerlift", "glimmerlift")
    assert read(vocabulary, "glimmerlift or mesoglow?") == "mesotherapy or mesoglow?"
    assert read(vocabulary, "glimmerlift or mesotherapy?") == "mesoglow or mesotherapy?"


@pytest.mark.parametrize("text", ["MESOTHERAPY or Mesoglow in the UK", "is it safe in germany", "", "🙂"])
def test_familiar_names_and_what_has_none_stay_as_they_are(store, text):
    assert read(store.vocabulary, text) == text


def test_familiar_names_are_kept(store, tmp_path):
    FamiliarNames.fit(SAID).save(tmp_path)
    assert FamiliarNames.load(tmp_path).counts == {"mesotherapy": 2, "meso": 1, "mesoglow": 1, "uk": 1}
