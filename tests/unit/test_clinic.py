"""The clinic's settings: missing, half filled, wrong; and when the clinic is open."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.clinic import CLINIC, DAYS, EXAMPLE_NAME, Clinic, ClinicError

UTC = datetime.timezone.utc
WEEK = {"monday": "09:00-17:00", "thursday": "09:00-19:00", "friday": "09:00-16:00"}


@pytest.fixture
def load(tmp_path):
    def load(content):
        path = tmp_path / "clinic.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Clinic.load(path)

    return load


@pytest.fixture
def problem(load):
    def problem(content):
        with pytest.raises(ClinicError) as caught:
            load(content)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return problem


def test_clinic_without_a_file_has_gaps_only(tmp_path):
    clinic = Clinic.load(tmp_path / "none.yml")
    assert clinic == Clinic()
    assert clinic.gaps == ["name", "dermatologist", "phone", "booking_link", "address", "hours", "time_zone", "country"]


@pytest.mark.parametrize("content", ["", "# only a comment\n", "name:\nphone:\nhours:\noffers:\ncountry:\ncountry_rules:\nopening_message:\n"])
def test_clinic_with_empty_fields_is_as_without(load, content):
    assert load(content) == Clinic()


def test_clinic_half_filled_keeps_what_is_there(load):
    clinic = load("name: Skin House\nphone: 5550100\nhours:\n  monday: 09:00-17:00\n  tuesday:\n")
    assert (clinic.name, clinic.phone, clinic.hours) == ("Skin House", "5550100", {"monday": "09:00-17:00"})
    assert clinic.gaps == ["dermatologist", "booking_link", "address", "time_zone", "country"]


def test_clinic_knows_the_example(load):
    assert "name (still the example clinic)" in load(f"name: {EXAMPLE_NAME}").gaps


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("phones: 1", "clinic.yml, field phones: is not known here (did you mean phone?)"),
        ("1: x", "clinic.yml, field 1: is not known here"),
        ("name: a\nname: b", "clinic.yml, line 2: not valid YAML: name stands here for the second time; keep one"),
        ("country: Mars", "clinic.yml, field country"),
        ("time_zone: Mars/Olympus", "clinic.yml, field time_zone: 'Mars/Olympus' is not a time zone"),
        ("time_zone: ../../etc/passwd", "clinic.yml, field time_zone"),
        ("booking_link: book now", "clinic.yml, field booking_link: 'book now' is not a web address"),
        ("booking_link: javascript:alert(1)", "clinic.yml, field booking_link"),
        ("booking_link: https://a.example/(x)", "clinic.yml, field booking_link"),
        ("hours: {monday: 9-17}", "clinic.yml, field hours.monday: '9-17' is not a span"),
        ("hours: {monday: 17:00-09:00}", "clinic.yml, field hours.monday"),
        ("hours: {monday: 09:00-24:00}", "clinic.yml, field hours.monday"),
        ("hours: {moonday: 09:00-17:00}", "clinic.yml, field hours"),
        ("hours: always", "clinic.yml, field hours"),
        ("offers: mesotherapy", "clinic.yml, field offers"),
        ("offers: [{price: $100}]", "clinic.yml, field offers.0.treatment"),
        ("country_rules: {UK: {prices: true}}", "clinic.yml, field country_rules.UK.prices"),
        ("- a list", "clinic.yml: expected lines"),
        ("just words", "clinic.yml: expected lines"),
        ("name: [", "clinic.yml, line 1: not valid YAML"),
        (b"name: \xff", "clinic.yml is not a text file in UTF-8"),
    ],
)
def test_clinic_names_what_does_not_fit(problem, content, told):
    assert problem(content).startswith(told)


def test_clinic_of_this_repository_fits():
    assert Clinic.load(CLINIC).country == "US"


# Opening hours


def at(clinic, text, zone=UTC):
    return clinic.opening(datetime.datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize("settings", [{}, {"hours": WEEK}, {"time_zone": "Europe/London"}])
def test_opening_is_unknown_without_hours_and_zone(settings):
    assert at(Clinic(**settings), "2026-11-23T12:00") == ("unknown", "")


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-23T08:59", ("closed", "today 09:00")),
        ("2026-11-23T09:00", ("open", "17:00")),
        ("2026-11-23T16:59", ("open", "17:00")),
        ("2026-11-23T17:00", ("closed", "Thursday 09:00")),
        ("2026-11-24T12:00", ("closed", "Thursday 09:00")),
        ("2026-11-27T23:59", ("closed", "Monday 09:00")),
        ("2026-11-28T00:00", ("closed", "Monday 09:00")),
    ],
)
def test_opening_in_the_zone_of_the_clinic(moment, state):
    assert at(Clinic(hours=WEEK, time_zone="Europe/London"), moment, ZoneInfo("Europe/London")) == state


def test_opening_is_told_in_the_clinic_s_zone_wherever_the_server_stands():
    clinic = Clinic(hours=WEEK, time_zone="America/New_York")
    assert at(clinic, "2026-11-23T14:00") == ("open", "17:00")  # 09:00 in New York
    assert at(clinic, "2026-11-23T13:59") == ("closed", "today 09:00")
    assert at(clinic, "2026-11-24T00:30", ZoneInfo("Asia/Tokyo")) == ("open", "17:00")  # still Monday morning in New York


def test_opening_on_another_day_than_the_server_s():
    clinic = Clinic(hours={"tuesday": "09:00-10:00"}, time_zone="Pacific/Auckland")
    assert at(clinic, "2026-11-23T20:30") == ("open", "10:00")  # Monday in UTC, Tuesday 09:30 in Auckland


@pytest.mark.parametrize(("moment", "state"), [("2026-03-28T09:30", "closed"), ("2026-03-29T08:30", "open"), ("2026-10-25T08:30", "closed")])
def test_opening_follows_summer_time(moment, state):
    clinic = Clinic(hours={"sunday": "09:00-17:00"}, time_zone="Europe/London")
    assert at(clinic, moment)[0] == state  # clocks go forward on 29 March 2026 and back on 25 October


def test_opening_until_the_end_of_the_day():
    clinic = Clinic(hours={"saturday": "00:00-23:59"}, time_zone="UTC")
    assert at(clinic, "2026-11-28T00:00") == ("open", "23:59")
    assert at(clinic, "2026-11-28T23:59") == ("closed", "Saturday 00:00")


def test_opening_once_a_week_names_the_next_week():
    clinic = Clinic(hours={"monday": "09:00-10:00"}, time_zone="UTC")
    assert at(clinic, "2026-11-23T12:00") == ("closed", "Monday 09:00")


# Offers and rules


def test_offer_is_found_by_treatment(load):
    clinic = load("offers:\n  - {treatment: peel, price: $180 a session, checked: 2026-11}\n")
    assert clinic.offer("peel").price == "$180 a session"
    assert clinic.offer("mesotherapy") is None


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("", False),
        ("country: US", False),
        ("country: Canada", False),
        ("country: UK", True),
        ("country: EU", True),
        ("country: EU\nconsent:", True),
        ("country: EU\nconsent: false", False),
        ("country: US\nconsent: true", True),
    ],
)
def test_consent_is_asked_in_the_uk_and_the_eu_unless_the_clinic_says_otherwise(load, content, asked):
    assert load(content).asks_consent is asked


@pytest.mark.parametrize(
    ("content", "priced"),
    [
        ("country: US", True),
        ("country: UK", False),
        ("country: UK\ncountry_rules: {}", False),
        ("country: UK\ncountry_rules: {US: {}}", False),
        ("country: UK\ncountry_rules: {UK: {price_prescription_medicines: true}}", True),
        ("country: EU\ncountry_rules: {EU: {price_prescription_medicines: false}}", False),
    ],
)
def test_prescription_medicines_are_not_priced_in_the_uk_unless_the_clinic_says_so(load, content, priced):
    assert load(content).prices_prescription_medicines is priced


@pytest.mark.parametrize(
    ("hours", "timetable"),
    [
        ({}, ""),
        ({"monday": "09:00-17:00"}, "Monday 09:00-17:00"),
        ({"monday": "09:00-17:00", "tuesday": "09:00-17:00"}, "Monday and Tuesday 09:00-17:00"),
        ({"monday": "09:00-17:00", "wednesday": "09:00-17:00"}, "Monday 09:00-17:00, Wednesday 09:00-17:00"),
        (dict.fromkeys(DAYS, "09:00-17:00"), "Monday to Sunday 09:00-17:00"),
        (
            {**dict.fromkeys(DAYS[:3], "09:00-17:00"), "thursday": "09:00-19:00", "friday": "09:00-16:00"},
            "Monday to Wednesday 09:00-17:00, Thursday 09:00-19:00, Friday 09:00-16:00",
        ),
    ],
)
def test_timetable_puts_like_days_together(hours, timetable):
    assert Clinic(hours=hours).timetable == timetable
