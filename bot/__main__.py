"""The command line: python -m bot COMMAND; `--help` lists the commands."""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from bot import __version__
from bot.signals import ENDED_BY_INTERRUPT, end_at_once, end_politely


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; what a person can mend is told in one line, and so is that somebody stopped it."""
    end_at_once()
    try:
        return _obey(_parser().parse_args(arguments))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return ENDED_BY_INTERRUPT


def _obey(options: argparse.Namespace) -> int:
    if problem := _unfit():
        return _fail(problem)
    from bot import lean_rasa
    from bot.launch import LaunchError
    from bot.quiet import quieten
    from bot.training import TrainingError

    quieten(visitors=options.command is _run)
    lean_rasa.leave_out_tensorflow()
    if options.command is not _run:  # which has nothing to clean up until it serves (bot/server.py)
        end_politely()
    try:
        return int(options.command(options) or 0)
    except (LaunchError, TrainingError) as error:
        return _fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="The FAQ assistant about mesotherapy for the face.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=function)
        return added

    run = command("run", _run, "Serve the assistant over HTTP, with the page to try it.")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine only)")
    run.add_argument("--port", type=_port, default=5005, help="port to listen on (default: %(default)s)")
    run.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    train = command("train", _train, "Train the model, if anything that it learns from has changed.")
    train.add_argument("--force", action="store_true", help="train even if nothing has changed")
    command("chat", _chat, "Talk to the assistant in the terminal; nothing is stored.")
    evaluate = command("evaluate", _evaluate, "Play questions from a file, write predictions, and score them where there are labels.")
    evaluate.add_argument("questions", type=Path, metavar="FILE.jsonl", help="lines of {id, text, context}, with or without labels")
    evaluate.add_argument("--predictions", type=Path, required=True, metavar="OUT.jsonl", help="where to write the predictions")
    evaluate.add_argument("--page", type=Path, metavar="OUT.html", help="where to write a page with scores, charts and errors, if there are labels")
    alarms = command("alarms", _alarms, "List every alarm of the stored conversations, and the messages that nearly raised one.")
    alarms.add_argument("--since", type=_date, metavar="DATE", help="only from this day on, e.g. 2026-11-01")
    alarms.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    alarms.add_argument("--out", type=Path, metavar="FILE.csv", help="write a table for a spreadsheet instead")
    report = command("report", _report, "Write a page on what visitors asked, what went unanswered and what they thought of the answers.")
    report.add_argument("page", type=Path, nargs="?", metavar="OUT.html", help="where to write the page (default: var/report.html)")
    report.add_argument("--since", type=_date, metavar="DATE", help="only from this day on, e.g. 2026-11-01")
    report.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    demo = command("demo-data", _demo_data, "Make up a month of conversations in a database of their own, to try the report before there are any.")
    demo.add_argument("--messages", type=_some, default=2000, help="how many messages visitors send (default: %(default)s)")
    demo.add_argument("--days", type=_some, default=30, help="over how many days (default: %(default)s)")
    demo.add_argument("--endpoints", type=Path, metavar="FILE", help="another empty database for them (default: var/demo.db, with var/demo.yml naming it)")
    backup = command("backup", _backup, "Write conversations and settings to one file, while the assistant runs or not.")
    backup.add_argument("file", type=Path, nargs="?", metavar="OUT.tar.gz", help="where to write it (default: a new file in var/backups/)")
    backup.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    restore = command("restore", _restore, "Bring conversations and settings back from a backup; what is replaced is kept aside.")
    restore.add_argument("file", type=Path, metavar="FILE.tar.gz", help="the backup")
    erase = command("erase", _erase, "Erase one conversation, for a visitor who gives its erasure code.")
    erase.add_argument("code", metavar="CODE", help="the erasure code, such as 7K2M-9QXA-04TZ-H6WC-E1RV")
    erase.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    export = command("export", _export, "Write all that is kept of one conversation as JSON, for a visitor who gives its erasure code.")
    export.add_argument("code", metavar="CODE", help="the erasure code, such as 7K2M-9QXA-04TZ-H6WC-E1RV")
    export.add_argument("--out", type=Path, metavar="FILE.json", help="where to write it (default: the terminal)")
    export.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    purge = command("purge", _purge, "Delete the conversations in which nothing was said for long; the server does the same every hour.")
    purge.add_argument("--days", type=_days, metavar="N", help="for how many days (default: retention_days of clinic.yml)")
    purge.add_argument("--endpoints", type=Path, metavar="FILE", help="where conversations are kept (default: endpoints.yml)")
    command("check", _check, "Check the rules of the content: wording, reading grade, dates of review.")
    new = command("new", _new, "Lay out what a new topic needs; `check` then says what is still to be written.")
    new.add_argument("what", choices=["topic"], help="what to lay out")
    new.add_argument("name", metavar="NAME", help="one short word in small letters, such as aftercare")
    command("doctor", _doctor, "Say in ten lines whether this installation is healthy.")
    review = command("review", _review, "Write a page on which a dermatologist reads all facts, and the replies that they lead to.")
    review.add_argument("page", type=Path, nargs="?", metavar="OUT.html", help="where to write the page (default: var/review.html)")
    sign = command("sign", _sign, "Record that somebody has signed facts off; a later change of a fact makes its signature void.")
    sign.add_argument("facts", nargs="+", metavar="FACT", help="id of a fact, or as the page of review gives it, such as cost.session_uk@1a2b3c4d")
    sign.add_argument("--by", required=True, metavar='"NAME, ROLE"', help="who signs, for example 'Dr Ada Osei, dermatologist'")
    questions = command("questions", _questions, "Write the questions and answers as a page for the clinic's own website, which needs no other file.")
    questions.add_argument("page", type=Path, metavar="OUT.html", help="where to write the page")
    return parser


def _run(options: argparse.Namespace) -> None:
    from bot.launch import ENDPOINTS
    from bot.server import serve

    serve(options.host, options.port, options.endpoints or ENDPOINTS)


def _train(options: argparse.Namespace) -> None:
    from bot import launch, training

    trained = training.train(launch.composer().store, options.force)
    print("The model is trained." if trained else "The model is up to date.", file=sys.stderr)


def _chat(options: argparse.Namespace) -> None:
    from bot.shell import chat

    chat()


def _evaluate(options: argparse.Namespace) -> int:
    from bot.evaluate import evaluate

    return evaluate(options.questions, options.predictions, options.page)


def _alarms(options: argparse.Namespace) -> None:
    from bot.alarms import review
    from bot.launch import ENDPOINTS

    review(options.endpoints or ENDPOINTS, options.since, options.out)


def _report(options: argparse.Namespace) -> None:
    from bot import launch, report_page

    print(report_page.write(launch.composer(), options.endpoints or launch.ENDPOINTS, options.page or report_page.PAGE, options.since), file=sys.stderr)


def _demo_data(options: argparse.Namespace) -> None:
    from bot import demo_data

    print(demo_data.make(options.messages, options.days, options.endpoints), file=sys.stderr)


def _backup(options: argparse.Namespace) -> None:
    from bot import backup, launch

    print(backup.backup(options.file, options.endpoints or launch.ENDPOINTS), file=sys.stderr)


def _restore(options: argparse.Namespace) -> None:
    from bot import backup

    print(backup.restore(options.file), file=sys.stderr)


def _erase(options: argparse.Namespace) -> None:
    from bot import privacy
    from bot.launch import ENDPOINTS

    print(privacy.erase(options.endpoints or ENDPOINTS, options.code))


def _export(options: argparse.Namespace) -> None:
    from bot import privacy
    from bot.launch import ENDPOINTS

    print(privacy.export(options.endpoints or ENDPOINTS, options.code, options.out))


def _purge(options: argparse.Namespace) -> None:
    from bot import privacy
    from bot.launch import ENDPOINTS

    print(privacy.purge(options.endpoints or ENDPOINTS, options.days))


def _check(options: argparse.Namespace) -> int:
    from bot import launch, new_topic
    from bot.facts import TODO

    if missing := new_topic.missing():
        print(*missing, sep="\n", file=sys.stderr)
        return _fail(f"Missing: {len(missing)}. A topic is left out of what is answered as long as {TODO} stands in its file.")
    store = launch.composer().store
    print(f"{len(store.facts)} facts from {len(store.sources)} sources fit.")
    if importlib.util.find_spec("bot.content_rules") is None:
        return 0
    return int(importlib.import_module("bot.content_rules").main() or 0)


def _new(options: argparse.Namespace) -> None:
    from bot import new_topic
    from bot.facts import TODO

    print(*new_topic.create(options.name), sep="\n")
    print(f"Now write what is asked and answered there, wherever {TODO} stands; `make check` says what is missing.", file=sys.stderr)


def _doctor(options: argparse.Namespace) -> int:
    from bot import doctor

    return doctor.main()


def _review(options: argparse.Namespace) -> None:
    from bot import launch, review_page

    print(review_page.write(launch.composer(), options.page or review_page.PAGE), file=sys.stderr)


def _sign(options: argparse.Namespace) -> int:
    from bot import launch
    from bot.signatures import SignatureError, sign

    try:
        signed = sign(launch.composer().store, options.facts, options.by, datetime.date.today())
    except SignatureError as error:
        return _fail(f"{error}. Nothing was signed.")
    print(f"Signed off by {signed[0].by}: {', '.join(one.fact for one in signed)}. An assistant that is running says so within seconds.", file=sys.stderr)
    return 0


def _questions(options: argparse.Namespace) -> None:
    from bot import launch, questions

    print(questions.write(launch.composer(), options.page), file=sys.stderr)


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day such as 2026-11-01") from None


def _some(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 1000000")
    return int(text)


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days from 1 to 3650")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: a number from 1 to 65535")
    return int(text)


def _unfit() -> str:
    """What is wrong with this Python, if anything."""
    if sys.version_info[:2] != (3, 10):
        return f"Rasa 3.6 needs Python 3.10, and this is {sys.version.split()[0]}: use `make run`, or .venv/bin/python -m bot."
    missing = [name for name in ("rasa", "pydantic", "yaml", "onnxruntime", "spacy") if importlib.util.find_spec(name) is None]
    return f"Not installed here: {', '.join(missing)}. Run `make install`, then use .venv/bin/python -m bot." if missing else ""


def _fail(problem: str) -> int:
    print(f"{problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    if status == ENDED_BY_INTERRUPT:
        os._exit(status)  # Python itself ends with another one where the interrupt met a library that runs Python from C
    sys.exit(status)
