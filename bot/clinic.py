"""The clinic's own settings: who they are, how to reach them, when they are open, what they offer; read from clinic.yml."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Optional, get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError, validator

from bot import yaml_file
from bot.appearance import Chat, origin
from bot.settings import Settings

CLINIC = Path(__file__).resolve().parent.parent / "clinic.yml"
EXAMPLE_NAME = "Example Dermatology Clinic"
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)

_HOURS = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")


class ClinicError(ValueError):
    """clinic.yml does not fit; the text names the field and says what to change."""


class Offer(Settings):
    """A treatment that the clinic says it offers, at its own price."""

    treatment: str
    price: Optional[str] = None
    checked: Optional[str] = None


class CountryRule(Settings):
    """What the law of a country changes in replies."""

    price_prescription_medicines: bool = True


COUNTRY_RULES = {"UK": CountryRule(price_prescription_medicines=False)}
"""What holds where clinic.yml says nothing else; UK: advertising rules, CAP 12.12."""
CONSENT_COUNTRIES = ("UK", "EU")
"""Where visitors agree to what is kept before their first message, unless clinic.yml says otherwise: they may write of their health (GDPR, Article 9)."""


class Clinic(Settings):
    """The settings, each of which may be missing."""

    name: str = ""
    dermatologist: str = ""
    phone: str = ""
    email: str = ""
    booking_link: str = ""
    address: str = ""
    country: Literal["US", "UK", "EU", "Canada", "any"] = "any"
    time_zone: str = ""
    hours: dict[Day, str] = {}
    opening_message: str = "Hello! Ask me about mesotherapy for the face, such as cost, safety, how long it lasts or what else there is."
    disclaimer: str = ""
    emergency_number: str = ""
    urgent_line: str = ""
    crisis_line: str = ""
    offers: tuple[Offer, ...] = ()
    country_rules: dict[str, CountryRule] = {}
    websites: tuple[str, ...] = ()
    retention_days: int = 30
    consent: Optional[bool] = None
    chat: Chat = Chat()

    @validator("hours", pre=True)
    def _empty_day_is_closed(cls, value: Any) -> Any:
        return {day: span for day, span in value.items() if span is not None} if isinstance(value, dict) else value

    @validator("phone", "emergency_number", "urgent_line", "crisis_line", pre=True)
    def _number_is_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    @validator("retention_days")
    def _days_are_some(cls, value: int) -> int:
        if not 1 <= value <= 3650:
            raise ValueError(f"{value} is not a number of days from 1 to 3650")
        return value

    @validator("booking_link")
    def _link_is_web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^\s()]+$", value):
            raise ValueError(f"'{value}' is not a web address that begins with https://")
        return value

    @validator("websites", each_item=True)
    def _websites_are_origins(cls, value: str) -> str:
        return origin(value)

    @validator("time_zone")
    def _zone_is_known(cls, value: str) -> str:
        try:
            return str(ZoneInfo(value)) if value else value
        except (KeyError, ValueError, OSError):
            raise ValueError(f"'{value}' is not a time zone such as Europe/London") from None

    @validator("hours", each_item=True)
    def _hours_are_a_span(cls, value: str) -> str:
        if not _HOURS.match(value) or value[:5] >= value[6:]:
            raise ValueError(f"'{value}' is not a span of hours such as 09:00-17:00")
        return value

    @classmethod
    def load(cls, path: Path = CLINIC) -> Clinic:
        """Read the settings; a missing or empty file gives general wording.

        Raises: ClinicError naming the field that does not fit, and its line.
        """
        try:
            content = yaml_file.read(path)
        except FileNotFoundError:
            return cls()
        except UnicodeDecodeError:
            raise ClinicError(f"{path.name} is not a text file in UTF-8") from None
        except yaml_file.YamlError as error:
            raise ClinicError(str(error)) from None
        if content is None:
            return cls()
        if not isinstance(content, dict):
            raise ClinicError(f"{path.name}: expected lines such as `name: Your Clinic`")
        try:
            return cls(**{str(name): value for name, value in content.items()})
        except ValidationError as error:
            field, problem = yaml_file.first_error(error)
            raise ClinicError(yaml_file.with_line(f"{path.name}, field {field}: {problem}", path.parent)) from None

    @property
    def gaps(self) -> list[str]:
        """What a clinic should still fill in, for the start to say."""
        missing = [field for field in ("name", "dermatologist", "phone", "booking_link", "address", "hours", "time_zone") if not getattr(self, field)]
        if self.country == "any":
            missing.append("country")
        return missing + (["name (still the example clinic)"] if self.name == EXAMPLE_NAME else [])

    @property
    def asks_consent(self) -> bool:
        """Whether visitors agree to what is kept before their first message."""
        return self.country in CONSENT_COUNTRIES if self.consent is None else self.consent

    @property
    def prices_prescription_medicines(self) -> bool:
        """Whether the country's rules let this clinic's website price prescription-only medicines."""
        return {**COUNTRY_RULES, **self.country_rules}.get(self.country, CountryRule()).price_prescription_medicines

    @property
    def timetable(self) -> str:
        """The hours of a week, days in a row that are alike together, e.g. 'Monday to Wednesday 09:00-17:00, Thursday 09:00-19:00'."""
        runs = [(span, list(days)) for span, days in itertools.groupby(DAYS, self.hours.get) if span is not None]
        return ", ".join(f"{_run(days)} {span}" for span, days in runs)

    def offer(self, treatment: str) -> Offer | None:
        """The clinic's own offer of a treatment, if it lists one."""
        return next((offer for offer in self.offers if offer.treatment == treatment), None)

    def opening(self, now: datetime.datetime) -> tuple[Literal["open", "closed", "unknown"], str]:
        """Whether the clinic is open at a moment, and the closing time today or the next opening, e.g. ('closed', 'Monday 09:00').

        Units: `now` is timezone-aware; hours are those of the clinic's own time zone.
        """
        if not self.hours or not self.time_zone:
            return "unknown", ""
        here = now.astimezone(ZoneInfo(self.time_zone))
        clock = f"{here:%H:%M}"
        for ahead in range(8):
            day = DAYS[(here.weekday() + ahead) % 7]
            span = self.hours.get(day)
            if span is None:
                continue
            start, end = span.split("-")
            if ahead == 0 and start <= clock < end:
                return "open", end
            if ahead or clock < start:
                return "closed", f"{'today' if ahead == 0 else day.capitalize()} {start}"
        return "closed", ""


def _run(days: Sequence[Day]) -> str:
    joint = " and " if len(days) == 2 else " to "
    return joint.join(day.capitalize() for day in dict.fromkeys((days[0], days[-1])))
