"""The conversation shown in the README is what the assistant says."""

import asyncio
import re

from bot.quiet import ROOT


def test_readme_shows_a_real_conversation(assistant):
    shown = re.search(r"^    You: .*?(?=^## )", (ROOT / "README.md").read_text(encoding="utf8"), re.MULTILINE | re.DOTALL)[0]
    turns = [part.strip().split("\n\n", 1) for part in re.split(r"^    You: ", shown, flags=re.MULTILINE) if part.strip()]
    assert len(turns) > 2
    for said, reply in turns:
        told = asyncio.run(assistant.reply("readme", said.strip()))["text"]
        assert " ".join(told.split()) == " ".join(reply.split())
