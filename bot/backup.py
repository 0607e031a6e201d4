"""Writes conversations and settings to one file, and brings them back.

Imports no Rasa. What a backup holds of conversations is as it is stored, without the personal data that was recognised. Keys and passwords are never in it.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import sqlalchemy

from bot import __version__, launch
from bot.clinic import Clinic, ClinicError
from bot.database import VERSION, DatabaseError, take, version
from bot.launch import LaunchError
from bot.quiet import ROOT

FOLDER = "var/backups"
SETTINGS = ("clinic.yml", "endpoints.yml", "credentials.yml", "data/nlu.yml", "data/stories.yml", "data/facts/*.yml")
"""What is kept besides the conversations: all that a clinic edits, with the signatures of facts."""
DATABASE = "conversations.db"
MANIFEST = "manifest.json"
FORM = 1
"""Of a backup; a later form is refused."""
LEFT_OUT = "${LEFT_OUT_OF_BACKUP}"

_SECRET = re.compile(
    r"^(\s*[\w-]*(?:password|passwd|secret|token|key)[\w-]*\s*:\s*)(?![#\s])(?!['\"]?\$\{)[^#\n]+?(\s*(?:#.*)?)$", re.IGNORECASE | re.MULTILINE
)
_LOGIN = re.compile(r"(://[^:/@\s]*:)(?!\$\{)[^@/\s]+(@)")
_LARGEST = 50 * 2**30
_PAGES_AT_ONCE, _TRIES = 2000, 3
_NAME = "backup-{:%Y-%m-%d-%H%M%S}.tar.gz"


def backup(path: Path | None = None, endpoints: Path = launch.ENDPOINTS, root: Path = ROOT) -> str:
    """Write a backup, and return what there is to know about it; a server may go on meanwhile.

    Without a path it goes to FOLDER, and backups there that are older than conversations may become are deleted.

    Raises: LaunchError if something cannot be read or written.
    """
    now = datetime.datetime.now()
    target = path or root / FOLDER / _NAME.format(now)
    store = launch.tracker_store(endpoints)
    contents = {name: _without_secrets(name, file.read_bytes()) for name, file in _settings(root, endpoints)}
    with tempfile.TemporaryDirectory(prefix="assistant-") as scratch:
        copy = Path(scratch) / DATABASE
        kept = _is_file(store) and (root / store["db"]).exists()
        if kept:
            _copy(root / store["db"], copy)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        hashes |= {DATABASE: _sha256(copy)} if kept else {}
        manifest = {"form": FORM, "version": __version__, "schema": _schema(copy) if kept else 0, "made": f"{now:%Y-%m-%d %H:%M:%S}", "files": hashes}
        _write(target, {MANIFEST: json.dumps(manifest, indent=1).encode(), **contents}, copy if kept else None)
    deleted = _delete_old(root, now) if path is None else 0
    told = [f"{target}: {len(contents)} files of settings{' and the conversations' if kept else ', no conversations'}."]
    if store and not _is_file(store):
        told.append(f"Conversations are in {store.get('dialect')}: back them up with `pg_dump --format=custom --file=conversations.dump {store.get('db')}`.")
    told += [f"{name}: a password or key was left out; restoring will not bring it back." for name, text in contents.items() if LEFT_OUT.encode() in text]
    told += [f"{deleted} {'backup' if deleted == 1 else 'backups'} older than retention_days of clinic.yml deleted."] if deleted else []
    return "\n".join(told)


def restore(path: Path, root: Path = ROOT) -> str:
    """Bring back what a backup holds, all or nothing, and return what there is to know; what is replaced is moved aside.

    Raises: LaunchError if the file is damaged or no backup, if it is of a newer version, or if a server uses the database. Nothing is changed then.
    """
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=_made(root / "var")) as scratch:
        unpacked = Path(scratch)
        manifest = _unpack(path, unpacked)
        target = _database(unpacked, root)
        restored = {name: root / name for name in manifest["files"] if name != DATABASE}
        held = None
        if DATABASE in manifest["files"]:
            if target is None:
                raise LaunchError(f"{path} holds conversations of a file, and its endpoints.yml names no file for them: it cannot be restored.")
            restored[DATABASE] = target
            _made(target.parent)
            held = _taken(target)
        try:
            aside = root / "var" / f"replaced-{datetime.datetime.now():%Y-%m-%d-%H%M%S}"
            _swap(unpacked, restored, _present(root, restored), root, aside)
        finally:
            if held is not None:
                os.close(held)
    told = [
        f"{len(restored)} files of {manifest['made']}, version {manifest['version']}, are back. What they replaced is in {aside}: delete it when all is well."
    ]
    left = [name for name in restored if name.endswith(".yml") and LEFT_OUT in restored[name].read_text(encoding="utf8")]
    told += [f"{name}: write the password or key in the place of {LEFT_OUT}." for name in left]
    return "\n".join([*told, "Train and start the assistant: `make run`."])


# Writing


def _settings(root: Path, endpoints: Path) -> Iterator[tuple[str, Path]]:
    for pattern in SETTINGS:
        found = [endpoints] if pattern == "endpoints.yml" else sorted(root.glob(pattern))
        yield from ((pattern if file is endpoints else file.relative_to(root).as_posix(), file) for file in found)


def _without_secrets(name: str, content: bytes) -> bytes:
    """A file's content; passwords that stand in endpoints or credentials themselves, rather than in the environment, are taken out."""
    if name not in ("endpoints.yml", "credentials.yml"):
        return content
    text = _SECRET.sub(rf"\g<1>{LEFT_OUT}\g<2>", content.decode("utf8"))
    return _LOGIN.sub(rf"\g<1>{LEFT_OUT}\g<2>", text).encode()


def _is_file(store: Mapping[str, Any]) -> bool:
    return store.get("dialect") == "sqlite" and isinstance(store.get("db"), str)


def _copy(database: Path, copy: Path) -> None:
    """A SQLite database as it is at one moment, while others go on writing it.

    It is copied piece by piece, so that nobody waits who writes meanwhile. That makes SQLite begin again, so after some tries it is copied at once.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as target:
            for pages in (*[_PAGES_AT_ONCE] * _TRIES, -1):
                with suppress(_BegunAgain):
                    source.backup(target, pages=pages, progress=_Watch() if pages > 0 else None, sleep=0.01)
                    return
    except sqlite3.Error as error:
        raise LaunchError(f"{database} cannot be copied: {error}") from error


class _BegunAgain(Exception):
    """A copy began again, because the database was written."""


class _Watch:
    """Follows how many pages are left to copy.

    Raises: _BegunAgain, when called, once they become more.
    """

    def __init__(self) -> None:
        self._left = sys.maxsize

    def __call__(self, _: int, left: int, __: int) -> None:
        if left > self._left:
            raise _BegunAgain
        self._left = left


def _schema(database: Path) -> int:
    engine = sqlalchemy.create_engine(f"sqlite:///{database}")
    try:
        with engine.connect() as connection:
            return version(connection)
    except (DatabaseError, sqlalchemy.exc.SQLAlchemyError) as error:
        raise LaunchError(str(error).splitlines()[0]) from error
    finally:
        engine.dispose()


def _write(target: Path, contents: Mapping[str, bytes], database: Path | None) -> None:
    part = target.with_name(f".{target.name}.part")
    try:
        _made(target.parent)
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive,
        ):
            for name, content in contents.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            if database is not None:
                archive.add(database, DATABASE)
        os.link(part, target)
    except FileExistsError:
        raise LaunchError(f"{target} is there already: name a new file.") from None
    except OSError as error:
        raise LaunchError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _delete_old(root: Path, now: datetime.datetime) -> int:
    """Delete the backups in FOLDER that are older than conversations may become; return how many."""
    try:
        days = Clinic.load(root / "clinic.yml").retention_days
    except ClinicError as error:
        raise LaunchError(str(error)) from error
    oldest = (root / FOLDER / _NAME.format(now - datetime.timedelta(days))).name
    old = [file for file in (root / FOLDER).glob("backup-*.tar.gz") if file.name < oldest]
    for file in old:
        file.unlink()
    return len(old)


# Bringing back


def _unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into a folder, and return its manifest; every file is what the manifest says, and there is no other.

    Raises: LaunchError.
    """
    try:
        with tarfile.open(path) as archive:
            first = archive.next()
            content = archive.extractfile(first) if first is not None and first.name == MANIFEST and first.isfile() else None
            if content is None:
                raise LaunchError(f"{path} is no backup: it does not begin with {MANIFEST}.")
            manifest = json.loads(content.read(2**20))
            _check(path, manifest)
            for member in archive:
                if member.name == MANIFEST:
                    continue
                if not member.isfile() or member.name not in manifest["files"] or member.size > _LARGEST:
                    raise LaunchError(f"{path} holds {member.name!r}, which no backup holds. Nothing was changed.")
                target, source = folder / member.name, archive.extractfile(member)
                assert source is not None, "a file has content"
                _made(target.parent)
                with target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LaunchError(f"{path} cannot be read as a backup ({error}). Nothing was changed.") from error
    wrong = [name for name, digest in manifest["files"].items() if not (folder / name).is_file() or _sha256(folder / name) != digest]
    if wrong:
        raise LaunchError(f"{path} is damaged: {', '.join(wrong)} is not what was backed up. Nothing was changed.")
    return dict(manifest)


def _check(path: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse what this version cannot read, and names that lead to anywhere but the settings.

    Raises: LaunchError.
    """
    if manifest["form"] != FORM or manifest["schema"] > VERSION:
        raise LaunchError(f"{path} was made by version {manifest['version']}, and this is {__version__}: restore it with that version or a newer one.")
    for name in manifest["files"]:
        expected = not name.startswith("/") and any(PurePosixPath("/", name).match(f"/{pattern}") for pattern in SETTINGS)
        if name != DATABASE and not expected:
            raise LaunchError(f"{path} holds {name!r}, which no backup holds. Nothing was changed.")


def _database(unpacked: Path, root: Path) -> Path | None:
    """Where the conversations go: where the endpoints.yml of the backup has them, which must be in this folder, or where they are now.

    Raises: LaunchError.
    """
    store, present = (launch.tracker_store(folder / "endpoints.yml") if (folder / "endpoints.yml").exists() else {} for folder in (unpacked, root))
    if not _is_file(store):
        return None
    target = (root / str(store["db"])).resolve()
    if not target.is_relative_to(root.resolve()) and store["db"] != present.get("db"):
        raise LaunchError(f"The backup keeps conversations in {store['db']}: name that file as `db` in endpoints.yml if it is to be written there.")
    return target


def _taken(database: Path) -> int:
    try:
        return take(database)
    except DatabaseError as error:
        raise LaunchError(f"{error} Nothing was changed.") from error


def _present(root: Path, restored: Mapping[str, Path]) -> list[Path]:
    """What is moved aside: every present file of settings, and the database with its journals."""
    settings = [file for pattern in SETTINGS for file in root.glob(pattern)]
    database = restored.get(DATABASE)
    journals = [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm", "-journal")] if database else []
    return [file for file in (*settings, *journals) if file.exists()]


def _swap(unpacked: Path, restored: Mapping[str, Path], present: list[Path], root: Path, aside: Path) -> None:
    """Move what is there aside and what was unpacked into its place; if that fails, put everything back."""
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        _made(target.parent)
        shutil.move(source, target)
        moved.append((source, target))

    try:
        for file in present:
            move(file, aside / (file.relative_to(root) if file.is_relative_to(root) else file.name))
        for name, target in restored.items():
            move(unpacked / name, target)
    except OSError as error:
        for source, target in reversed(moved):
            shutil.move(target, source)
        raise LaunchError(f"{error.filename} cannot be written: {error.strerror}. Everything is as it was.") from error


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
