"""A readable chat in the terminal: the trained model and the real actions, nothing stored."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.progress import LOADING, stages
from bot.signals import ending_at_once, temporary_files_in

if TYPE_CHECKING:
    from bot.conversation import Assistant
    from bot.edge import Message

LEAVE = frozenset({"/quit", "/exit", "/stop", "/q"})
WIDEST = 100


def chat() -> None:
    """Talk until the visitor leaves, with Ctrl-C, Ctrl-D or /quit; with piped input, answer every line.

    Raises: LaunchError saying what is missing or broken.
    """
    with stages() as clock, ending_at_once() as scratch:
        clock.stage(LOADING)
        from bot.conversation import Assistant

        clock.stage("Loading the model")
        with temporary_files_in(scratch):
            assistant = Assistant.load()
    asyncio.run(_talk(assistant, sys.stdin.isatty()))


async def _talk(assistant: Assistant, typed: bool) -> None:
    session = f"shell-{secrets.token_hex(8)}"
    welcome = assistant.welcome()
    print(_wrapped(welcome["disclosure"]), _wrapped(welcome["text"]), sep="\n\n")
    if typed:
        print("\nType your question; /quit ends the chat.")
    buttons: list[dict[str, str]] = []
    for line in _lines(typed):
        if line.strip().lower() in LEAVE:
            break
        chosen = _chosen(line, buttons)
        message = await (assistant.choose(session, chosen) if chosen else assistant.reply(session, line))
        buttons = message["buttons"]
        print(f"\n{shown(message)}\n", flush=True)


def shown(message: Message) -> str:
    """A reply as the terminal shows it: its lines wrapped, its buttons numbered; the disclosure stood at the top."""
    lines = [_wrapped(message["text"])]
    lines += [f"  {number}) {button['title']}" for number, button in enumerate(message["buttons"], start=1)]
    if message["buttons"]:
        lines.append(f"(type a number from 1 to {len(message['buttons'])}, or your own words)")
    return "\n".join(lines)


def _chosen(line: str, buttons: list[dict[str, str]]) -> str | None:
    number = line.strip().rstrip(".)")
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(buttons):
        return buttons[int(number) - 1]["choice"]
    return None


def _lines(typed: bool) -> Iterator[str]:
    if typed:
        import readline  # noqa: F401  (gives the prompt its history and editing)
    while True:
        try:
            line = input("You: " if typed else "")
        except EOFError:
            return
        except UnicodeDecodeError:
            line = ""
        if not typed:
            print(f"\nYou: {line}")
        yield line


def _wrapped(text: str) -> str:
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    lines = (textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""] for line in text.split("\n"))
    return "\n".join(part for wrapped in lines for part in wrapped)
