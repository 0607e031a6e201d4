"""Records who signed which fact off, so that a fact that changes afterwards counts as unsigned again.

Imports no Rasa. A record and no proof: whoever may edit data/facts/ may also write here, and git tells who did.
"""

from __future__ import annotations

import datetime
import difflib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.facts import FACTS, SIGNATURES, SIGNED_OFF, FactError, FactStore, Signature, load_signatures

PLACEHOLDER = "Name, role"
"""What stands for the signer in the commands of the page of review."""
_SHOWN = 8
_NO_LIST_AT_END = f"{SIGNATURES} must end with its list of signatures: put that right, then sign again"


class SignatureError(ValueError):
    """Nothing was signed; the text is one line that says why."""


def sign(store: FactStore, named: Sequence[str], by: str, today: datetime.date, folder: Path = FACTS) -> list[Signature]:
    """Sign facts off, all or none of them, and return the new signatures.

    Args:
        store: The facts as they stand in `folder`.
        named: Ids of facts, or marks as `mark` gives them, which refuse a fact that has changed since it was read.
        by: Who signs, as 'Name, role'.
        today: The date of the signatures.
        folder: Where the file of signatures is; entries go to its end, and the rest stays as it is.

    Raises: SignatureError if a fact cannot be signed, if `by` is not a name and a role, or if the file cannot be written.
    """
    new = tuple({one.fact: one for one in (_signature(store, fact, by, today) for fact in named)}.values())
    path = folder / SIGNATURES
    part = path.with_name(f".{SIGNATURES}.part")
    try:
        before = load_signatures(path)
        text = path.read_text(encoding="utf8") if path.exists() else "signatures:\n"
        part.write_text("\n".join([text.rstrip("\n"), *map(_entry, new), ""]), encoding="utf8")
        if load_signatures(part) != (*before, *new):
            raise SignatureError(_NO_LIST_AT_END)
        os.replace(part, path)
    except FactError:
        raise SignatureError(_NO_LIST_AT_END) from None
    except OSError as error:
        raise SignatureError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return list(new)


def mark(store: FactStore, fact_id: str) -> str:
    """A fact's id with the beginning of its digest, for signing it as it was read and not otherwise."""
    return f"{fact_id}@{store.digest(fact_id)[:_SHOWN]}"


def void(store: FactStore) -> list[str]:
    """What to do about signatures that hold no longer, one line each."""
    return [
        f"{SIGNATURES}: {one.fact} has changed since {one.by} signed it on {one.date}: have it read and signed again"
        if one.fact in store.facts
        else f"{SIGNATURES}: {one.fact}, which {one.by} signed on {one.date}, is no longer a fact: delete the entry"
        for one in store.void_signatures
    ]


def _signature(store: FactStore, named: str, by: str, today: datetime.date) -> Signature:
    fact_id, _, read = named.partition("@")
    if fact_id not in store.facts:
        near = difflib.get_close_matches(fact_id, store.facts, 1)
        raise SignatureError(f"There is no fact {fact_id!r}{f' (did you mean {near[0]}?)' if near else ''}")
    if fact_id == SIGNED_OFF:
        raise SignatureError(f"{fact_id} tells who signed the others, and is not signed itself")
    if not store.digest(fact_id).startswith(read):
        raise SignatureError(f"{fact_id} is not as it was when the page was made: run `python -m bot review` and read it again")
    if store.facts[fact_id].signed_off_by:
        held = store.signatures[fact_id]
        raise SignatureError(f"{fact_id} is signed off already, by {held.by} on {held.date}, and has not changed since")
    signer = re.sub(r"\s*,\s*", ", ", " ".join(by.split()))
    if signer.lower() == PLACEHOLDER.lower():
        raise SignatureError(f"Put a name and a role in the place of '{PLACEHOLDER}', for example 'Dr Ada Osei, dermatologist'")
    try:
        return Signature(fact=fact_id, by=signer, date=today, digest=store.digest(fact_id))
    except ValidationError as error:
        raise SignatureError(f"--by: {error.errors()[0]['msg']}, for example 'Dr Ada Osei, dermatologist'") from None


def _entry(signature: Signature) -> str:
    """A signature as lines of YAML, with quoted texts as JSON has them."""
    by, digest = (json.dumps(text, ensure_ascii=False) for text in (signature.by, signature.digest))
    return f"  - fact: {signature.fact}\n    by: {by}\n    date: {signature.date}\n    digest: {digest}"
