"""The fact store: what it holds, and that whatever does not fit is told by file, entry and field."""

import copy
import datetime
import functools

import pytest

from bot.facts import FactError, FactStore, load_vocabulary

COST = "cost.yml"


def fact(small, file=COST):
    return small[file]["facts"][0]


def answer(small, file=COST):
    return small[file]["answers"][0]


def test_store_loads_what_fits(small):
    store = small.load()
    assert len(store.facts) == 19
    assert store.sources["paper"].read == datetime.date(2026, 11, 22)
    assert store.facts["cost.one"].topic == "cost"


# Files


@pytest.mark.parametrize("name", ["references.yml", "vocabulary.yml", "wording.yml", "warning_signs.yml", COST])
def test_store_names_a_missing_file(small, name):
    small.load()
    (small.folder / name).unlink()
    small.pop(name, None)
    assert small.problem().startswith(f"{name}: the file is missing")


def test_store_names_the_line_of_broken_yaml(small):
    small[COST] = "topic: cost\nfacts: [\n"
    assert small.problem().startswith("cost.yml, line 2: not valid YAML: something ends too early")


@pytest.mark.parametrize("content", ["", "just words", "- a\n- b\n"])
def test_store_wants_a_mapping(small, content):
    small[COST] = content
    assert small.problem().startswith("cost.yml: expected a mapping")


def test_store_wants_utf8(small):
    small.load()
    del small[COST]
    (small.folder / COST).write_bytes(b"topic: co\xffst")
    assert small.problem().startswith("cost.yml: not a text file in UTF-8")


# References


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("published", None, "field published"),
        ("published", "May 2019", "field published: 'May 2019' is not a date"),
        ("updated", "2019-5", "field updated: '2019-5' is not a date"),
        ("read", None, "field read"),
        ("read", "yesterday", "field read"),
        ("tier", "D", "field tier"),
        ("title", None, "field title"),
        ("titel", "A paper", "field titel"),
    ],
)
def test_store_names_the_field_of_a_source(small, field, value, told):
    small["references.yml"]["sources"]["paper"][field] = value
    if value is None:
        del small["references.yml"]["sources"]["paper"][field]
    assert small.problem().startswith(f"references.yml, source paper, {told}")


@pytest.mark.parametrize("content", [{"paper": {}}, {"sources": None}, {"sources": ["paper"]}])
def test_store_wants_sources_by_name(small, content):
    small["references.yml"] = content
    assert small.problem().startswith("references.yml, field sources: ")


def test_store_wants_fields_of_a_source(small):
    small["references.yml"]["sources"]["paper"] = "A paper"
    assert small.problem().startswith("references.yml, source paper: expected fields")


# Facts


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("sources", ["papre"], "field sources: unknown source 'papre'"),
        ("sources", [], "field sources: needs at least one entry"),
        ("claim", None, "field claim"),
        ("claims", "x", "field claims"),
        ("region", "Mars", "field region"),
        ("review_by", "soon", "field review_by"),
        ("also", ["price"], "field also: 'price' is not a topic"),
        ("beside", ["cost.two"], "field beside: there is no fact 'cost.two'"),
        ("treatment", "peeling", "field treatment: 'peeling' is not another treatment"),
        ("treatment", "mesotherapy", "field treatment: 'mesotherapy' is not another treatment"),
        ("treatment", "peel", "field claim: is about peel and must name it"),
        ("region", "UK", "field claim: is about UK and must name it"),
        ("claim", "A session costs 250 in all.", "field claim: a price needs its currency"),
        ("claim", "A session costs £250 in 2019.", "field claim: a price needs its country"),
        ("claim", "A session costs £250 in the UK.", "field claim: a price needs its year"),
    ],
)
def test_store_names_the_field_of_a_fact(small, field, value, told):
    fact(small)[field] = value
    if value is None:
        del fact(small)[field]
    assert small.problem().startswith(f"cost.yml, fact cost.one, {told}")


@pytest.mark.parametrize(
    "claim",
    [
        "A session costs £250 in the UK (2019).",
        "An undated page (read in 2026) says 250 dollars in the US.",
        "It costs more time than money.",
    ],
)
def test_store_takes_a_price_with_all_that_it_needs(small, claim):
    fact(small)["claim"] = claim
    small.load()


def test_store_wants_a_full_price_where_cost_is_only_another_topic(small):
    fact(small, "alternatives.yml").update(also=["cost"], claim="A peel costs £60.")
    assert small.problem().startswith("alternatives.yml, fact alternatives.one, field claim: a price needs its country")


def test_store_takes_a_mark_for_the_region(small):
    fact(small).update(region="US", claim="The FDA says so.")
    small.load()


def test_store_refuses_an_id_used_twice(small):
    small[COST]["facts"].append({**fact(small), "claim": "Another."})
    assert small.problem().startswith("cost.yml, fact cost.one, field id: already used in cost.yml")


def test_store_wants_the_topic_in_the_id(small):
    fact(small)["id"] = "price.one"
    answer(small)["facts"] = ["price.one"]
    assert small.problem().startswith("cost.yml, fact price.one, field id: must begin with 'cost.'")


@pytest.mark.parametrize("entry", ["words", None, ["x"]])
def test_store_wants_fields_of_a_fact(small, entry):
    small[COST]["facts"].append(entry)
    assert small.problem().startswith("cost.yml, fact number 2: expected fields")


def test_store_names_a_fact_without_id_by_its_number(small):
    small[COST]["facts"].append({"claim": "x", "sources": ["paper"]})
    assert small.problem().startswith("cost.yml, fact number 2, field id")


def test_fact_is_due_a_year_after_its_oldest_reading(small):
    fact(small)["sources"] = ["paper", "page"]
    found = small.load().facts["cost.one"]
    assert found.review_by == datetime.date(2027, 10, 1)
    assert not found.lapsed(datetime.date(2027, 10, 1))
    assert found.lapsed(datetime.date(2027, 10, 2))


def test_fact_read_on_a_leap_day_is_due_too(small):
    small["references.yml"]["sources"]["paper"]["read"] = "2028-02-29"
    assert small.load().facts["cost.one"].review_by == datetime.date(2029, 3, 1)


def test_fact_keeps_a_date_of_its_own(small):
    fact(small)["review_by"] = "2027-01-31"
    assert small.load().facts["cost.one"].review_by == datetime.date(2027, 1, 31)


def test_nothing_is_signed_off_unless_someone_signs(small):
    assert small.load().facts["cost.one"].signed_off_by == ""


# Topics and answers


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("topic", "costs", "cost.yml, field topic: 'costs' must be 'cost'"),
        ("label", None, "cost.yml, field label"),
        ("unknown", None, "cost.yml, field unknown"),
        ("facts", [], "cost.yml, field facts: needs at least one entry"),
        ("answers", [], "cost.yml: an answerable topic needs at least one fact and one answer"),
        ("notes", "x", "cost.yml, field notes"),
        ("unknown", "Nothing on {treatmnt}.", "cost.yml, field unknown: {treatmnt} is not filled in here"),
    ],
)
def test_store_names_the_field_of_a_topic(small, field, value, told):
    small[COST][field] = value
    if value is None:
        del small[COST][field]
    assert small.problem().startswith(told)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("facts", ["cost.two"], "field facts: there is no fact 'cost.two'"),
        ("facts", ["safety.one"], "field facts: safety.one is of topic safety"),
        ("treatment", "peeling", "field treatment: 'peeling' is not in vocabulary.yml"),
        ("treatment", "peel", "field facts: cost.one is not about peel"),
    ],
)
def test_store_names_the_field_of_an_answer(small, field, value, told):
    answer(small)[field] = value
    assert small.problem().startswith(f"cost.yml, answer main, {told}")


def test_store_names_an_opening_that_is_missing(small):
    del answer(small)["opening"]
    assert small.problem().startswith("cost.yml, field answers.0.opening")


def test_store_refuses_a_number_that_no_fact_carries(small):
    answer(small)["opening"] = "It has been so in 7 studies."
    assert "answer main: the number 7 stands in none of its facts (cost.one)" in small.problem()


@pytest.mark.parametrize("opening", ["It has been so since 2019.", "It has been so in 7 studies."])
def test_store_takes_numbers_of_dates_and_details(small, opening):
    fact(small)["detail"] = "There were 7 studies."
    answer(small)["opening"] = opening
    small.load()


# Vocabulary, warning signs and wording


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lasts": [{"text": "long", "facts": ["cost.two"]}]}, "treatment peel, field lasts, field facts: there is no fact 'cost.two'"),
        ({"lasts": [{"text": "9 months", "facts": ["cost.one"]}]}, "treatment peel, field lasts: the number 9 stands in none of its facts"),
        ({"same_as": "peeling"}, "treatment peel, field same_as: 'peeling' is not in vocabulary.yml"),
        ({"aliases": []}, "field treatments.peel.aliases: needs at least one entry"),
        ({"alias": ["x"]}, "field treatments.peel.alias"),
        ({"lasts": [{"text": "long", "facts": []}]}, "field treatments.peel.lasts.0.facts: needs at least one entry"),
    ],
)
def test_store_names_what_is_wrong_in_the_vocabulary(small, change, told):
    small["vocabulary.yml"]["treatments"]["peel"].update(change)
    assert small.problem().startswith(f"vocabulary.yml, {told}")


@pytest.mark.parametrize("group", ["treatments", "regions", "body_areas"])
def test_store_wants_every_group_of_the_vocabulary(small, group):
    del small["vocabulary.yml"][group]
    assert small.problem().startswith(f"vocabulary.yml, field {group}")


@pytest.mark.parametrize("region", ["US", "UK", "EU", "Canada"])
def test_store_wants_every_region(small, region):
    del small["vocabulary.yml"]["regions"][region]
    assert small.problem().startswith(f"vocabulary.yml, field regions: {region} is missing")


def test_store_wants_mesotherapy_among_the_treatments(small):
    del small["vocabulary.yml"]["treatments"]["mesotherapy"]
    assert small.problem().startswith("vocabulary.yml, field treatments: mesotherapy is missing")


def test_store_checks_the_facts_of_an_alarm(small):
    small["warning_signs.yml"]["levels"]["today"]["facts"] = ["warning_signs.two"]
    assert small.problem().startswith("warning_signs.yml, level today, field facts: there is no fact 'warning_signs.two'")


@pytest.mark.parametrize("level", ["ambulance", "today", "clinic", "crisis"])
@pytest.mark.parametrize("group", ["levels", "doubt"])
def test_store_wants_every_level(small, group, level):
    del small["warning_signs.yml"][group][level]
    assert small.problem().startswith(f"warning_signs.yml, field {group}: {level} is missing")


def test_store_wants_numbers_for_every_country(small):
    del small["warning_signs.yml"]["numbers"]["any"]
    assert small.problem().startswith("warning_signs.yml, field numbers: any is missing")


def test_store_refuses_an_emergency_number_that_no_fact_carries(small):
    small["warning_signs.yml"]["numbers"]["UK"].update(emergency="998", rests_on=["warning_signs.one"])
    assert small.problem().startswith("warning_signs.yml, numbers UK: the number 998 stands in none of its facts")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "no_more: That is all that our sources say about {about}.",
            "no_more: All about {abuot}.",
            "field no_more: {abuot} is not filled in here",
        ),
        ("clarify_again:", "clarify_agian:", "field clarify_again"),
        ("  general: I cannot", "  genral: I cannot", "field personal: 'genral' is not known here; what can be is general"),
        ("  general: I cannot judge your own case from a chat. Only", "  # Only", "field personal: general is missing"),
        ("  robot: [are you", "  # [are you", "field bot_asks: robot is missing"),
        ("{name} on {phone}.'", "{name} on {telephone}.'", "field referral.2: {telephone} is not filled in here; what can be is name,"),
    ],
)
def test_store_names_what_is_wrong_in_the_wording(small, old, new, told):
    text = (small.folder / "wording.yml").read_text(encoding="utf8")
    assert old in text
    small["wording.yml"] = text.replace(old, new)
    assert told in small.problem()
    assert small.problem().startswith("wording.yml, field")


# What the store answers


@pytest.mark.parametrize(
    ("dates", "said", "sorted_by"),
    [
        ({"published": "2009-11-16", "updated": "2018-10-18"}, "2009-11-16, updated 2018-10-18", "2009-11-16"),
        ({"published": "2009-11-16"}, "2009-11-16", "2009-11-16"),
        ({"published": "undated"}, "undated page, read November 2026", "2026-11-22"),
        ({"published": "undated", "updated": "2020"}, "updated 2020", "2020"),
        ({"published": "undated", "reviewed_by_publisher": "2021-03"}, "reviewed 2021-03", "2021-03"),
    ],
)
def test_source_says_its_date(small, dates, said, sorted_by):
    source = small["references.yml"]["sources"]["paper"]
    small["references.yml"]["sources"]["paper"] = {**source, **dates}
    found = small.load().sources["paper"]
    assert (found.date, found.sort_date) == (said, sorted_by)


def test_as_of_is_the_oldest_date(small):
    fact(small)["sources"] = ["page", "paper"]
    store = small.load()
    assert store.as_of("cost.one") == "2019-05"
    assert [source.id for source in store.sources_of("cost.one", "safety.one")] == ["page", "paper"]


def test_answers_put_the_facet_first_and_then_the_region(small):
    answers = small[COST]["answers"]
    answers.append({**answers[0], "id": "main", "region": "UK"})
    answers.append({**answers[0], "id": "other"})
    answers.append({**answers[0], "id": "other", "region": "EU"})
    store = small.load()

    def found(facet, region):
        return [(one.id, one.region) for one in store.answers("cost", facet, "mesotherapy", region)]

    assert found(None, "UK") == [("main", "UK"), ("main", "any"), ("other", "any")]
    assert found("other", "UK") == [("other", "any"), ("main", "UK"), ("main", "any")]
    assert found("other", "EU") == [("other", "EU"), ("other", "any"), ("main", "any")]


def test_answers_never_serve_another_treatment(small):
    fact(small)["treatment"] = "peel"
    fact(small)["claim"] = "A peel is so."
    answer(small)["treatment"] = "peel"
    store = small.load()
    assert store.answers("cost", "main", "mesotherapy", "any") == []
    assert len(store.answers("cost", "main", "peel", "any")) == 1


def test_subject_sees_through_names_of_mesotherapy(store):
    assert store.subject("mesoglow") is None
    assert store.subject("mesotherapy") is None
    assert store.subject("peel") == "peel"


def test_asks_name_topic_and_facet(small):
    asks = small.load().asks
    assert ("cost", "main", "what of it") in asks
    assert {"contact", "bot"} < {topic for topic, _, _ in asks}


def test_vocabulary_loads_alone(small):
    small.load()
    (small.folder / COST).unlink()
    assert "peel" in load_vocabulary(small.folder).treatments


def test_store_leaves_files_alone_that_are_not_its_own(small):
    small["notes.yml"] = "anything"
    small.load()


def test_fact_error_is_a_value_error():
    assert issubclass(FactError, ValueError)


def test_facts_cannot_be_changed(store):
    with pytest.raises(TypeError):
        next(iter(store.facts.values())).claim = "something else"


def test_store_of_this_repository_fits():
    assert FactStore.load().facts


def test_lapsed_facts_are_a_line_in_the_log(small, caplog):
    small.load()
    assert not caplog.records
    small["cost.yml"]["facts"][0]["review_by"] = small["pain.yml"]["facts"][0]["review_by"] = "2020-01-01"
    small.load()
    assert [record.getMessage() for record in caplog.records] == ["2 facts are past their review_by; `make check` names them"]


# Whatever a slip of the hand makes of a file


def places(value, before=()):
    """Every place in nested lists and fields, as the steps to it."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*before, key)
        yield from places(inner, (*before, key))


@pytest.mark.parametrize("slip", [5, "x", None, True, [], [5], [None], {"a": 1}], ids=str)
def test_store_tells_of_every_slip_by_its_file(small, slip):
    told, before = set(), small["pain.yml"]
    for path in places(before):
        content = copy.deepcopy(before)
        inner = functools.reduce(lambda node, key: node[key], path[:-1], content)
        inner[path[-1]] = slip
        small["pain.yml"] = content
        try:
            small.load()
        except FactError as error:
            told.add(str(error))
    assert told
    assert all(problem.startswith(("pain.yml, ", "pain.yml: an answerable topic")) for problem in told), told
