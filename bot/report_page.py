"""Shows a clinic what its visitors asked: one page of HTML to read or print, which needs no script and no network.

Imports no Rasa. Every text goes through the template's escaping. Longer than most files here, because the page is one thing: its words, its stylesheet.
"""

from __future__ import annotations

import datetime
import itertools
import json
import statistics
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot import report, stored
from bot.composer import Composer
from bot.evaluation_page import first_sentence
from bot.facts import MESOTHERAPY, FactStore
from bot.launch import write_file
from bot.page import page
from bot.progress import stages
from bot.quiet import ROOT
from bot.redaction import redacted
from bot.reply import MARK, sentence
from bot.report import NOTHING_FOUND, Encode, Group, Report, Told

PAGE = ROOT / "var" / "report.html"

KINDS = {
    "answer": ("answered", "from the facts, with their sources"),
    "clarify": ("asked back", "with buttons, or asked to put it in other words"),
    "out_of_scope": ("refused", "not about what the assistant knows"),
    NOTHING_FOUND: ("nothing in the sources", "understood, and told that our sources say nothing on it"),
    "personal": ("one’s own case", "told the facts, and sent to a clinician"),
    "contact": ("the clinic", "how to reach it, its hours, a visit"),
    "urgent": ("urgent", "told whom to call"),
    "bot": ("the assistant itself", "whether it is a person, who can read this"),
    "": ("no reply", "something went wrong: see the server’s log"),
}
"""The kinds of reply to a question: how the page calls them, and what they are."""
INSTEAD = {"clarify": "asked back", "out_of_scope": "refused", NOTHING_FOUND: "nothing in the sources", "": "no reply"}
WHYS = ("wrong", "outdated", "unclear", "other")
SPEEDS = ((0.1, "up to 0.1 s"), (0.2, "0.1 to 0.2 s"), (0.5, "0.2 to 0.5 s"), (1.0, "0.5 to 1 s"), (2.0, "1 to 2 s"), (float("inf"), "longer than 2 s"))
GROUPS_SHOWN, SINGLES_SHOWN, REPLIES_SHOWN, WORDINGS_SHOWN = 15, 60, 10, 8


def write(composer: Composer, endpoints: Path, path: Path = PAGE, since: datetime.date | None = None) -> str:
    """Write the page, and return one line that says what it holds.

    Raises: LaunchError if the conversations cannot be read, there is no trained model, or the page cannot be written.
    """
    start = datetime.datetime.combine(since, datetime.time(), stored.zone(composer.clinic)).timestamp() if since else 0.0
    conversations = stored.Conversations(endpoints, start)
    counted = report.gather(tqdm(conversations, unit="conversation", desc="Reading", file=sys.stderr, mininterval=0.5), composer.clinic, start)
    with stages() as clock:
        clock.stage(f"Grouping what went unanswered, {min(len(counted.unanswered), report.MOST):,} wordings")
        text = render(composer, counted, datetime.datetime.now(stored.zone(composer.clinic)), since)
    write_file(path, text)
    return f"{path}: {counted.messages:,} messages in {counted.conversations.total():,} conversations. Open it in a browser, or print it."


def render(composer: Composer, counted: Report, now: datetime.datetime, since: datetime.date | None = None, encode: Encode = report.encode) -> str:
    """The whole page as HTML.

    Args:
        composer: Whose facts and clinic the page is about.
        counted: What was counted.
        now: When the page is made; facts are held against its day.
        since: The day from which on was counted, if not from the beginning.
        encode: Gives the vectors of texts.

    Raises: LaunchError if the encoder is needed and there is no trained model.
    """
    store = composer.store
    groups, left = report.groups(counted.unanswered.values(), encode)
    days = list(report.spans(counted))
    shown = [group for group in groups if group.count > 1][:GROUPS_SHOWN]
    singles = [group for group in groups if group not in shown]
    told = list(counted.told.values())
    named = _names(store, counted.treatments)
    usual = sentence(store.vocabulary.treatments[MESOTHERAPY].name)
    filters = {"percent": _percent, "day": _day, "short": _short, "number": "{:,}".format, "shown": redacted, "seconds": _seconds}
    return page(
        _PAGE,
        _STYLE,
        filters,
        clinic=composer.clinic,
        counted=counted,
        now=now,
        since=since,
        days=days,
        weekly=len(days) > 1 and (days[1][0] - days[0][0]).days == 7,
        top=_top(max([questions for _, _, questions in days], default=0)),
        kinds=[(kind, *words, counted.kinds[kind]) for kind, words in KINDS.items() if counted.kinds[kind] or kind not in ("", NOTHING_FOUND)],
        topics=_ranked({topic.label: counted.topics[key] for key, topic in store.topics.items()}),
        usual=(usual, named.pop(usual, 0)),
        treatments=_ranked(named),
        unanswered=sum(group.count for group in groups) + left,
        groups=[_group(store, group) for group in shown],
        singles=[group.wordings[0].text for group in singles][:SINGLES_SHOWN],
        others=sum(group.count for group in singles),
        left=left,
        most=report.MOST,
        instead=INSTEAD,
        whys=WHYS,
        marked=[_told(store, one) for one in sorted(told, key=lambda one: (-one.bad, -one.count)) if one.bad][:REPLIES_SHOWN],
        bad=sum(one.bad for one in told),
        good=sum(one.good for one in told),
        rephrased=[_told(store, one) for one in sorted(told, key=lambda one: (-one.rephrased, one.count)) if one.rephrased][:REPLIES_SHOWN],
        lapsing=report.lapsing(store, now.date()),
        next_lapse=min(store.facts.values(), key=lambda fact: (fact.review_by, fact.id)),
        speed=_speed(counted.seconds),
    )


def _group(store: FactStore, group: Group) -> dict[str, Any]:
    """A group with what a clinic can do about it."""
    texts = [redacted(wording.text) for wording in group.wordings]
    topic = group.topic or "TOPIC"
    return {
        "count": group.count,
        "kinds": group.kinds.most_common(),
        "texts": texts[:WORDINGS_SHOWN],
        "more": len(texts) - WORDINGS_SHOWN,
        "near": store.topics[topic].label if topic in store.topics else "",
        "file": f"data/facts/{topic}.yml",
        "fact": _fact_stub(topic, texts[:WORDINGS_SHOWN]),
        "examples": _examples_stub(topic, texts[:WORDINGS_SHOWN]),
    }


def _fact_stub(topic: str, texts: Sequence[str]) -> str:
    """Lines for a topic's file: a fact, and the answer that rests on it."""
    asks = "\n".join(f"      - {json.dumps(text, ensure_ascii=False)}" for text in texts)
    return (
        f"# under answers:\n  - id: NAME\n    asks:\n{asks}\n    opening: THE ANSWER IN ONE SENTENCE.\n    facts: [{topic}.NAME]\n"
        f"# under facts:\n  - id: {topic}.NAME\n    claim: WHAT THE SOURCE SAYS, AS CAREFULLY AS IT SAYS IT.\n    sources: [ID-IN-REFERENCES]\n"
    )


def _examples_stub(topic: str, texts: Sequence[str]) -> str:
    """Lines for data/nlu.yml: more ways of asking what is answered already."""
    examples = "\n".join(f"      - {text.replace('[', '(').replace(']', ')')}" for text in texts)
    return f"  - intent: ask_{topic}\n    metadata: {{writer: clinic}}\n    examples: |\n{examples}\n"


def _told(store: FactStore, one: Told) -> dict[str, Any]:
    """A reply as the page names it: its topics, its first sentence, where to change it."""
    return {
        "one": one,
        "about": ", ".join(store.topics[topic].label for topic in one.topics if topic in store.topics) or KINDS.get(one.kind, (one.kind,))[0],
        "said": first_sentence(MARK.sub("", one.said)),
        "asked": [redacted(text) for text, _ in one.asked.most_common(3)],
        "share": one.rephrased / one.count,
    }


def _names(store: FactStore, treatments: Mapping[str, int]) -> Counter[str]:
    """How often each treatment was asked about, under the name that it goes by; other names of mesotherapy count as mesotherapy."""
    found: Counter[str] = Counter()
    for key, count in treatments.items():
        if key in store.vocabulary.treatments:
            found[sentence(store.vocabulary.treatments[MESOTHERAPY if store.subject(key) is None else key].name)] += count
    return found


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Names by their counts, the highest first, each with its part of the highest; without those that are none."""
    highest = max([*counts.values(), 1])
    return sorted(((name, count, count / highest) for name, count in counts.items() if count), key=lambda row: (-row[1], row[0]))


def _speed(seconds: Sequence[float]) -> dict[str, Any]:
    """How quick replies were: the middle one, what 19 of 20 kept under, the slowest, and how many took how long."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    bounds = (0.0, *(bound for bound, _ in SPEEDS))
    counts = [sum(low <= one < high for one in ordered) for low, high in itertools.pairwise(bounds)]
    return {
        "count": len(ordered),
        "median": statistics.median(ordered),
        "most": ordered[int(0.95 * (len(ordered) - 1))],
        "slowest": ordered[-1],
        "rows": [(words, count, count / max(counts)) for (_, words), count in zip(SPEEDS, counts, strict=True)],
    }


def _top(highest: int) -> int:
    """The end of a scale with four equal, round steps that reaches a number."""
    step = 1
    while 4 * step < highest:
        step = next(bound for bound in (int(m * 10**e) for e in range(len(str(highest)) + 1) for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)) if bound > step)
    return 4 * step


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 or not share else f"{100 * share:.1f} %"


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _short(day: datetime.date) -> str:
    return f"{day.day} {day:%b}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


_STYLE = """
:root { color-scheme: light dark; --ink: #1f2c2b; --muted: #55625f; --line: #dfddd4; --paper: #f7f6f2; --card: #fff; --main: #24706f; --soft: #cfe3de;
  --second: #c08a2d; --bad: #9c3a27; --code: #eef0ec; --warn: #fbefc9; --warn-ink: #53400a; --back: #8fbfb8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebe8; --muted: #a3b0ac; --line: #35403e; --paper: #141b1a; --card: #1c2524; --main: #6bbcb3; --soft: #2b4a47; --second: #dfae57;
    --bad: #f09a86; --code: #121817; --warn: #4a3b10; --warn-ink: #fbe9b5; --back: #34716a; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.2rem 1.25rem 4rem; }
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; text-wrap: balance; }
.when { margin: .35rem 0 1.4rem; color: var(--muted); }
h2 { margin: 0 0 .35rem; font-size: 1.35rem; line-height: 1.25; }
h3 { margin: 0 0 .5rem; font-size: 1.05rem; line-height: 1.35; }
p { margin: 0 0 .8rem; max-width: 44rem; }
a { color: var(--main); text-underline-offset: .15em; }
.note, caption { color: var(--muted); font-size: .92rem; }
.made-up { margin: 0 0 1.5rem; padding: .8rem 1.1rem; max-width: none; border-radius: .7rem; background: var(--warn); color: var(--warn-ink);
  font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .8rem; margin: 0; padding: 0; list-style: none; }
.tiles li { padding: .85rem 1rem .8rem; border: 1px solid var(--line); border-radius: .8rem; background: var(--card); }
.tiles strong { display: block; font-size: 1.75rem; line-height: 1.15; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tiles span { display: block; margin-top: .2rem; color: var(--muted); font-size: .9rem; line-height: 1.35; }
nav ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 1.3rem 0 0; padding: 0; list-style: none; }
nav a { display: block; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--card); text-decoration: none;
  font-size: .92rem; }
nav a:hover { border-color: var(--main); }
section { margin-top: 1.4rem; padding: 1.4rem 1.5rem 1.5rem; border: 1px solid var(--line); border-radius: .9rem; background: var(--card); }
.beside { display: grid; gap: 1.6rem 2.5rem; align-items: start; }
.beside > * { min-width: 0; }
.days { margin: 1rem 0 .3rem; }
.plot { position: relative; height: 13rem; margin-left: 2.4rem; border-bottom: 1px solid var(--muted); }
.rule { position: absolute; left: 0; right: 0; height: 0; border-top: 1px solid var(--line); }
.rule b { position: absolute; right: 100%; top: -.75em; padding-right: .5rem; color: var(--muted); font-size: .8rem; font-weight: 400; line-height: 1.5;
  font-variant-numeric: tabular-nums; }
.columns { position: absolute; inset: 0; display: flex; align-items: flex-end; gap: 2px; }
.columns span { position: relative; flex: 1; height: 100%; }
.columns i, .columns u { position: absolute; bottom: 0; border-radius: .15rem .15rem 0 0; }
.columns i { left: 6%; right: 6%; background: var(--main); }
.columns u { left: 30%; right: 30%; background: var(--second); }
.ticks { display: flex; gap: 2px; margin-left: 2.4rem; height: 1.5rem; color: var(--muted); font-size: .8rem; }
.ticks span { flex: 1; position: relative; }
.ticks b { position: absolute; left: 50%; transform: translateX(-50%); white-space: nowrap; font-weight: 400; padding-top: .25rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .5rem 0 0 2.4rem; padding: 0; list-style: none; color: var(--muted); font-size: .9rem; }
.swatch { display: inline-block; width: .8em; height: .8em; margin-right: .45em; border-radius: .2em; vertical-align: -.03em; }
.one { background: var(--main); } .two { background: var(--second); }
.stack { display: flex; height: 1.7rem; margin: .9rem 0 .4rem; border-radius: .4rem; overflow: hidden; gap: 2px; }
.k-answer { background: var(--main); } .k-clarify { background: var(--back); } .k-out_of_scope { background: #b9b3a4; } .k-unknown { background: #94907f; }
.k-personal { background: #7b6ca8; } .k-contact { background: #c9a961; } .k-urgent { background: #b2452f; } .k-bot { background: #7fa3c7;
  } .k- { background: #222; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .5rem; text-align: left; }
th, td { padding: .36rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--muted); font-size: .85rem; font-weight: 600; line-height: 1.3; vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; }
.bars th { width: 42%; } .bars td { vertical-align: middle; }
.bar { display: block; min-width: 3px; height: .8rem; border-radius: .2rem; background: var(--main); }
.drawn { width: 38%; }
article { margin: .9rem 0 0; padding: 1rem 1.1rem .9rem; border: 1px solid var(--line); border-left: 5px solid var(--second); border-radius: .6rem;
  min-width: 0; }
article.reply { border-left-color: var(--bad); }
article header { display: flex; justify-content: space-between; align-items: baseline; gap: .5rem 1rem; }
article header h3 { min-width: 0; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.size { flex: none; color: var(--muted); font-size: .9rem; white-space: nowrap; }
.size strong { color: var(--ink); font-size: 1.15rem; }
.said { margin: 0 0 .6rem; padding: 0; list-style: none; }
.said li { display: inline; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.said li + li::before { content: " · "; color: var(--muted); }
.badges { display: flex; flex-wrap: wrap; gap: .35rem; margin: 0 0 .5rem; padding: 0; list-style: none; }
.badges li { padding: .02rem .6rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--muted); font-size: .85rem; }
.badges .bad { border-color: var(--bad); color: var(--bad); font-weight: 600; }
.fact { color: var(--muted); font-size: .88rem; overflow-wrap: anywhere; }
details { margin: .35rem 0 0; }
summary { width: fit-content; cursor: pointer; color: var(--main); font-size: .93rem; }
code, pre { font-family: ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; font-size: .85em; }
pre { margin: .4rem 0 .6rem; padding: .7rem .9rem; border-radius: .5rem; background: var(--code); white-space: pre-wrap; overflow-wrap: anywhere;
  user-select: all;
  -webkit-user-select: all; }
.pair { display: block; overflow-wrap: anywhere; }
.pair b { color: var(--main); font-weight: 600; }
article > :last-child, section > :last-child { margin-bottom: 0; }
footer { margin-top: 1.6rem; color: var(--muted); font-size: .9rem; }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; border-radius: .2rem; }
@media (min-width: 52rem) { .beside { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
@media (max-width: 36rem) {
  main { padding: 1.3rem .8rem 2.5rem; }
  section { padding: 1.05rem .95rem 1.1rem; border-radius: .7rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .55rem; }
  .tiles strong { font-size: 1.4rem; }
  .plot { height: 9.5rem; margin-left: 1.9rem; } .ticks, .legend { margin-left: 1.9rem; }
  .columns, .ticks { gap: 1px; }
  .ticks span:not(.wide) b { display: none; }
  article { padding: .85rem .85rem .8rem; }
  article header { flex-direction: column-reverse; gap: .1rem; }
  .what { display: none; }
}
@media print {
  @page { margin: 13mm; }
  :root { color-scheme: light; --ink: #1f2c2b; --muted: #55625f; --line: #d6d4cb; --paper: #fff; --card: #fff; --main: #24706f; --second: #c08a2d;
  --bad: #9c3a27;
    --code: #f3f4f1; --warn: #fbefc9; --warn-ink: #53400a; }
  html { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  nav, details { display: none; }
  section { margin-top: 1.2rem; padding: 0; border: 0; }
  article, tr, .days, .tiles li { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .beside { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_PAGE = """\
{% macro bars(rows, caption, first, last) %}
<table class="bars"><caption>{{ caption }}</caption>
<thead><tr><th scope="col">{{ first }}</th><td class="drawn"></td><th scope="col" class="n">{{ last }}</th></tr></thead>
<tbody>
{% for name, count, part in rows %}
<tr><th scope="row">{{ name }}</th><td class="drawn">{% if count %}<span class="bar" style="width:{{ "%.1f"|format(100 * part) }}%"></span>{% endif %}</td>
<td class="n">{{ count|number }}</td></tr>
{% endfor %}
</tbody></table>
{% endmacro %}
{% macro facts(ids) %}
{% if ids %}<p class="fact">Rests on {% for id in ids %}<code>{{ id }}</code>{{ ", " if not loop.last }}{% endfor %}</p>{% endif %}
{% endmacro %}
{% set title %}What visitors asked{{ ": " ~ clinic.name if clinic.name }}{% endset %}
{% include "head.html" %}
<body>
<main>
<h1>What visitors asked{{ " at " ~ clinic.name if clinic.name }}</h1>
<p class="when">{% if days %}{{ days[0][0]|day }} to {{ (counted.questions.keys()|list + counted.conversations.keys()|list)|max|day }}
{%- else %}Nothing{{ " since " ~ since|day if since }}{% endif %}, as stored on {{ now.date()|day }} at {{ now.strftime("%H:%M") }}.</p>
{% if counted.made_up %}
<p class="made-up" role="note">{% if counted.made_up == counted.conversations.total() -%}
Nobody said any of this. All conversations were made up by <code>python -m bot demo-data</code>, to show what this page looks like.
{%- else -%}
{{ counted.made_up|number }} of these conversations were made up by <code>python -m bot demo-data</code>, and the others were not. Do not trust any number here.
{%- endif %}</p>
{% endif %}
{% if not days %}
<p>No conversations are stored{{ " since " ~ since|day if since }}. As soon as visitors write, this page tells what about.</p>
{% else %}
<ul class="tiles">
<li><strong>{{ counted.conversations.total()|number }}</strong> <span>conversation{{ "s" if counted.conversations.total() != 1 }}</span></li>
<li><strong>{{ counted.questions.total()|number }}</strong> <span>questions, in {{ counted.messages|number }} messages</span></li>
<li><strong>{{ counted.share("answer")|percent }}</strong> <span>of them answered</span></li>
<li><strong>{{ unanswered|number }}</strong> <span><a href="#unanswered">went unanswered</a></span></li>
<li><strong>{{ counted.kinds["urgent"]|number }}</strong> <span>got an urgent reply</span></li>
<li><strong>{{ bad|number }}</strong> <span><a href="#marked">marked bad</a>, {{ good|number }} good</span></li>
{% if clinic.hours and clinic.time_zone %}
<li><strong>{{ (counted.closed / counted.questions.total() if counted.questions else 0)|percent }}</strong> <span>came while you were closed</span></li>
{% endif %}
{% if speed %}
<li><strong>{{ speed.median|seconds }}</strong> <span>half of the replies took less</span></li>
{% endif %}
</ul>
<nav aria-label="Sections"><ul>
<li><a href="#days">Day by day</a></li><li><a href="#replies">What they got</a></li><li><a href="#topics">Topics and treatments</a></li>
<li><a href="#unanswered">Unanswered</a></li><li><a href="#marked">Marked bad</a></li><li><a href="#rephrased">Asked again</a></li>
<li><a href="#lapsing">Facts to check</a></li><li><a href="#speed">Speed</a></li>
</ul></nav>

<section id="days">
<h2>{{ "Week by week" if weekly else "Day by day" }}</h2>
<div class="days" role="img" aria-label="Columns: questions and conversations {{ "a week" if weekly else "a day" }}. The table below holds the numbers.">
<div class="plot">
{% for step in range(1, 5) %}
<div class="rule" style="bottom:{{ 25 * step }}%"><b>{{ (top * step // 4)|number }}</b></div>
{% endfor %}
<div class="columns">
{% for day, conversations, questions in days %}
<span><i style="height:{{ "%.1f"|format(100 * questions / top) }}%"></i><u style="height:{{ "%.1f"|format(100 * conversations / top) }}%"></u></span>
{% endfor %}
</div>
</div>
<div class="ticks">
{% set every = (days|length / 8)|round(0, "ceil")|int or 1 %}
{% for day, _, _ in days %}
<span{% if loop.index0 % (2 * every) == 0 %} class="wide"{% endif %}>{% if loop.index0 % every == 0 %}<b>{{ day|short }}</b>{% endif %}</span>
{% endfor %}
</div>
</div>
<ul class="legend"><li><span class="swatch one"></span>questions</li><li><span class="swatch two"></span>conversations</li></ul>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">{{ "week from" if weekly else "day" }}</th><th scope="col" class="n">conversations</th>
<th scope="col" class="n">questions</th></tr></thead>
<tbody>
{% for day, conversations, questions in days %}
<tr><th scope="row">{{ day.strftime("%a") ~ " " if not weekly }}{{ day|day }}</th><td class="n">{{ conversations|number }}</td>
<td class="n">{{ questions|number }}</td></tr>
{% endfor %}
</tbody></table></details>
</section>

<section id="replies">
<h2>What their questions got</h2>
<div class="stack" role="img" aria-label="A bar of shares: {% for _, name, _, count in kinds if count %}{{ name }} {{ (count / counted.kinds.total())|percent }}
{{- ", " if not loop.last }}{% endfor %}.">
{% for kind, _, _, count in kinds if count %}
<span class="k-{{ kind }}" style="flex:{{ count }}"></span>
{% endfor %}
</div>
<table>
<thead><tr><th scope="col">reply</th><th scope="col" class="what">what that is</th><th scope="col" class="n">questions</th>
<th scope="col" class="n">share</th></tr></thead>
<tbody>
{% for kind, name, what, count in kinds %}
<tr><th scope="row"><span class="swatch k-{{ kind }}"></span>{{ name }}</th><td class="note what">{{ what }}</td><td class="n">{{ count|number }}</td>
<td class="n">{{ (count / counted.kinds.total() if counted.kinds else 0)|percent }}</td></tr>
{% endfor %}
</tbody></table>
<p class="note">A pressed button counts as a question. Greetings, thanks and praise or blame in words are no questions.
{% if counted.kinds["urgent"] %}Read every urgent one: <code>python -m bot alarms</code>.{% endif %}</p>
</section>

<section id="topics">
<h2>Topics and treatments</h2>
<div class="beside">
<div>{{ bars(topics, "Topics that were answered; one question may ask for several.", "topic", "questions") }}</div>
<div>{{ bars(treatments, "Other treatments that answers were about; " ~ usual[1]|number ~ " were about " ~ usual[0]|lower ~ ".", "treatment", "questions")
}}</div>
</div>
</section>

<section id="unanswered">
<h2>What went unanswered</h2>
{% if not unanswered %}
<p>Nothing: every question got an answer, or a button was pressed that led to one.</p>
{% else %}
<p>{{ unanswered|number }} questions were refused, or were met with a question back of which no button was pressed, or our sources say nothing on them.
What is near in meaning stands together, the most frequent first. Where the assistant should know the answer, copy what is below a group, fill in the words in
capitals, and run <code>make check</code>. Where it is right to refuse, there is nothing to do.</p>
{% if left %}<p class="note">{{ left|number }} questions in wordings that came up least are not grouped: at most {{ most|number }} wordings are.</p>{% endif %}
{% for group in groups %}
<article aria-labelledby="group-{{ loop.index }}">
<header><h3 id="group-{{ loop.index }}">{{ group.texts[0] }}</h3><span class="size"><strong>{{ group.count|number }}</strong> questions</span></header>
{% if group.texts|length > 1 %}
<ul class="said">{% for text in group.texts[1:] %}<li>{{ text }}</li>{% endfor %}</ul>
{% if group.more > 0 %}<p class="note">and {{ group.more|number }} more wordings</p>{% endif %}
{% endif %}
<ul class="badges">{% for kind, count in group.kinds %}<li>{{ instead[kind] }} {{ count|number }}</li>{% endfor %}
{% if group.near and group.kinds[0][0] != "out_of_scope" %}<li>nearest topic: {{ group.near }}</li>{% endif %}</ul>
<details><summary>Add a new fact, in {{ group.file }}</summary><pre tabindex="0">{{ group.fact }}</pre></details>
<details><summary>It has the answer already: add ways of asking, in data/nlu.yml</summary><pre tabindex="0">{{ group.examples }}</pre></details>
</article>
{% endfor %}
{% if singles %}
<details><summary>{{ others|number }} questions that stand alone, or in smaller groups</summary>
<ul class="said">{% for text in singles %}<li>{{ text|shown }}</li>{% endfor %}</ul>
{% if others > singles|length %}<p class="note">Here are {{ singles|length }} of them.</p>{% endif %}</details>
{% endif %}
{% endif %}
</section>

<section id="marked">
<h2>What was marked bad</h2>
{% if not marked %}
<p>Nobody marked a reply bad{{ "" if good else ", and nobody marked one good" }}.</p>
{% else %}
<p>Visitors marked {{ bad|number }} {{ "reply" if bad == 1 else "replies" }} bad and {{ good|number }} good. The replies that were marked bad most often:</p>
{% for row in marked %}
<article class="reply" aria-labelledby="marked-{{ loop.index }}">
<header><h3 id="marked-{{ loop.index }}">{{ row.said }}</h3><span class="size"><strong>{{ row.one.bad|number }}</strong> of {{ row.one.count|number
}}</span></header>
<ul class="badges">{% for why in whys if row.one.whys[why] %}<li class="bad">{{ why }} {{ row.one.whys[why]|number }}</li>{% endfor %}
{% if row.one.good %}<li>good {{ row.one.good|number }}</li>{% endif %}<li>{{ row.about }}</li></ul>
<ul class="said">{% for text in row.asked %}<li>“{{ text }}”</li>{% endfor %}</ul>
{{ facts(row.one.facts) }}
</article>
{% endfor %}
{% endif %}
</section>

<section id="rephrased">
<h2>What was asked again in other words</h2>
<p class="note">A reply counts here if the visitor typed another message within two minutes that shares at least half of its words with the one before and names
the same treatments, or that led to the very same facts again, or that came where the assistant had asked back. So it often did not help; sometimes the
visitor was
just curious.</p>
{% if not rephrased %}
<p>Nothing was.</p>
{% else %}
<table><caption>The replies after which that happened most often</caption>
<thead><tr><th scope="col">reply</th><th scope="col" class="n">asked again</th><th scope="col" class="n">share</th></tr></thead>
<tbody>
{% for row in rephrased %}
<tr><th scope="row">{{ row.said }}{% for first, then in row.one.rewordings %}<span class="pair note">“{{ first|shown }}” <b>then</b> “{{ then|shown
}}”</span>{% endfor %}
{{ facts(row.one.facts) }}</th>
<td class="n">{{ row.one.rephrased|number }} of {{ row.one.count|number }}</td><td class="n">{{ row.share|percent }}</td></tr>
{% endfor %}
</tbody></table>
{% endif %}
</section>
{% endif %}

<section id="lapsing">
<h2>Facts to check again</h2>
{% if not lapsing|selectattr(1)|list %}
<p>None in the next 90 days. The first is <code>{{ next_lapse.id }}</code>, on {{ next_lapse.review_by|day }}.</p>
{% else %}
<p>Each fact has a day by which somebody should look whether its source still says so (<code>review_by</code>). After it the fact is still told, with the
month in
which it was last checked.</p>
<table>
<thead><tr><th scope="col">fact</th><th scope="col">check by</th><th scope="col" class="n">told</th></tr></thead>
{% for days, some in lapsing if some %}
<tbody>
<tr><th scope="rowgroup" colspan="3"><strong>{{ "Past their day" if not days else "In " ~ days ~ " days" }}: {{ some|length }}</strong></th></tr>
{% for fact in some %}
<tr><th scope="row">{{ fact.claim }} <code class="fact">{{ fact.id }}</code></th><td>{{ fact.review_by|day }}</td>
<td class="n">{{ counted.facts[fact.id]|number }}</td></tr>
{% endfor %}
</tbody>
{% endfor %}
</table>
{% endif %}
</section>

{% if speed %}
<section id="speed">
<h2>Time to a reply</h2>
<div class="beside">
<p>Half of the replies left within {{ speed.median|seconds }} of the message’s arrival, 19 of 20 within {{ speed.most|seconds }}; the slowest took {{
speed.slowest|seconds }}.
The way over the network comes on top.</p>
<div>{{ bars(speed.rows, speed.count|number ~ " replies whose time is known.", "time", "replies") }}</div>
</div>
</section>
{% endif %}
<footer><p>Written by <code>python -m bot report</code>. This page holds what people typed, without the personal data that was recognised: keep it as you keep
the conversations, and no longer. It loads nothing and sends nothing. How to read it: docs/report.md.
{% if counted.unreadable %}Left out, because the database is damaged there: {{ counted.unreadable|number }} events.{% endif %}</p></footer>
</main>
</body>
</html>
"""
