"""Shows all facts to the dermatologist who signs them: one page of HTML to read or print, which needs no script and no network.

Imports no Rasa. Every text goes through the template's escaping. Longer than most files here, because the page is one thing: its words, its stylesheet.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.composer import Composer
from bot.facts import SIGNED_OFF, Fact, FactStore, Source
from bot.launch import write_file
from bot.page import page
from bot.quiet import ROOT
from bot.reading import Question
from bot.reply import sentence
from bot.review import Use, sections
from bot.signatures import PLACEHOLDER, mark

PAGE = ROOT / "var" / "review.html"

EVIDENCE = {
    "case report": "report of one or a few patients",
    "charity": "information from a charity",
    "clinic price page": "a clinic’s own page, which sells the treatment",
    "consumer guide": "guide for consumers, not peer-reviewed",
    "dermatologist opinion": "opinion of one dermatologist",
    "government information (reproduced)": "government information, read where another site reproduces it",
    "health service patient information": "information for patients from a national health service",
    "hospital patient information": "information for patients from a hospital",
    "manufacturer": "text of the manufacturer, who sells the product",
    "opinion article, open-access publisher": "opinion article, with an open-access publisher",
    "outbreak report": "report of an outbreak",
    "patient information leaflet": "leaflet for patients",
    "peer-reviewed laboratory study": "peer-reviewed laboratory study, not in patients",
    "peer-reviewed trial": "peer-reviewed trial in people",
    "peer-reviewed trial (secondary summary)": "peer-reviewed trial, read in a summary by others",
    "professional register / industry body": "professional register or industry body",
    "professional society": "statement of a professional society",
    "regulator": "text of a regulator",
    "regulator (reported by press)": "text of a regulator, read through a press report",
    "retrospective study": "study that looks back at patients’ records",
    "review": "review of studies by others",
    "review (reported by press)": "review of studies, read through a press report",
}
"""The kinds of evidence of data/facts/references.yml, as a reader would say them."""

STATES = {
    "signed": ("✓", "signed"),
    "void": ("!", "signed, but changed since"),
    "none": ("○", "not signed"),
    "told": ("–", "follows from the signatures"),
}
"""By state of a fact: its sign and its name."""
_EXAMPLE = "safety"
_COMMAND = ".venv/bin/python -m bot sign"


def write(composer: Composer, path: Path = PAGE) -> str:
    """Write the page, and return one line that says what it holds.

    Raises: LaunchError if it cannot be written.
    """
    write_file(path, render(composer, datetime.date.today()))
    facts = composer.store.facts.values()
    return f"{path}: {len(facts)} facts, {sum(bool(fact.signed_off_by) for fact in facts)} of them signed off. Open it in a browser, or print it."


def render(composer: Composer, today: datetime.date) -> str:
    """The whole page as HTML; the same input gives the same text.

    Args:
        composer: Whose facts and clinic the page is about.
        today: The day against which `review_by` is held.
    """
    store, gathered = composer.store, sections(composer)
    uses = [use for section in gathered for use in section.uses]
    cards = {section.key: [_card(store, fact, uses, today) for fact in section.facts] for section in gathered}
    unsigned = {key: [card["mark"] for card in found if card["state"] in ("none", "void")] for key, found in cards.items()}
    filters = {"day": _day, "capital": sentence}
    return page(
        _PAGE,
        _STYLE,
        filters,
        states=STATES,
        clinic=composer.clinic.name,
        country=_place(store, composer.clinic.country),
        today=today,
        sections=gathered,
        cards=cards,
        counts=[(section, _counts(cards[section.key])) for section in gathered if section.facts],
        total=_counts([card for found in cards.values() for card in found]),
        gone=[one for one in store.void_signatures if one.fact not in store.facts],
        placeholder=PLACEHOLDER,
        told_id=SIGNED_OFF,
        example_question=store.topics[_EXAMPLE].answers[0].asks[0],
        example=composer.answer([Question(_EXAMPLE, store.topics[_EXAMPLE].answers[0].id)]).text,
        commands={key: _command(*marks) for key, marks in unsigned.items() if len(marks) > 1},
    )


def _card(store: FactStore, fact: Fact, uses: Sequence[Use], today: datetime.date) -> dict[str, Any]:
    """One fact with everything that is shown of it."""
    signature = store.signatures.get(fact.id)
    state = "told" if fact.id == SIGNED_OFF else "signed" if fact.signed_off_by else "void" if signature else "none"
    return {
        "fact": fact,
        "state": state,
        "signature": signature,
        "mark": mark(store, fact.id),
        "command": _command(mark(store, fact.id)),
        "lapsed": fact.lapsed(today),
        "about": store.vocabulary.treatments[fact.treatment].name if fact.treatment else "mesotherapy",
        "place": _place(store, fact.region),
        "also": [store.topics[topic].label for topic in fact.also],
        "sources": [(source, EVIDENCE.get(source.evidence, source.evidence), _dates(source)) for source in store.sources_of(fact.id)],
        "uses": [use for use in uses if fact.id in use.facts],
    }


def _counts(cards: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    states = Counter(card["state"] for card in cards)
    return {"facts": len(cards), **{state: states[state] for state in STATES}, "lapsed": sum(card["lapsed"] for card in cards)}


def _command(*marks: str) -> str:
    """What signs facts as they stand on the page, a fact a line where there are several."""
    gap = " \\\n    " if len(marks) > 1 else " "
    return gap.join((_COMMAND, *marks, f'--by "{PLACEHOLDER}"'))


def _dates(source: Source) -> str:
    """The dates of a source: its own, and when it was read."""
    own = ["shows no date" if source.published == "undated" else f"published {_date(source.published)}"]
    own += [f"updated {_date(source.updated)}"] if source.updated else []
    own += [f"reviewed by its publisher {_date(source.reviewed_by_publisher)}"] if source.reviewed_by_publisher else []
    return ", ".join([*own, f"read {_day(source.read)}"])


def _date(text: str) -> str:
    """A date of a source in words, as far as it is known."""
    if len(text) == 10:
        return _day(datetime.date.fromisoformat(text))
    return f"{datetime.date.fromisoformat(f'{text}-01'):%B %Y}" if len(text) == 7 else text


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _place(store: FactStore, region: str) -> str:
    return store.vocabulary.regions[region].name if region in store.vocabulary.regions else "any country"


_STYLE = """
:root { color-scheme: light; --ink: #1f2c2b; --muted: #55625f; --line: #dfddd4; --paper: #f7f6f2; --card: #fff; --good: #1f6665; --bad: #9c3a27;
  --open: #6b5518; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; text-wrap: balance; }
h2 { margin: 0 0 .3rem; font-size: 1.5rem; line-height: 1.25; }
h3 { margin: 2rem 0 .7rem; font-size: 1.1rem; }
p { margin: 0 0 .8rem; max-width: 42rem; }
a { color: var(--good); text-underline-offset: .15em; }
.lead { font-size: 1.12rem; }
.note, caption { color: var(--muted); font-size: .92rem; }
code, pre { font-family: ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; font-size: .84em; }
pre { margin: 0; padding: .55rem .75rem; border-radius: .4rem; background: #eef0ec; white-space: pre-wrap; overflow-wrap: anywhere; }
section { margin-top: 3rem; padding-top: 1.6rem; border-top: 3px solid var(--ink); }
.box { margin: 1.6rem 0; padding: 1.1rem 1.3rem .5rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
.box h2 { font-size: 1.15rem; }
.box ol, .box ul { margin: 0 0 .8rem; padding-left: 1.3rem; max-width: 42rem; }
.box li { margin: .25rem 0; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .4rem; text-align: left; }
th, td { padding: .26rem .5rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--muted); font-size: .86rem; line-height: 1.3; vertical-align: bottom; }
tbody th { font-weight: 400; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 700; }
.zero { color: var(--muted); font-weight: 400; }
.bad { color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; }
article { margin: 0 0 1.1rem; padding: 1rem 1.25rem 1.05rem; border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: .6rem;
  background: var(--card); }
article.signed { border-left-color: var(--good); }
article.void { border-left-color: var(--bad); }
article:target, .reply:target { outline: 3px solid #d9b64a; outline-offset: 2px; }
article header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .3rem .8rem; margin-bottom: .45rem; }
h4 { margin: 0; font: 600 .86rem/1.4 ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; color: var(--muted); overflow-wrap: anywhere; }
.badges { display: flex; flex-wrap: wrap; gap: .35rem; }
.badge { padding: .05rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .82rem; font-weight: 600; white-space: nowrap; }
.badge.signed { color: var(--good); }
.badge.void, .badge.lapsed { color: var(--bad); }
.badge.none { color: var(--open); }
.badge.told { color: var(--muted); }
.claim { margin: 0 0 .6rem; max-width: none; font: 1.2rem/1.45 Charter, "Bitstream Charter", Georgia, "DejaVu Serif", serif; }
.detail { margin: -.2rem 0 .7rem; max-width: none; font-size: 1.02rem; line-height: 1.45; color: #33413f; font-family: Charter, "Bitstream Charter", Georgia,
  "DejaVu Serif", serif; }
dl { display: grid; grid-template-columns: 7.2rem minmax(0, 1fr); gap: .4rem .9rem; margin: 0; font-size: .93rem; line-height: 1.5; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
dd ul { margin: 0; padding: 0; list-style: none; }
dd li + li { margin-top: .45rem; }
.grade { display: inline-block; min-width: 1.35rem; margin-right: .15rem; padding: 0 .3rem; border: 1px solid var(--muted); border-radius: .25rem;
  font-size: .8rem; font-weight: 700; text-align: center; text-decoration: none; }
.dates { color: var(--muted); }
.tick { display: none; }
.replies { columns: 25rem 2; column-gap: 2rem; margin: 0; padding: 0; list-style: none; }
.reply { break-inside: avoid; margin: 0 0 1.3rem; padding-left: .9rem; border-left: 2px solid var(--line); }
.reply h4 { margin-bottom: .2rem; font: 600 .93rem/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; color: var(--ink); }
.reply h4 span { color: var(--muted); font-weight: 400; }
.said { margin: 0 0 .25rem; max-width: none; white-space: pre-line; font: 1rem/1.45 Charter, "Bitstream Charter", Georgia, "DejaVu Serif", serif; }
.rests { margin: 0; font-size: .84rem; line-height: 1.45; color: var(--muted); overflow-wrap: anywhere; }
nav.box ol { columns: 13rem 3; margin: .3rem 0 .7rem; padding: 0; list-style: none; max-width: none; }
nav.box li { margin: 0 0 .3rem; break-inside: avoid; }
footer { margin-top: 3rem; }
:focus-visible { outline: 2px solid var(--good); outline-offset: 2px; }
@media (max-width: 36rem) {
  main { padding: 1.3rem .8rem 2.5rem; }
  article { padding: .8rem .9rem .9rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: .1rem; }
  dd + dt { margin-top: .45rem; }
  th, td { padding: .36rem .3rem; font-size: .9rem; }
}
@media print {
  @page { margin: 13mm; }
  html { font-size: 8.4pt; }
  body { background: #fff; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h2, h3, h4 { break-after: avoid; }
  section { break-before: page; margin-top: 0; padding-top: .6rem; }
  article, .box, tr { break-inside: avoid; }
  .box, article { border-radius: 0; }
  article { margin-bottom: .7rem; padding: .5rem .8rem .6rem; }
  article header { margin-bottom: .2rem; }
  .claim { margin-bottom: .3rem; font-size: 1.28rem; line-height: 1.35; }
  dl { gap: .12rem .9rem; line-height: 1.35; }
  dd li + li { margin-top: .15rem; }
  pre { padding: 0; background: none; }
  .replies { columns: 3; column-gap: 1.4rem; }
  .reply { margin-bottom: .9rem; }
  .said { line-height: 1.35; }
  a { color: inherit; text-decoration: none; }
  .sources a[href]::after { content: " <" attr(href) ">"; color: var(--muted); font-size: .86em; overflow-wrap: anywhere; }
  .batch { display: none; }
  .tick { display: block; margin: .35rem 0 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_PAGE = """\
{% macro number(count, bad=False) %}
<td{% if not count %} class="zero"{% elif bad %} class="bad"{% endif %}>{{ count }}</td>
{%- endmacro %}
{% macro row(counts) %}
<td>{{ counts.facts }}</td>{{ number(counts.signed) }}{{ number(counts.none) }}{{ number(counts.void, True) }}{{ number(counts.lapsed, True) }}
{%- endmacro %}
{% macro card(one) %}
<article id="{{ one.fact.id }}" class="{{ one.state }}" aria-labelledby="id-{{ one.fact.id }}">
<header><h4 id="id-{{ one.fact.id }}">{{ one.fact.id }}</h4>
<span class="badges">
{% if one.lapsed %}<span class="badge lapsed"><span aria-hidden="true">!</span> due for review since {{ one.fact.review_by|day }}</span>{% endif %}
<span class="badge {{ one.state }}"><span aria-hidden="true">{{ states[one.state][0] }}</span> {{ states[one.state][1] }}</span></span></header>
<p class="claim">{{ one.fact.claim }}</p>
{% if one.fact.detail %}
<p class="detail">{{ one.fact.detail }}</p>
{% endif %}
<dl>
<dt>About</dt><dd>{{ one.about }}, in {{ one.place }}{% if one.also %}. Answers also: {{ one.also|join(", ") }}{% endif %}</dd>
<dt>Sources</dt><dd class="sources"><ul>
{% for source, evidence, dates in one.sources %}
<li><abbr class="grade" title="grade {{ source.tier }}">{{ source.tier }}</abbr>
{% if source.url and source.url.startswith(("https://", "http://")) %}
<a href="{{ source.url }}" rel="noopener noreferrer">{{ source.title }}</a>,
{%- else %}
{{ source.title }},
{%- endif %}
 {{ source.publisher }}. {{ evidence|capital }}. <span class="dates">{{ dates|capital }}.</span></li>
{% endfor %}
</ul></dd>
{% if one.fact.beside %}
<dt>Told with</dt><dd>{% for other in one.fact.beside %}<a href="#{{ other }}">{{ other }}</a>{{ ", " if not loop.last }}{% endfor %}</dd>
{% endif %}
<dt>Told on</dt><dd>{% for use in one.uses %}<a href="#reply-{{ use.number }}">{{ use.asked[0] }} ({{ use.number }})</a>{{ "; " if not loop.last }}
{%- else %}nothing that was tried for this page{% endfor %}</dd>
<dt>Review due</dt><dd>{{ one.fact.review_by|day }}{% if one.lapsed %}, <span class="bad">which has passed</span>{% endif %}</dd>
<dt>Signature</dt><dd>
{% if one.state == "signed" %}
{{ one.signature.by }}, {{ one.signature.date|day }}
{% elif one.state == "told" %}
This statement is made from the signatures of all other facts, so it cannot be signed.
{% else %}
{% if one.state == "void" %}
<p class="bad">{{ one.signature.by }} signed it on {{ one.signature.date|day }}, but it has changed since, so that signature no longer counts.</p>
{% endif %}
<pre>{{ one.command }}</pre>
{% endif %}
</dd>
</dl>
{% if one.state in ("none", "void") %}
<p class="tick">☐ right as it stands &nbsp;&nbsp; ☐ to be changed: ______________________________________________</p>
{% endif %}
</article>
{% endmacro %}
{% set title %}Facts to review{{ ", " ~ clinic if clinic }}, {{ today|day }}{% endset %}
{% include "head.html" %}
<body>
<main>
<h1>What the assistant says about mesotherapy, for review by a dermatologist</h1>
<p class="lead">{{ total.facts }} facts about mesotherapy for the face, their sources, and the replies that visitors
{%- if clinic %} of {{ clinic }}{% endif %} get from them.
{{ total.signed }} of {{ total.facts - total.told }} are signed off. As of {{ today|day }}.</p>

<div class="box" id="overview">
<h2>Overview</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Facts by topic">
<table>
<caption>Facts by topic. A signed fact can be due for review as well.</caption>
<thead><tr><th scope="col">Topic</th><th scope="col">facts</th><th scope="col">signed</th><th scope="col">not signed</th>
<th scope="col">signed, but changed since</th><th scope="col">due for review</th></tr></thead>
<tbody>
{% for section, found in counts %}
<tr><th scope="row"><a href="#section-{{ section.key }}">{{ section.title }}</a></th>{{ row(found) }}</tr>
{% endfor %}
</tbody>
<tfoot><tr><th scope="row">All</th>{{ row(total) }}</tr></tfoot>
</table>
</div>
{% if total.told %}
<p class="note">One fact, <a href="#{{ told_id }}">{{ told_id }}</a>, tells how many others are signed:
it follows from the signatures and is not signed itself.</p>
{% endif %}
{% if gone %}
<p>Signatures of facts that no longer exist: {% for one in gone %}{{ one.fact }} ({{ one.by }}, {{ one.date|day }}){{ ", " if not loop.last }}{% endfor %}.</p>
{% endif %}
</div>

<nav class="box" aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ol>
<li><a href="#overview">Overview</a></li>
<li><a href="#how">How to read and sign</a></li>
<li><a href="#example">A whole reply</a></li>
{% for section in sections %}
<li><a href="#section-{{ section.key }}">{{ section.title }}</a></li>
{% endfor %}
</ol>
</nav>

<div class="box" id="how">
<h2>How to read and sign</h2>
<ol>
<li>Read the large sentence of a fact, which visitors get word for word. Does its source carry it? Is it true today, and hedged enough?</li>
<li>Under “Told on” are the questions that bring it up; each leads to the reply as visitors get it.</li>
<li>If it is right, have the command under it run where the assistant is installed, with your own name and role in the place of
“{{ placeholder }}”. The letters and digits behind the @ make sure that what is signed is what you read: a fact that has changed in the meantime is refused.
Several facts can follow each other in one command.</li>
<li>If it is not, leave it unsigned and say what should change. On paper, each fact has boxes to tick.</li>
</ol>
<p>A signature covers the fact: its sentences, what it is about and where it holds, what must be told with it, and what its sources say of themselves. When
any of that changes, the signature no longer counts. It does not cover the replies, whose first sentences and order the clinic may edit. To visitors who ask,
the assistant says how many facts are signed, by whom and when, and nothing more.</p>
<p>Grade <span class="grade">A</span> is a regulator, guideline, health service, professional society or peer-reviewed work; <span class="grade">B</span> a
single case, laboratory study, press report of a regulator, manufacturer or single dermatologist; <span class="grade">C</span> a clinic, consumer or opinion
page, used for prices, comfort and recovery.</p>
</div>

<div class="box" id="example">
<h2>A whole reply</h2>
<p class="note">To “{{ example_question }}”. Every answer ends with its sources and a referral; below, only what stands before them is shown. Replies are
those of a clinic in {{ country }}, as clinic.yml says, unless another place is named.</p>
<p class="said">{{ example }}</p>
</div>

{% for section in sections %}
<section id="section-{{ section.key }}" aria-labelledby="title-{{ section.key }}">
<h2 id="title-{{ section.key }}">{{ section.title }}</h2>
{% if section.facts %}
<p class="note">{{ cards[section.key]|length }} facts in <code>data/facts/{{ section.key }}.yml</code></p>
<h3>Facts</h3>
{% for one in cards[section.key] %}
{{ card(one) }}
{% endfor %}
{% if section.key in commands %}
<div class="batch">
<h3>To sign all of them at once, after reading each</h3>
<pre>{{ commands[section.key] }}</pre>
</div>
{% endif %}
{% endif %}
<h3>What visitors are told</h3>
<ol class="replies">
{% for use in section.uses %}
<li class="reply" id="reply-{{ use.number }}"><h4><span>{{ use.number }}</span> {{ use.asked|join("; ") }}</h4>
<p class="said">{{ use.body }}</p>
{% if use.facts %}
<p class="rests">Rests on {% for fact_id in use.facts %}<a href="#{{ fact_id }}">{{ fact_id }}</a>{{ ", " if not loop.last }}{% endfor %}</p>
{% endif %}
</li>
{% endfor %}
</ol>
</section>
{% endfor %}
<footer><p class="note">Written by <code>python -m bot review</code> from data/facts/. This page loads nothing and sends nothing; only the links to sources lead
elsewhere.</p></footer>
</main>
</body>
</html>
"""
