"""Takes changes of data/facts/ and clinic.yml into service while the assistant runs; what does not fit is refused, and the last good state stays.

Imports no Rasa.
"""

from __future__ import annotations

import datetime
import logging
from pathlib import Path

from bot import content_rules, launch, training
from bot.clinic import CLINIC
from bot.composer import Composer
from bot.content_rules import Exceptions
from bot.facts import FACTS, FactError, FactStore
from bot.quiet import places
from bot.yaml_file import with_line

_NEEDS_TRAINING = "names or ways of asking have changed, which the model has to learn: `make run` does that"

_log = logging.getLogger(__name__)


class Watch:
    """Looks whether the files have changed, and keeps what came of it."""

    def __init__(self, composer: Composer, facts: Path = FACTS, clinic: Path = CLINIC) -> None:
        """Begin with the composer in force, with which the model was loaded, and the files that it was read from."""
        self._facts, self._clinic = facts, clinic
        self.since = _now()
        """When the state in force was taken into service."""
        self.refused: dict[str, str] | None = None
        """The change that stands in the files and does not fit, as {at, problem}."""
        self.needs_training = False
        """Whether names or ways of asking have changed, which the model in service has not learnt."""
        self._understood = composer.store
        self._learnt = training.fingerprint(composer.store)[training.FACTS]
        self._seen = self._judged = self._stamps()

    def look(self) -> Composer | None:
        """The composer of files that have changed; None where nothing has, or is still being written, or does not fit.

        Files count as written once two looks in a row find them alike.
        """
        found, before = self._stamps(), self._seen
        self._seen = found
        if found != before or found == self._judged:
            return None
        changed = ", ".join(sorted({path.name for path in found.keys() | self._judged.keys() if found.get(path) != self._judged.get(path)}))
        self._judged = found
        try:
            composer = launch.composer_of(self._facts, self._clinic)
            self._refuse_broken_rules(composer)
            self._refuse_lost_names(composer.store)
        except Exception as error:  # what nobody foresaw must not end the looking
            foreseen = isinstance(error, (launch.LaunchError, FactError))
            problem = str(error) if foreseen else f"it cannot be read ({places(error)})"
            _log.warning("%s: the change is refused, and all stays as it was: %s", changed, problem)
            self.refused = {"at": _now(), "problem": problem}
            return None
        self.since, self.refused = _now(), None
        self.needs_training = training.fingerprint(composer.store)[training.FACTS] != self._learnt
        _log.info("%s: the change is in force%s", changed, f"; {_NEEDS_TRAINING}" if self.needs_training else "")
        return composer

    def _refuse_lost_names(self, store: FactStore) -> None:
        """Refuse that a name goes which the model in service still hears.

        Raises: LaunchError.
        """
        old, new = self._understood, store
        for kind, before, after in (
            ("topic", old.topics, new.topics),
            ("treatment", old.vocabulary.treatments, new.vocabulary.treatments),
            ("region", old.vocabulary.regions, new.vocabulary.regions),
        ):
            if lost := sorted(before.keys() - after.keys()):
                raise launch.LaunchError(f"the {kind} {lost[0]} is gone, and the model still knows it: `make run` takes it out of service")

    def _refuse_broken_rules(self, composer: Composer) -> None:
        """Refuse what `make check` refuses, but for facts that are due: time alone must not keep a change out.

        Raises: LaunchError or FactError.
        """
        broken = content_rules.broken(composer.store, composer.clinic, content_rules.responses(), Exceptions.load(self._facts))
        if broken:
            more = f" (and {len(broken) - 1} more: `make check` lists them)" if len(broken) > 1 else ""
            raise launch.LaunchError(f"{with_line(broken[0], self._facts, self._clinic.parent)}{more}")

    def _stamps(self) -> dict[Path, tuple[int, int, int]]:
        """What tells the present files from changed ones: the time of the last change, the size and the place on the disk of each."""
        found = {}
        for path in (self._clinic, *self._facts.glob("*.yml")):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
