"""What all parts of clinic.yml have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Extra, validator


class Settings(BaseModel):
    """Settings that cannot be changed once read, know each of their names, and take an empty line for a missing one."""

    class Config:
        frozen = True
        extra = Extra.forbid

    @validator("*", pre=True)
    def _empty_means_missing(cls, value: Any, field: Any) -> Any:
        return field.get_default() if value is None else value
