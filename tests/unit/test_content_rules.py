"""The rules of content: each can be broken, says so in one line, and takes an exception with its reason."""

import datetime

import pytest

from bot import content_rules
from bot.clinic import Clinic, ClinicError
from bot.content_rules import Exceptions, Exempt, counts, grades, lapsed, promises, reading_grade, warnings
from bot.facts import FactError, FactStore

TODAY = datetime.date(2026, 11, 22)


def facts(store):
    return [*(fact for topic in store.topics.values() for fact in topic.facts), *store.warning_signs.facts]


def found(small, clinic=None, responses=None, exceptions=None, today=TODAY):
    """What breaks a rule in the small store, apart from its too few facts."""
    lines = warnings(small.load(), clinic or Clinic(), responses or {}, exceptions or Exceptions(), today)
    return [line for line in lines if " facts, and " not in line]


def test_small_store_breaks_no_rule_but_the_counts(small):
    assert found(small) == []


# Promises


@pytest.mark.parametrize(
    "text",
    [
        "It is safe.", "It works safely.", "Results are guaranteed.", "We guarantee it.", "The effect is permanent.", "Lifts permanently.",
        "The best treatment.", "A proven treatment.", "It cures wrinkles.", "A cure.", "It is risk-free.", "PAINLESS!", "A miracle.",
    ],
)  # fmt: skip
def test_promises_are_found(text):
    assert len(promises([("cost.yml, fact cost.one", text)], ())) == 1


@pytest.mark.parametrize("text", ["Safety is not known.", "It is unsafe.", "secure", "bestow", "unproven", "accurate", "impermanent", "procured"])
def test_promises_are_not_found_within_other_words(text):
    assert promises([("x", text)], ()) == []


def test_promise_names_the_place_and_the_word():
    (line,) = promises([("cost.yml, fact cost.one", "Safe and safe.")], ())
    assert line.startswith("cost.yml, fact cost.one: 'safe' reads like a promise")
    assert "exceptions.yml" in line


def test_promise_with_an_exception_is_let_through():
    exempt = [Exempt(where="cost.yml, fact cost.one", word="safe", reason="negated")]
    assert promises([("cost.yml, fact cost.one", "Not Safe.")], exempt) == []


@pytest.mark.parametrize("change", [{"word": "best"}, {"where": "cost.yml, fact cost.two"}])
def test_exception_that_no_longer_applies_is_told(change):
    exempt = [Exempt(**{"where": "cost.yml, fact cost.one", "word": "safe", "reason": "negated", **change})]
    lines = promises([("cost.yml, fact cost.one", "Not safe.")], exempt)
    assert len(lines) == 2
    assert lines[1].startswith("exceptions.yml, promises:")


def spoil(small, file, text):
    content = small.get(file)
    if file == "vocabulary.yml":
        content["treatments"]["peel"]["lasts"] = [{"text": text, "facts": ["cost.one"]}]
    elif file == "warning_signs.yml":
        content["steadying"] = text
    elif file == "wording.yml":
        small[file] = (small.folder / file).read_text(encoding="utf8").replace("no_more: That", f"no_more: {text} That")
    else:
        content["facts"][0]["detail"] = text


@pytest.mark.parametrize("file", ["cost.yml", "vocabulary.yml", "warning_signs.yml", "wording.yml"])
def test_promises_are_looked_for_in_every_file(small, file):
    spoil(small, file, "Nothing is as safe.")
    (line,) = found(small)
    assert line.startswith(f"{file}, ")


@pytest.mark.parametrize("field", ["opening", "label", "about", "unknown"])
def test_promises_are_looked_for_in_every_text_of_a_topic(small, field):
    content = small["cost.yml"]
    (content["answers"][0] if field == "opening" else content)[field] = "The best of all."
    (line,) = found(small)
    assert line.startswith("cost.yml, answer main:" if field == "opening" else f"cost.yml, {field}:")


def test_promises_tell_answers_apart(small):
    answers = small["cost.yml"]["answers"]
    answers.append({**answers[0], "region": "UK", "opening": "The best in the UK."})
    assert found(small)[0].startswith("cost.yml, answer main for UK:")


def test_promises_are_looked_for_in_the_clinic_and_the_domain(small):
    clinic = Clinic(opening_message="Ask us about our safe treatment.")
    lines = found(small, clinic, {"utter_greet": [{"text": "Welcome to the best clinic."}]})
    assert [line.split(":")[0] for line in lines] == ["clinic.yml, opening_message", "domain.yml, responses, utter_greet, text"]


def test_how_visitors_ask_is_no_promise(small):
    small["cost.yml"]["answers"][0]["asks"] = ["is it safe"]
    assert found(small) == []


# Reading grade


HARD = "Notwithstanding considerable methodological heterogeneity, investigators characterised rejuvenation interventions optimistically."


def test_grade_of_a_hard_file_is_told(small):
    small["cost.yml"]["facts"][0]["claim"] = HARD
    small["cost.yml"]["answers"][0]["opening"] = HARD
    (line,) = grades(small.load())
    assert line.startswith("cost.yml: median reading grade")
    assert "shorter" in line


def test_grade_is_the_median(small):
    small["cost.yml"]["facts"][0]["claim"] = HARD
    small["cost.yml"]["answers"] *= 2
    small["cost.yml"]["answers"][1] = {**small["cost.yml"]["answers"][0], "id": "other"}
    assert grades(small.load()) == []


def test_grade_excepts_terms_of_the_subject():
    assert reading_grade("Mesotherapy uses hyaluronic acid.") == reading_grade("Term uses term acid.")
    assert reading_grade("Rehabilitation uses hyaluronic acid.") > reading_grade("Mesotherapy uses hyaluronic acid.")


# Dates, tiers, counts


def test_lapsed_facts_are_told(small):
    store = small.load()
    assert lapsed(facts(store), datetime.date(2027, 11, 22)) == []
    lines = lapsed(facts(store), datetime.date(2027, 11, 23))
    assert len(lines) == 19
    assert lines[1].startswith("cost.yml, fact cost.one: due since 2027-11-22")


@pytest.mark.parametrize("topic", ["regulation", "safety", "candidates"])
@pytest.mark.parametrize("also", [False, True])
def test_tier_c_alone_carries_no_heavy_topic(small, topic, also):
    file = "pain.yml" if also else f"{topic}.yml"
    fact = small[file]["facts"][0]
    fact.update(sources=["page"], claim="One clinic's page says so.", **({"also": [topic]} if also else {}))
    (line,) = found(small)
    assert line.startswith(f"{file}, fact {fact['id']}: a page of tier C alone cannot carry {topic}")
    fact["sources"] = ["page", "paper"]
    assert found(small) == []


def test_tier_c_alone_says_what_it_is(small):
    fact = small["pain.yml"]["facts"][0]
    fact.update(sources=["page"], claim="It hurts little.")
    (line,) = found(small)
    assert line.startswith("pain.yml, fact pain.one: rests on tier C alone: say so in the claim")
    for claim in ("One clinic's page says it hurts little.", "A consumer guide says so.", "Clinics say so."):
        fact["claim"] = claim
        assert found(small) == []


def test_tier_exception_is_let_through_and_told_when_idle(small):
    exceptions = Exceptions(tiers=[Exempt(where="pain.yml, fact pain.one", reason="a caution")])
    (line,) = found(small, exceptions=exceptions)
    assert line.startswith("exceptions.yml, tiers: pain.yml, fact pain.one keeps the rule now")
    small["pain.yml"]["facts"][0].update(sources=["page"], claim="Ask first.")
    assert found(small, exceptions=exceptions) == []


def test_counts_want_eight_facts_of_core_topics_and_four_of_others(small):
    assert len(counts(small.load())) == 18
    for name in ("cost", "pain"):
        file = small[f"{name}.yml"]
        file["facts"] = [{**file["facts"][0], "id": f"{name}.{word}"} for word in ("one", "two", "three", "four")]
    lines = counts(small.load())
    assert any(line.startswith("cost.yml: 4 facts, and 8 are needed") for line in lines)
    assert not any(line.startswith("pain.yml") for line in lines)


def test_counts_take_facts_of_other_topics(small):
    for name in ("cost", "safety", "uses"):
        small[f"{name}.yml"]["facts"][0]["also"] = ["pain"]
    assert not any(line.startswith("pain.yml") for line in counts(small.load()))


# Exceptions and the command


def test_exceptions_may_be_missing(tmp_path):
    assert Exceptions.load(tmp_path) == Exceptions()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("promise: []", "exceptions.yml, field promise"),
        ("tiers: [{where: x}]", "exceptions.yml, field tiers.0.reason"),
        ("tiers: [{where: x, reason: ''}]", "exceptions.yml, field tiers.0.reason"),
        ("tiers: [", "exceptions.yml, line 1: not valid YAML"),
        ("- x", "exceptions.yml: expected"),
    ],
)
def test_exceptions_name_what_does_not_fit(tmp_path, content, told):
    (tmp_path / "exceptions.yml").write_text(content)
    with pytest.raises(FactError, match=r"exceptions\.yml") as caught:
        Exceptions.load(tmp_path)
    assert str(caught.value).startswith(told)


def test_main_passes_this_repository(monkeypatch, capsys):
    monkeypatch.setattr(content_rules, "lapsed", lambda facts, today: [])
    assert content_rules.main() == 0
    assert capsys.readouterr().out == "The rules of content hold.\n"


def test_main_fails_on_a_broken_rule(monkeypatch, capsys):
    monkeypatch.setattr(content_rules, "counts", lambda store: ["cost.yml: too few"])
    monkeypatch.setattr(content_rules, "lapsed", lambda facts, today: [])
    assert content_rules.main() == 1
    printed = capsys.readouterr()
    assert printed.err == "cost.yml: too few\n"
    assert printed.out == "Rules of content broken: 1\n"


def test_main_warns_of_void_signatures_and_passes(monkeypatch, capsys):
    monkeypatch.setattr(content_rules, "lapsed", lambda facts, today: [])
    monkeypatch.setattr(content_rules, "void", lambda store: ["signatures.yml: cost.one has changed"])
    assert content_rules.main() == 0
    printed = capsys.readouterr()
    assert printed.err == "Warning: signatures.yml: cost.one has changed\n"
    assert printed.out == "The rules of content hold.\n"


@pytest.mark.parametrize(("where", "error"), [(FactStore, FactError("cost.yml, fact x: no")), (Clinic, ClinicError("clinic.yml, field y: no"))])
def test_main_tells_what_does_not_fit(monkeypatch, capsys, where, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(where, "load", fail)
    assert content_rules.main() == 1
    assert capsys.readouterr().err == f"{error}\n"
