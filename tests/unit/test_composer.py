"""Which facts a reply is made of, and in which order."""

import datetime

import pytest

from bot.clinic import DAYS, Clinic, ClinicError
from bot.composer import DETAIL, MAX_OPTIONS, Composer
from bot.facts import LEVELS, MESOTHERAPY
from bot.reading import Question
from bot.reply import CHOICE, MARK

MONDAY_NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
HOURS = {"monday": "09:00-17:00"}
COUNTRIES = ("US", "UK", "EU", "Canada", "any")


def told(reply):
    return MARK.sub("", reply.body)


# Answers


def test_answer_opens_with_the_answer_and_carries_its_facts(composer, store):
    reply = composer.answer([Question("duration", "permanent")])
    answer = next(one for one in store.topics["duration"].answers if one.id == "permanent")
    assert told(reply).startswith(answer.opening)
    assert set(reply.facts) <= {*answer.facts, *(other for key in answer.facts for other in store.facts[key].beside)}
    assert reply.topics == ("duration",)


def test_answer_without_a_facet_is_the_first_one(composer, store):
    assert told(composer.answer([Question("cost")])).startswith(store.topics["cost"].answers[0].opening)


@pytest.mark.parametrize(
    ("question", "region", "country", "first"),
    [
        (Question("cost", "price"), None, "US", "cost.session_us_article"),
        (Question("cost", "price"), None, "UK", "cost.session_uk"),
        (Question("cost", "price"), "UK", "US", "cost.session_uk"),
        (Question("cost", "price", region="UK"), "US", "US", "cost.session_uk"),
        (Question("duration", "lasts", ("botulinum_toxin",)), None, "UK", "alternatives.botulinum_lasts_uk"),
    ],
)
def test_answer_puts_the_region_of_the_question_before_the_conversation_s_and_the_clinic_s(composer_for, question, region, country, first):
    assert composer_for(country=country).answer([question], region).facts[0] == first


def test_answer_says_where_its_facts_belong(composer, store):
    reply = composer.answer([Question("cost", "price", ("microneedling",), region="UK")])
    assert told(reply).startswith(store.wording.no_region.format(region="the UK"))


def test_answer_tells_what_contests_a_fact_with_it(composer):
    reply = composer.answer([Question("duration", "lasts")])
    place = reply.facts.index("duration.article_days")
    assert reply.facts[place + 1] in composer.store.facts["duration.article_days"].beside


def test_answer_says_that_the_sources_do_not_say(composer):
    reply = composer.answer([Question("cost", "price", ("tretinoin",))])
    assert told(reply).startswith("Our sources give no price for tretinoin.")
    assert all(composer.store.facts[key].treatment == "tretinoin" for key in reply.facts)


def test_answer_about_another_treatment_holds_its_facts_only(composer, store):
    for treatment in ("botulinum_toxin", "filler", "laser", "peel", "microneedling", "prp"):
        reply = composer.answer([Question("alternatives", None, (treatment,))])
        assert {store.facts[key].treatment for key in reply.facts} <= {treatment}


def test_answer_takes_names_of_mesotherapy_for_it(composer):
    assert composer.answer([Question("cost", "price", ("mesoglow",))]).facts == composer.answer([Question("cost", "price")]).facts


@pytest.mark.parametrize(("treatment", "facet"), [("mesoglow", "what_is"), ("mesolift", None)])
def test_answer_explains_the_very_name_that_was_asked_for(composer, store, treatment, facet):
    name = store.vocabulary.treatments[treatment].name
    assert told(composer.answer([Question("definition", facet, (treatment,))])).startswith(f"{name} is one of the names")
    assert composer.answer([Question("definition", "names", (treatment,))]) == composer.answer([Question("definition", "names")])


def test_answer_puts_safety_first(composer):
    assert composer.answer([Question("cost"), Question("pain"), Question("safety")]).topics == ("safety", "cost", "pain")


def test_answer_takes_three_topics_at_most(composer):
    reply = composer.answer([Question(topic) for topic in ("cost", "pain", "duration", "sessions")])
    assert reply.topics == ("cost", "pain", "duration")
    assert len(reply.body.split("\n")) == 3


def test_answer_takes_every_topic_before_a_second_treatment(composer):
    both = ("botulinum_toxin", "filler")
    reply = composer.answer([Question("cost", None, both), Question("pain"), Question("duration", None, both)])
    assert reply.topics == ("cost", "pain", "duration")
    assert len(reply.body.split("\n")) == 3


def test_answer_tells_no_fact_twice(composer):
    reply = composer.answer([Question("effectiveness", "works", ("prp",)), Question("alternatives", None, ("prp",))])
    lines = told(reply).split("\n")
    for key in reply.facts:
        assert told(reply).count(composer.store.facts[key].claim) <= 1
    assert len(lines) == 2


def test_answer_takes_the_same_question_once(composer):
    once = composer.answer([Question("cost", text="how much")])
    assert composer.answer([Question("cost", text="how much"), Question("cost", text="price")]) == once


def test_answer_about_sources_is_the_same_for_all_treatments(composer):
    assert composer.answer([Question("sources", "where_from", ("filler",))]) == composer.answer([Question("sources", "where_from")])


# Prices


@pytest.mark.parametrize("treatment", ["botulinum_toxin", "tretinoin"])
def test_prices_of_prescription_medicines_are_withheld_in_the_uk(composer_for, store, treatment):
    composer = composer_for(country="UK")
    reply = composer.answer([Question("cost", "price", (treatment,))])
    assert told(reply) == store.wording.not_priced.format(treatment=store.vocabulary.treatments[treatment].name)
    assert not reply.facts
    assert reply.referral


def test_prices_of_prescription_medicines_slip_in_nowhere(composer_for, store):
    composer = composer_for(country="UK")
    replies = [composer.compare([MESOTHERAPY, "botulinum_toxin"]), composer.compare(["botulinum_toxin", "filler"], "US")]
    known: list[str] = []
    for topic in ("cost", "alternatives", "duration"):
        question = Question(topic, None, ("botulinum_toxin",))
        replies += [composer.answer([question]), composer.tell_more(question, known), composer.answer([question], "US")]
    for reply in replies:
        botox = [line for line in told(reply).split("\n") if "otulinum" in line or "otox" in line]
        assert not any(sign in line for line in botox for sign in ("£", "$")), botox


def test_prices_of_prescription_medicines_are_not_told_beside_another_fact(small):
    small["vocabulary.yml"]["treatments"]["peel"]["prescription_only"] = True
    fact = small["cost.yml"]["facts"][0]
    fact["beside"] = ["cost.two"]
    small["cost.yml"]["facts"].append({**fact, "id": "cost.two", "beside": [], "treatment": "peel", "claim": "A peel costs £5 in the UK (2019)."})
    store = small.load()
    assert "£5" in Composer(store, Clinic(country="US")).answer([Question("cost")]).body
    assert "£5" not in Composer(store, Clinic(country="UK")).answer([Question("cost")]).body


def test_prices_are_told_where_the_rules_allow_it(composer_for):
    assert "alternatives.botulinum_price_uk" in composer_for(country="US").answer([Question("cost", "price", ("botulinum_toxin",))]).facts
    allowed = composer_for(country="UK", country_rules={"UK": {"price_prescription_medicines": True}})
    assert "£350" in told(allowed.answer([Question("cost", "price", ("botulinum_toxin",))]))


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ({"treatment": "peel", "price": "$90"}, "Test Clinic offers chemical peel at $90."),
        ({"treatment": "peel"}, "Test Clinic offers chemical peel."),
    ],
)
def test_offer_is_told_first_where_the_clinic_makes_one(composer_for, offer, said):
    composer = composer_for(offers=(offer,))
    assert told(composer.answer([Question("cost", "price", ("peel",))])).startswith(said)
    assert said in told(composer.contact("booking", MONDAY_NOON, "peel"))
    assert "offers" not in told(composer.answer([Question("cost", "price")]))


def test_offer_is_not_followed_by_the_sentence_that_own_prices_are_unknown(composer_for, composer):
    asked = [Question("cost", "own_price", ("mesotherapy",))]
    assert "own prices" in told(composer.answer(asked))
    said = told(composer_for(offers=({"treatment": "mesotherapy", "price": "$180"},)).answer(asked))
    assert said.startswith("Test Clinic offers facial mesotherapy at $180.")
    assert "own prices" not in said


def test_offer_of_an_unknown_treatment_is_refused(composer_for):
    with pytest.raises(ClinicError, match="offers: 'massage' is not a treatment"):
        composer_for(offers=({"treatment": "massage"},))


def test_offer_of_mesotherapy_is_told_under_its_other_names(composer_for):
    composer = composer_for(offers=({"treatment": "mesotherapy", "price": "$180 a session"},))
    assert "offers facial mesotherapy at $180 a session" in told(composer.answer([Question("cost", "price", ("mesoglow",))]))


def test_offer_of_a_prescription_medicine_is_withheld_where_the_country_says_so(composer_for):
    composer = composer_for(country="UK", offers=({"treatment": "botulinum_toxin", "price": "£150"},))
    assert "150" not in told(composer.answer([Question("cost", "price", ("botulinum_toxin",))]))
    assert "150" not in told(composer.contact("booking", MONDAY_NOON, "botulinum_toxin"))


def test_offer_is_never_claimed_without_one(composer):
    assert "offers" not in told(composer.answer([Question("cost", "price", ("peel",))]))
    assert "offers" not in told(composer.contact("booking", MONDAY_NOON, "peel"))


# More, comparisons, sources


@pytest.mark.parametrize("topic", ["cost", "safety", "regulation", "pain", "sources"])
def test_tell_more_never_repeats_and_ends(composer, store, topic):
    question, known, said = Question(topic), [], set()
    for _ in range(60):
        reply = composer.tell_more(question, known)
        if not reply.facts:
            break
        sentences = {one for key in reply.facts for one in (store.facts[key].claim, store.facts[key].detail) if one and one in told(reply)}
        assert sentences
        assert said.isdisjoint(sentences)
        said |= sentences
        known += [*reply.facts, *(f"{key}{DETAIL}" for key in reply.facts if key in known)]
    assert told(reply) == store.wording.no_more.format(about=store.topics[topic].about)
    listed = [fact for fact in store.topics[topic].facts if fact.treatment is None]
    assert {fact.id for fact in listed} <= set(known)


def test_tell_more_goes_on_after_an_answer(composer):
    first = composer.answer([Question("safety")])
    assert set(composer.tell_more(Question("safety"), first.facts).facts).isdisjoint(first.facts)


def test_tell_more_stays_with_the_treatment(composer, store):
    reply = composer.tell_more(Question("alternatives", None, ("filler",)), [])
    assert {store.facts[key].treatment for key in reply.facts} == {"filler"}


def test_compare_tells_the_same_of_both(composer, store):
    reply = composer.compare([MESOTHERAPY, "botulinum_toxin"])
    opening, *rows = told(reply).split("\n")
    assert opening == store.wording.compare.format(first="facial mesotherapy", second="botulinum toxin")
    assert rows[0].startswith("Facial mesotherapy, approval: not FDA-approved in the US")
    assert any(row.startswith("Botulinum toxin, lasts: about 3 to 4 months") for row in rows)
    assert not any("UK" in row for row in rows)
    assert reply.topics == ("alternatives",)


def test_compare_takes_the_region_asked_for(composer):
    assert "a prescription-only medicine in the UK" in told(composer.compare([MESOTHERAPY, "botulinum_toxin"], "UK"))


def test_compare_marks_every_row_with_its_sources(composer):
    for row in composer.compare([MESOTHERAPY, "filler"]).body.split("\n")[1:]:
        assert MARK.search(row), row


def test_compare_of_any_two_keeps_the_contract(composer, store):
    for treatment in set(store.vocabulary.treatments) - {MESOTHERAPY}:
        reply = composer.compare([MESOTHERAPY, treatment], "EU")
        assert len(told(reply).split()) <= 165
        assert reply.text.endswith(reply.referral)


def test_give_sources_lists_those_of_the_facts_told_and_no_others(composer, store):
    reply = composer.give_sources(["cost.session_uk", f"cost.session_uk{DETAIL}", "cost.invented"])
    assert [source["id"] for source in reply.sources] == list(store.facts["cost.session_uk"].sources)
    assert told(reply) == store.wording.last_sources
    assert reply.topics == ("sources",)


def test_give_sources_of_nothing_known_tells_of_the_sources_in_general(composer):
    assert composer.give_sources(["cost.invented"]) == composer.answer([Question("sources")])


def test_compare_by_price_begins_with_the_prices(composer, store):
    reply = composer.compare([MESOTHERAPY, "prp"], topic="cost")
    _, first, second, *others = told(reply).split("\n")
    assert first.startswith("Facial mesotherapy, price: ")
    assert second == "Our sources give no price for PRP."
    assert others
    assert not any(", price: " in row for row in others)
    assert reply.topics == ("cost",)


def test_compare_takes_another_place_s_line_where_the_region_has_none(composer):
    rows = told(composer.compare([MESOTHERAPY, "filler"], "UK"))
    assert "Facial mesotherapy, price: £350 a session at one UK clinic (undated)." in rows
    assert "Hyaluronic-acid filler, downtime: " in rows  # of Canada
    assert "(US, 2025)" in told(composer.compare([MESOTHERAPY, "laser"], "UK"))


def test_compare_neither_prices_nor_praises_prescription_medicines_where_the_rules_forbid_it(composer_for, store):
    uk = composer_for(country="UK")
    for treatment in ("botulinum_toxin", "tretinoin"):
        name = store.vocabulary.treatments[treatment].name
        body = told(uk.compare([MESOTHERAPY, treatment], "US")).lower()
        assert f"{name}, price" not in body
        assert f"{name}, evidence" not in body
        assert store.wording.not_priced.format(treatment=name).lower() in told(uk.compare([MESOTHERAPY, treatment], topic="cost")).lower()
    assert "Tretinoin, evidence" in told(composer_for(country="US").compare([MESOTHERAPY, "tretinoin"]))


def test_balanced_facts_of_prescription_medicines_stay_where_their_prices_are_withheld(composer_for):
    reply = composer_for(country="UK").answer([Question("alternatives", None, ("botulinum_toxin",))])
    assert "alternatives.botulinum_prescription" in reply.facts


def test_tell_more_says_of_which_treatment_there_is_no_more(composer, store):
    about = store.topics["cost"].about
    for treatment, said in (
        ("prp", store.wording.no_more_of.format(about=about, treatment="PRP")),
        ("mesoglow", store.wording.no_more.format(about=about)),
    ):
        assert told(composer.tell_more(Question("cost", None, (treatment,)), [*store.facts, *(f"{key}{DETAIL}" for key in store.facts)])) == said


def test_details_with_prices_of_prescription_medicines_are_withheld(small):
    small["vocabulary.yml"]["treatments"]["peel"]["prescription_only"] = True
    small["pain.yml"]["facts"] = [{"id": "pain.peel", "claim": "A peel stings.", "detail": "It costs £5.", "treatment": "peel", "sources": ["paper"]}]
    small["pain.yml"]["answers"][0].update(facts=["pain.peel"], treatment="peel")
    store = small.load()
    asked = Question("pain", None, ("peel",))
    assert "£5" in Composer(store, Clinic(country="US")).tell_more(asked, ["pain.peel"]).body
    assert "£5" not in Composer(store, Clinic(country="UK")).tell_more(asked, ["pain.peel"]).body


def test_answer_says_nothing_twice(composer):
    for question in (Question("alternatives", None, ("mesolift", "mesoglow")), Question("cost", None, ("mesolift", "mesoglow"))):
        body = told(composer.answer([question]))
        opening = composer.store.topics[question.topic].answers[0].opening
        assert body.count(opening) == 1


# Clarify and decline


def test_clarify_offers_the_readings_and_a_way_out(composer, store):
    reply = composer.clarify([Question("cost"), Question("pain")], "seed")
    assert reply.options == ("cost", "pain")
    labels = [store.topics["cost"].label, store.topics["pain"].label, store.wording.something_else_title]
    assert [button["title"] for button in reply.buttons] == labels


def test_clarify_tokens_are_opaque_and_differ(composer):
    first, second = (composer.clarify([Question("cost"), Question("pain")], seed) for seed in ("one", "two"))
    tokens = [button["choice"] for reply in (first, second) for button in reply.buttons]
    assert all(CHOICE.match(token) for token in tokens)
    assert len(set(tokens)) == len(tokens)
    assert first == composer.clarify([Question("cost"), Question("pain")], "one")


def test_clarify_offers_three_readings_at_most_and_each_topic_once(composer):
    reply = composer.clarify([Question(topic) for topic in ("cost", "cost", "pain", "uses", "safety")], "seed")
    assert reply.options == ("cost", "pain", "uses")
    assert len(reply.options) == MAX_OPTIONS


def test_clarify_again_offers_a_person(composer, store):
    reply = composer.clarify([Question("cost")], "seed", repeated=True)
    assert reply.buttons[-1]["title"] == store.wording.contact_title
    assert told(reply) == store.wording.clarify_again


def test_clarify_without_readings_names_what_can_be_answered(composer, store):
    reply = composer.clarify([], "seed")
    assert store.wording.can_answer in told(reply)
    assert not reply.buttons


@pytest.mark.parametrize("language", ["es", "fr", "de", "pl", "pt", "it", "other"])
def test_decline_speaks_the_language(composer, store, language):
    assert told(composer.decline(language=language)).startswith(store.wording.languages[language])


def test_decline_of_an_unknown_language_is_in_english(composer, store):
    assert told(composer.decline(language="xx")).startswith(store.wording.languages["other"])


@pytest.mark.parametrize(("facet", "said"), [(None, "out_of_scope"), ("doctor_only",) * 2, ("steadfast",) * 2, ("nonsense", "out_of_scope")])
def test_decline_says_why(composer, store, facet, said):
    assert told(composer.decline(facet)).startswith(getattr(store.wording, said))


# One's own case, contact, the assistant itself


@pytest.mark.parametrize("facet", ["general", "under_18", "pregnancy", "medicines", "look", None, "nonsense"])
def test_personal_gives_no_verdict(composer, store, facet):
    reply = composer.personal(facet, (Question("candidates"),))
    assert told(reply) == store.wording.personal.get(facet, store.wording.personal["general"])
    assert reply.kind == "personal"
    assert reply.text.endswith(reply.referral)


def test_personal_adds_what_the_sources_say_in_general(composer, store):
    reply = composer.personal("medicines", (Question("candidates", "blood_thinners"),))
    opening, general = store.wording.personal["medicines"], store.wording.personal_facts
    assert told(reply).startswith(f"{opening} {general}")
    assert reply.facts
    assert not reply.topics


def test_personal_tells_of_two_conditions(composer, store):
    reply = composer.personal("general", (Question("candidates", "autoimmune"), Question("candidates", "keloids")))
    alone = [composer.personal("general", (Question("candidates", facet),)) for facet in ("autoimmune", "keloids")]
    assert all(set(reply.facts) & set(one.facts) for one in alone)
    assert reply.body.count("\n") == 2
    assert composer.personal("general", (Question("candidates", "keloids"),) * 2).text == alone[1].text


@pytest.mark.parametrize(
    ("facet", "first"),
    [
        ("person", "You can reach Test Clinic on 555 0100."),
        ("address", "The address is 1 Test Street."),
        ("hours", "The clinic is open now, until 17:00."),
    ],
)
def test_contact_tells_first_what_was_asked(composer_for, facet, first):
    composer = composer_for(address="1 Test Street", hours=HOURS, time_zone="UTC")
    assert told(composer.contact(facet, MONDAY_NOON)).startswith(first)


@pytest.mark.parametrize(
    ("moment", "said"),
    [("2026-11-23T08:00", "opens today 09:00"), ("2026-11-23T18:00", "opens Monday 09:00"), ("2026-11-23T09:00", "open now, until 17:00")],
)
def test_contact_knows_the_hours(composer_for, moment, said):
    now = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.timezone.utc)
    assert said in told(composer_for(hours=HOURS, time_zone="UTC").contact("hours", now))


def test_contact_tells_the_hours_of_every_day(composer_for):
    said = told(composer_for(hours=HOURS, time_zone="UTC").contact("hours", MONDAY_NOON))
    assert "\nOpening hours: Monday 09:00-17:00.\nClosed on other days.\n" in said
    assert "Opening hours: Monday 09:00-17:00." in told(composer_for(hours=HOURS).contact("hours", MONDAY_NOON))
    assert "other days" not in told(composer_for(hours=dict.fromkeys(DAYS, "09:00-17:00"), time_zone="UTC").contact("hours", MONDAY_NOON))
    assert "Opening hours" not in told(composer_for(hours=HOURS, time_zone="UTC").contact("person", MONDAY_NOON))


@pytest.mark.parametrize(
    ("fields", "referral"),
    [
        (("name", "phone", "booking_link"), "ask a dermatologist at Test Clinic: call 555 0100 or book at https://test.example/book"),
        (("name", "phone"), "ask a dermatologist at Test Clinic on 555 0100."),
        (("name", "booking_link"), "ask a dermatologist at Test Clinic: book at https://test.example/book"),
        (("name",), "ask a dermatologist at Test Clinic."),
        (("name", "phone", "dermatologist"), "ask Dr Test at Test Clinic on 555 0100."),
    ],
)
def test_referral_names_the_clinic_without_its_doctor_s_name_too(store, composer, fields, referral):
    reply = Composer(store, Clinic(**{field: getattr(composer.clinic, field) for field in fields})).answer([Question("cost")])
    assert reply.referral == f"For advice on your own skin, {referral}"


def test_urgent_referral_names_the_clinic_without_its_doctor_s_name_too(store):
    assert Composer(store, Clinic(name="Skin House", phone="1")).urgent("today").referral == "Afterwards, let a dermatologist at Skin House know: 1."


def test_contact_books_nothing(composer, store):
    assert told(composer.contact("booking", MONDAY_NOON)).startswith(store.wording.contact["not_booked"])


def test_contact_without_details_is_honest(store):
    reply = Composer(store, Clinic()).contact("person", MONDAY_NOON)
    assert told(reply) == store.wording.contact["no_details"]
    assert reply.referral == store.wording.referral[-1]


@pytest.mark.parametrize("facet", ["robot", "abilities", "privacy", "trust", "made_by", None, "nonsense"])
def test_bot_gives_a_straight_answer(composer, store, facet):
    reply = composer.bot(facet)
    assert told(reply).startswith(store.wording.bot.get(facet, store.wording.bot["robot"]))
    assert not reply.referral


def test_feedback_offers_a_person_after_blame_only(composer):
    assert composer.feedback(good=False).buttons
    assert not composer.feedback(good=True).buttons


# Alarms


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("turn", ["first", "doubt", "steadying", "relieved"])
def test_urgent_says_whom_to_call(composer_for, store, level, country, turn):
    reply = composer_for(country=country).urgent(level, turn)
    numbers = store.warning_signs.numbers[country]
    assert (reply.kind, reply.level) == ("urgent", level)
    if turn in ("first", "doubt") and level == "ambulance":
        assert numbers.emergency in reply.body
    if turn in ("first", "doubt") and level == "today":
        assert numbers.urgent_line in reply.body
    if level == "crisis":
        assert reply.text.rstrip(".").endswith(numbers.crisis_line)
        assert not reply.referral
    else:
        assert reply.text.split("\n")[-1] == reply.referral
    assert "{" not in reply.text
    assert not reply.sources


@pytest.mark.parametrize(
    ("country", "own"),
    [("US", {"call_911", "call_988"}), ("UK", {"call_999", "samaritans"}), ("EU", set()), ("any", set())],
)
@pytest.mark.parametrize("level", LEVELS)
def test_urgent_rests_on_the_numbers_of_the_clinic_s_country(composer_for, country, own, level):
    called = {f"warning_signs.{one}" for one in ("call_911", "call_988", "call_999", "samaritans")}
    assert called & set(composer_for(country=country).urgent(level).facts) == {f"warning_signs.{one}" for one in own}


def test_urgent_takes_the_clinic_s_own_numbers(composer_for):
    reply = composer_for(emergency_number="112", urgent_line="116 117", crisis_line="call 0800 111 0 111").urgent("today")
    assert "Call 116 117 now" in reply.body
    assert "112 (elsewhere your local emergency number)" in reply.body


def test_urgent_refers_without_details_too(store):
    assert Composer(store, Clinic()).urgent("ambulance").referral == store.wording.urgent_referral[-1]


def test_reminder_comes_before_the_answer(composer, store):
    reply = composer.answer([Question("cost")])
    reminded = composer.with_reminder(reply)
    assert reminded.body == f"{store.warning_signs.reminder}\n{reply.body}"
    assert "988" in composer.with_reminder(reply, "crisis").body.split("\n")[0]
    assert reminded.text.endswith(reply.referral)
