"""Signatures: what they cover, what voids them, how they are written, and what replies say of them."""

import copy
import datetime
import os
import shutil

import pytest
import yaml

from bot.clinic import Clinic
from bot.composer import Composer
from bot.facts import FACTS, SIGNATURES, SIGNED_OFF, FactStore
from bot.reading import Question
from bot.signatures import SignatureError, mark, sign, void

ADA, BEN = "Dr Ada Osei, consultant dermatologist", "Ben Ito, nurse"
TODAY = datetime.date(2026, 11, 25)
COST, REFERENCES = "cost.yml", "references.yml"


def fact(small):
    return small[COST]["facts"][0]


def source(small, name="paper"):
    return small[REFERENCES]["sources"][name]


def signed(small, *facts, by=ADA):
    """Sign facts of the small store, and load it anew."""
    sign(small.load(), facts or ("cost.one",), by, TODAY, small.folder)
    return small.load()


def problem(small, *facts, by=ADA):
    """The text of the SignatureError that signing raises, having written nothing."""
    store, path = small.load(), small.folder / SIGNATURES
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(SignatureError) as caught:
        sign(store, facts or ("cost.one",), by, TODAY, small.folder)
    assert (path.read_bytes() if path.exists() else None) == before
    assert [left.name for left in small.folder.iterdir() if left.name.startswith(".")] == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def facts(tmp_path):
    """A copy of the real data/facts/."""
    return shutil.copytree(FACTS, tmp_path / "facts")


def checked(folder):
    """What replies say when asked whether a doctor has checked this."""
    return Composer(FactStore.load(folder), Clinic()).answer([Question("sources", "doctor_checked")])


# What a signature covers


def test_signature_tells_who_signed_what_and_when(small):
    store = signed(small)
    assert store.facts["cost.one"].signed_off_by == ADA
    assert store.signatures["cost.one"].date == TODAY
    assert store.facts["safety.one"].signed_off_by == ""
    assert store.void_signatures == []


@pytest.mark.parametrize(
    "change",
    [
        lambda small: fact(small).update(claim="A paper says that it is so, perhaps."),
        lambda small: fact(small).update(claim="A paper says that it is so. "),
        lambda small: fact(small).update(detail="It had 7 pages."),
        lambda small: fact(small).update(sources=["paper", "page"]),
        lambda small: fact(small).update(sources=["page"]),
        lambda small: fact(small).update(beside=["safety.one"]),
        lambda small: source(small).update(title="Another paper"),
        lambda small: source(small).update(publisher="Another journal"),
        lambda small: source(small).update(url="https://paper.example"),
        lambda small: source(small).update(evidence="opinion"),
        lambda small: source(small).update(tier="B"),
        lambda small: source(small).update(published="2018-05"),
        lambda small: source(small).update(updated="2020"),
        lambda small: source(small).update(reviewed_by_publisher="2020"),
    ],
)
def test_change_of_what_can_be_seen_voids_a_signature(small, change):
    signed(small, "cost.one")
    before = copy.deepcopy(dict(small))
    change(small)
    store = small.load()
    assert store.facts["cost.one"].signed_off_by == ""
    assert [one.fact for one in store.void_signatures] == ["cost.one"]
    small.update(before)
    assert small.load().facts["cost.one"].signed_off_by == ADA, "as it was signed, it is signed"


@pytest.mark.parametrize("change", [{"region": "UK"}, {"treatment": "peel"}])
def test_change_of_what_a_fact_is_about_voids_a_signature(small, change):
    fact(small)["claim"] = "A paper says that a peel is so in the US and in the UK."
    signed(small)
    fact(small).update(change)
    assert small.load().void_signatures


def test_order_of_sources_is_seen(small):
    fact(small)["sources"] = ["paper", "page"]
    signed(small)
    fact(small)["sources"] = ["page", "paper"]
    assert small.load().void_signatures


def test_day_of_reading_is_seen_where_it_dates_the_source(small):
    fact(small)["sources"] = ["page"]
    signed(small, "cost.one", "safety.one")
    source(small, "page")["read"] = source(small, "paper")["read"] = "2027-10-01"
    assert [one.fact for one in small.load().void_signatures] == ["cost.one"]


@pytest.mark.parametrize(
    "change",
    [
        lambda small: fact(small).update(also=["pain"]),
        lambda small: fact(small).update(review_by="2030-01-01"),
        lambda small: small[COST]["answers"][0].update(opening="So it is."),
        lambda small: small["pain.yml"]["facts"][0].update(claim="A paper says something else."),
        lambda small: source(small, "page").update(title="Another page"),
    ],
)
def test_other_changes_leave_a_signature_as_it_is(small, change):
    signed(small)
    change(small)
    assert small.load().void_signatures == []


def test_every_fact_has_a_digest_of_its_own(store):
    assert len({store.digest(fact_id) for fact_id in store.facts}) == len(store.facts)


def test_void_signature_can_be_signed_anew(small):
    signed(small)
    fact(small)["claim"] = "A paper says that it may be so."
    store = signed(small, by=BEN)
    assert store.facts["cost.one"].signed_off_by == BEN
    assert store.void_signatures == []
    assert (small.folder / SIGNATURES).read_text().count("fact: cost.one") == 2, "what was signed before stays on record"


def test_void_signatures_are_told_with_what_to_do(small):
    signed(small, "cost.one", "pain.one")
    fact(small)["claim"] = "A paper says that it may be so."
    pain = small["pain.yml"]
    pain["facts"][0]["id"] = "pain.two"
    pain["answers"][0]["facts"] = ["pain.two"]
    assert void(small.load()) == [
        f"signatures.yml: cost.one has changed since {ADA} signed it on 2026-11-25: have it read and signed again",
        f"signatures.yml: pain.one, which {ADA} signed on 2026-11-25, is no longer a fact: delete the entry",
    ]


def test_signed_off_by_is_not_written_by_hand(small):
    fact(small)["signed_off_by"] = "Dr Nobody, dermatologist"
    assert small.problem().startswith("cost.yml, fact cost.one, field signed_off_by: is not written by hand: run `python -m bot sign`")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("signatures: Ada", "field signatures: expected a list"),
        ("signatures: [Ada]", "signature number 1: expected fields"),
        ("signatures: [{fact: cost.one, by: Ada, date: 2026-11-25, digest: x}]", "signature number 1, field by: 'Ada' is not"),
        ("signatures: [{fact: cost.one, by: 'Ada, doctor', digest: x}]", "signature number 1, field date"),
    ],
)
def test_store_names_what_is_wrong_with_signatures(small, content, told):
    small[SIGNATURES] = content
    assert small.problem().startswith(f"signatures.yml, {told}")


# Signing


def test_sign_keeps_comments_and_layout(small):
    written = "# Who signed.\nsignatures:\n\n  # the first\n"
    store = small.load()
    (small.folder / SIGNATURES).write_text(written)
    sign(store, ["cost.one"], ADA, TODAY, small.folder)
    first = (small.folder / SIGNATURES).read_text()
    sign(small.load(), ["pain.one", "uses.one", "pain.one"], BEN, TODAY, small.folder)
    second = (small.folder / SIGNATURES).read_text()
    assert first.startswith(written.rstrip("\n"))
    assert second.startswith(first)
    assert list(small.load().signatures) == ["cost.one", "pain.one", "uses.one"]


def test_sign_touches_no_other_file(facts):
    before = {path.name: path.read_bytes() for path in facts.iterdir() if path.name != SIGNATURES}
    sign(FactStore.load(facts), ["cost.session_uk"], ADA, TODAY, facts)
    assert {path.name: path.read_bytes() for path in facts.iterdir() if path.name != SIGNATURES} == before


@pytest.mark.parametrize(
    "by", ['Zoë "Zo" O’Neill-Østergård: MD #1, dermatologist & head', "yes, null", "  Ada   Osei ,dermatologist ", "Dr Ada, MD, dermatologist"]
)
def test_sign_writes_any_name(small, by):
    found = signed(small, by=by).facts["cost.one"].signed_off_by
    assert found.replace(" ", "") == by.replace(" ", "")
    assert "  " not in found
    assert ", " in found


def test_sign_takes_a_fact_as_it_was_read(small):
    read = mark(small.load(), "cost.one")
    assert signed(small, read).facts["cost.one"].signed_off_by == ADA


def test_sign_refuses_a_fact_that_changed_since_it_was_read(small):
    read = mark(small.load(), "cost.one")
    fact(small)["claim"] = "A paper says that it may be so."
    assert problem(small, read).startswith("cost.one is not as it was when the page was made")


@pytest.mark.parametrize(
    "by",
    [
        "",
        ",",
        "Dr Ada Osei",
        "Dr Ada Osei,",
        ", dermatologist",
        " , ",
        "1, 2",
        "A\x1b, doctor",
        "A [1], doctor",
        "A {by}, doctor",
        "A, " + "b" * 80,
        "A, " + "b " * 15,
    ],
)
def test_sign_wants_a_name_and_a_role(small, by):
    assert problem(small, by=by).startswith("--by: ")


@pytest.mark.parametrize("by", ["Name, role", "name,role"])
def test_sign_refuses_the_placeholder(small, by):
    assert problem(small, by=by).startswith("Put a name and a role in the place of 'Name, role'")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("cost.onne", "There is no fact 'cost.onne' (did you mean cost.one?)"),
        ("", "There is no fact ''"),
        ("cost.one@ffffffff", "cost.one is not as it was when the page was made"),
        ("cost.one@", "cost.one is signed off already"),
        ("cost.one", f"cost.one is signed off already, by {ADA} on 2026-11-25, and has not changed since"),
    ],
)
def test_sign_signs_all_or_none(small, named, told):
    signed(small, "cost.one")
    assert problem(small, "pain.one", named, by=BEN).startswith(told)
    assert small.load().facts["pain.one"].signed_off_by == ""


@pytest.mark.parametrize("content", ["signatures: []\n", "signatures:\nnotes:\n"])
def test_sign_refuses_a_file_that_it_cannot_add_to(small, content):
    small[SIGNATURES] = content
    assert problem(small).startswith("signatures.yml must end with its list of signatures")


def test_sign_leaves_the_file_whole_when_it_cannot_write(small, monkeypatch):
    signed(small)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert problem(small, "pain.one").endswith("signatures.yml cannot be written: No space left on device")


# What replies say


def test_replies_say_that_nobody_signed(facts):
    reply = checked(facts)
    assert reply.body.startswith("Not yet, as no dermatologist has signed these facts off.")
    assert reply.facts[0] == SIGNED_OFF


def test_replies_say_who_signed_how_many_and_when(facts):
    sign(FactStore.load(facts), ["cost.session_uk", "pain.shallow"], ADA, datetime.date(2026, 11, 25), facts)
    sign(FactStore.load(facts), ["safety.ntm_review"], ADA, datetime.date(2026, 12, 1), facts)
    sign(FactStore.load(facts), ["safety.case_letter"], BEN, datetime.date(2026, 12, 2), facts)
    store = FactStore.load(facts)
    body = checked(facts).body
    assert f"Signed off so far: 4 of the {len(store.facts) - 1} facts of this assistant, by" in body
    assert f"by {ADA} (last on 1 December 2026) and {BEN} (last on 2 December 2026)." in body
    assert "ot yet" not in body


def test_replies_do_not_name_a_void_signature(facts):
    sign(FactStore.load(facts), ["pain.shallow"], ADA, TODAY, facts)
    sign(FactStore.load(facts), ["cost.session_uk"], BEN, TODAY, facts)
    path = facts / "pain.yml"
    content = yaml.safe_load(path.read_text())
    next(one for one in content["facts"] if one["id"] == "pain.shallow")["claim"] += " It may sting."
    path.write_text(yaml.safe_dump(content))
    body = checked(facts).body
    assert FactStore.load(facts).facts["pain.shallow"].signed_off_by == ""
    assert "Signed off so far: 1 of the " in body
    assert f"by {BEN} (last on" in body
    assert "Ada" not in body


def test_replies_say_when_all_is_signed_and_fit_with_long_names(facts):
    store = FactStore.load(facts)
    ids = [fact_id for fact_id in store.facts if fact_id != SIGNED_OFF]
    for number in range(5):
        name = f"Dr {'ABCDE'[number]} O, a b c d e f g h i j k l"
        sign(store, ids[number::5], name, TODAY, facts)
    reply = checked(facts)
    assert reply.body.startswith("All facts are signed off, but none of them is advice on your own case.")
    assert f"All {len(ids)} facts of this assistant are signed off, by Dr A O" in reply.body
    assert "and 3 more." in reply.body
    assert len(reply.body.split()) <= 110


def test_the_fact_that_tells_of_signatures_is_not_signed(facts):
    with pytest.raises(SignatureError, match="tells who signed the others"):
        sign(FactStore.load(facts), [SIGNED_OFF], ADA, TODAY, facts)
    store = FactStore.load(facts)
    entry = {"fact": SIGNED_OFF, "by": ADA, "date": TODAY, "digest": store.digest(SIGNED_OFF)}
    (facts / SIGNATURES).write_text(yaml.safe_dump({"signatures": [entry]}))
    assert FactStore.load(facts).facts[SIGNED_OFF].signed_off_by == ""
