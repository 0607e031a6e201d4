"""Shows an evaluation to a clinic's data person: one page of HTML that needs no script, no network and no colour to be read.

Imports no Rasa. Everything that a visitor typed goes through the template's escaping; only the charts, which are drawn here, do not. Longer than
most files here, because the page is one thing: its charts, its words, its stylesheet.
"""

from __future__ import annotations

import importlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.page import page
from bot.scoring import (
    ANSWERABLE,
    BINS,
    GUARDED,
    Bin,
    Case,
    Coverage,
    Score,
    Verdict,
    calibration_error,
    confusion,
    coverage,
    interval,
    reliability,
    score,
)

VERDICTS: Mapping[Verdict, tuple[str, str, str, str]] = {
    "right": ("right", "✓", "answered with nothing but what was asked, or treated as the kind of message that it is", "#24706f"),
    "part": ("right in part", "◐", "one of several questions was answered, and nothing that was not asked", "#8bb8ad"),
    "asked": ("asked back", "?", "the assistant asked what is meant, and one of its buttons leads to the answer", "#e3c98b"),
    "refused": ("not answered", "○", "declined, or asked back without a fitting button, although an answer exists", "#b5b3ac"),
    "wrong": ("wrong", "✕", "something else was answered, or the kind of message was mistaken", "#a8432f"),
}
"""By verdict: its name, its sign, what it means and its colour."""

SHARES = {
    "wrong": "Wrong, of all questions",
    "single_right": "One question: right",
    "single_right_or_asked": "One question: right or asked back",
    "multi_right": "Several questions at once: all right",
    "multi_right_or_part": "Several at once: all or some right",
    "followup_right": "Follow-up question: right",
    "oos_right": "Out of scope: declined",
    "personal_right": "Own case: sent to a clinician",
    "contact_right": "Wish to get in touch: right",
    "bot_right": "“Are you a bot”: right",
    "chitchat_right": "Small talk: right",
    "feedback_right": "Feedback: right",
    "refused": "Not answered, though answerable",
    "urgent_recall": "Urgent messages recognised",
    "false_alarms": "Alarm raised without need",
}
LOWER_IS_BETTER = frozenset({"wrong", "refused", "false_alarms"})

KINDS = {
    "single": "one question",
    "multi": "several at once",
    "followup": "follow-up",
    "oos": "out of scope",
    "personal": "own case",
    "urgent": "urgent",
    "contact": "get in touch",
    "bot": "are you a bot",
    "chitchat": "small talk",
    "feedback": "feedback",
    "clarify": "asked back",
    "out_of_scope": "out of scope",
    "none": "no reply",
}
LISTED: tuple[Verdict, ...] = ("wrong", "part", "refused")

_ANSWERABLE_IN_ORDER = ("single", "multi", "followup")
_GUARDED_IN_ORDER = ("urgent", "personal", "contact", "bot", "chitchat", "feedback", "oos")
_INK, _MUTED, _GRID, _RIGHT, _WRONG, _PAPER = "#22302f", "#5c6866", "#dcdad2", "#24706f", "#a8432f", "#ffffff"
_HATCHES: Mapping[Verdict, str] = {"right": "", "part": "//", "asked": "..", "refused": "xx", "wrong": "\\\\\\"}
_LABEL_LENGTH = 22
_SETTINGS = {
    "svg.fonttype": "none",  # text as text
    "svg.hashsalt": "evaluation",
    "font.size": 9.5,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that every machine measures text alike; the stylesheet sets another one
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _MUTED,
    "axes.linewidth": 0.8,
    "axes.grid": False,
    "hatch.color": _PAPER,
    "hatch.linewidth": 0.7,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
}
_FINE = tuple(number / 100 for number in range(101))
_COARSE = tuple(number / 10 for number in range(11))


@dataclass(frozen=True)
class LearningPoint:
    """Right on writers left out, after training on so many writers' examples; shares between 0 and 1, with their interval."""

    writers: int
    examples: int
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """What more writers would bring, as `make bench` measures it."""

    date: str
    points: tuple[LearningPoint, ...]

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> LearningCurve:
        """Take the curve out of benchmarks/learning_curve.json.

        Raises: KeyError, TypeError or ValueError if it is none.
        """
        points = tuple(
            LearningPoint(int(point["writers"]), int(point["examples"]), *map(float, map(point.__getitem__, ("right", "low", "high"))))
            for point in fields["points"]
        )
        if not points:
            raise ValueError("no points")
        if not all(0 <= point.low <= point.right <= point.high <= 1 for point in points):
            raise ValueError("expected shares with 0 <= low <= right <= high <= 1")
        return cls(str(fields["date"]), points)


def render(name: str, played: Sequence[Case], threshold: float, learning: LearningCurve | None = None) -> str:
    """The whole page as HTML; the same input gives the same text.

    Args:
        name: What was played, as the page's title names it.
        played: Labelled questions with their predictions and confidences.
        threshold: The confidence from which a single reading is acted on.
        learning: The learning curve, if it was measured.
    """
    result = score([case.question for case in played], [{**case.prediction, "id": case.question["id"]} for case in played])
    bins = reliability(played)
    chosen = coverage(played, threshold, (threshold,))[0]
    with _drawing():
        charts = {
            "kinds_chart": _kinds_chart(result),
            "confusion_chart": _confusion_chart(confusion(played)),
            "reliability_chart": _reliability_chart(bins),
            "coverage_chart": _coverage_chart(coverage(played, threshold, _FINE), chosen),
            "learning_chart": _learning_chart(learning) if learning else "",
        }
    filters = {"percent": _percent}
    return page(
        _PAGE,
        _STYLE,
        filters,
        **charts,
        **_confusion_words(played),
        name=name,
        verdicts=VERDICTS,
        summary=_summary(result),
        shares=[_share(name, hits, of) for name, (hits, of) in result.counts.items()],
        kinds=[(_name(kind), result.by_kind[kind], sum(result.by_kind[kind].values())) for kind in _kinds(result)],
        topics=[_share(topic, found["right"], sum(found.values())) for topic, found in sorted(result.by_topic.items())],
        bins=[(found, *interval(found.right, found.of)) for found in bins if found.of],
        answered=sum(found.of for found in bins),
        error=calibration_error(bins),
        threshold=threshold,
        chosen=chosen,
        chosen_bounds=interval(chosen.wrong, chosen.answered),
        coverage_rows=coverage(played, threshold, sorted({*_COARSE, threshold})),
        apart=sum(_is_apart(case, threshold) for case in played),
        learning=learning,
        errors=[_error(case) for wanted in LISTED for case in played if case.verdict == wanted],
        listed=[(verdict, sum(case.verdict == verdict for case in played)) for verdict in LISTED],
    )


def first_sentence(text: str) -> str:
    """The first sentence of a reply, or its first line."""
    line = text.strip().split("\n", 1)[0]
    return re.split(r"(?<=[.!?])\s+(?=[A-Z“\"'(])", line, maxsplit=1)[0]


def share_bar(hits: int, of: int, colour: str = "#8fbfb8") -> Markup:
    """A share as a bar over a scale from 0 to 100 %, its 95 % interval as a line with ends."""
    if not of:
        return Markup("")
    low, high = (round(200 * bound, 1) for bound in interval(hits, of))
    text = f"{_percent(hits / of)}, 95% interval {_percent(interval(hits, of)[0])} to {_percent(interval(hits, of)[1])}"
    return Markup(
        '<svg class="bar" viewBox="0 0 200 14" role="img" aria-label="{text}"><title>{text}</title>'
        '<path d="M0 2h200v10H0z" fill="#eeede7"/><path d="M0 2h{width}v10H0z" fill="{colour}"/>'
        '<path d="M{low} 7H{high}M{low} 4v6M{high} 4v6" stroke="{ink}" stroke-width="1.5" fill="none"/></svg>'
    ).format(text=text, width=round(200 * hits / of, 1), colour=colour, low=max(low, 1), high=min(high, 199), ink=_INK)


def _summary(result: Score) -> dict[str, Any]:
    """The figures of the headline."""
    found: Counter[Verdict] = Counter()
    for verdicts in result.by_kind.values():
        found.update(verdicts)
    low, high = interval(*result.counts["wrong"])
    return {"found": found, "all": sum(found.values()), "low": low, "high": high, "urgent": result.counts["urgent_recall"]}


def _share(name: str, hits: int, of: int) -> dict[str, Any]:
    low, high = interval(hits, of)
    is_lower_better = name in LOWER_IS_BETTER
    bar = share_bar(hits, of, "#dc9c8b") if is_lower_better else share_bar(hits, of)
    return {"name": name, "words": SHARES.get(name, name), "hits": hits, "of": of, "low": low, "high": high, "bar": bar, "lower": is_lower_better}


def _confusion_words(played: Sequence[Case]) -> dict[str, Any]:
    found = confusion(played)
    pairs = sorted(((count, wanted, given) for (wanted, given), count in found.items() if wanted != given), key=lambda pair: (-pair[0], *pair[1:]))
    return {
        "diagonal": sum(count for (wanted, given), count in found.items() if wanted == given),
        "pairs": [(_name(wanted), _name(given), count) for count, wanted, given in pairs],
    }


def _is_apart(case: Case, threshold: float) -> bool:
    """Whether an answer was given below the threshold."""
    return case.question["kind"] in ANSWERABLE and case.is_answered and case.confidence is not None and case.confidence < threshold


def _error(case: Case) -> dict[str, Any]:
    question, prediction = case.question, case.prediction
    kind = str(prediction.get("kind"))
    named = prediction.get("topics") if kind == "answer" else prediction.get("options") if kind == "clarify" else ()
    wanted = question["topics"] if question["kind"] in ANSWERABLE else ()
    return {
        "id": question["id"],
        "verdict": case.verdict,
        "context": question.get("context") or (),
        "text": question.get("text", ""),
        "wanted": _phrase(_name(question["kind"]), wanted),
        "also": ", ".join(_name(name) for name in question.get("also") or ()),
        "given": _phrase("answer" if kind == "answer" else _name(kind), named or ()),
        "confidence": case.confidence,
        "is_option": kind == "clarify",
        "reply": first_sentence(str(prediction.get("reply") or "")),
    }


def _kinds(result: Score) -> list[str]:
    order = (*_ANSWERABLE_IN_ORDER, *_GUARDED_IN_ORDER)
    return sorted(result.by_kind, key=lambda kind: (order.index(kind) if kind in order else len(order), kind))


def _phrase(kind: str, names: Iterable[object] | str) -> str:
    listed = [names] if isinstance(names, str) else [_name(name) for name in names]
    return f"{kind}: {', '.join(listed)}" if listed else kind


def _name(name: object) -> str:
    return KINDS.get(str(name), str(name))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


# The charts. Matplotlib writes text as text, and with a fixed salt and no date the same bytes each time.


def _kinds_chart(result: Score) -> Markup:
    kinds = _kinds(result)
    figure, axes = _figure(4.6, 0.6 + 0.36 * len(kinds))
    for row, kind in enumerate(kinds):
        found, left = result.by_kind[kind], 0.0
        of = sum(found.values())
        for verdict, (_, _, _, colour) in VERDICTS.items():
            width = 100 * found[verdict] / of
            if not width:
                continue
            axes.barh(row, width, 0.7, left, color=colour, hatch=_HATCHES[verdict], edgecolor=_PAPER, linewidth=0.8)
            if width >= 5:
                box = {"boxstyle": "round,pad=0.18", "facecolor": colour, "edgecolor": "none"} if _HATCHES[verdict] else None
                light = verdict in ("right", "wrong")
                axes.text(left + width / 2, row, str(found[verdict]), ha="center", va="center", color=_PAPER if light else _INK, fontsize=9, bbox=box)
            left += width
    axes.set_yticks(range(len(kinds)), [f"{_label(_name(kind))} ({sum(result.by_kind[kind].values())})" for kind in kinds])
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 25), [f"{tick}%" for tick in range(0, 101, 25)])
    axes.tick_params(length=0)
    _bare(axes, "top", "right", "left", "bottom")
    patch = _module("matplotlib.patches").Patch
    signs = [patch(facecolor=colour, hatch=_HATCHES[verdict], edgecolor=_PAPER, label=name) for verdict, (name, _, _, colour) in VERDICTS.items()]
    place = {"loc": "upper left", "bbox_to_anchor": (-0.3, -0.26 / (0.36 * len(kinds))), "borderaxespad": 0}
    axes.legend(handles=signs, **place, ncol=3, frameon=False, fontsize=8.5, columnspacing=1.2, handlelength=1.4)
    words = "; ".join(
        f"{_name(kind)}: " + ", ".join(f"{result.by_kind[kind][verdict]} {VERDICTS[verdict][0]}" for verdict in VERDICTS if result.by_kind[kind][verdict])
        for kind in kinds
    )
    return _svg(figure, "kinds", f"Bars by kind of question. {words}.")


def _confusion_chart(found: Mapping[tuple[str, str], int]) -> Markup:
    rows = sorted({wanted for wanted, _ in found}, key=_order)
    columns = rows + sorted({given for _, given in found} - set(rows), key=_order)
    cell, room = 0.25, 1.35
    width, height = room + 0.1 + cell * len(columns), room + 0.1 + cell * len(rows)
    figure, axes = _figure(width, height)
    axes.set_position((room / width, 0.1 / height, cell * len(columns) / width, cell * len(rows) / height))
    totals: Counter[str] = Counter()
    for (wanted, _), count in found.items():
        totals[wanted] += count
    patches = _module("matplotlib.patches")
    for (wanted, given), count in sorted(found.items()):
        x, y, share = columns.index(given), rows.index(wanted), count / totals[wanted]
        colour = _tint(_RIGHT if wanted == given else _WRONG, 0.2 + 0.8 * share)
        axes.add_patch(patches.Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=_INK if wanted == given else "none", linewidth=0.8))
        axes.text(x + 0.5, y + 0.52, str(count), ha="center", va="center", fontsize=8, color=_PAPER if share > 0.45 else _INK)
    axes.set_xlim(0, len(columns) or 1)
    axes.set_ylim(len(rows) or 1, 0)
    axes.set_xticks([x + 0.5 for x in range(len(columns))], [_label(_name(name)) for name in columns], rotation=90)
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [_label(_name(name)) for name in rows])
    axes.set_xticks(range(len(columns) + 1), minor=True)
    axes.set_yticks(range(len(rows) + 1), minor=True)
    axes.grid(which="minor", color=_GRID, linewidth=0.5)
    axes.grid(which="major", visible=False)
    axes.xaxis.tick_top()
    axes.tick_params(which="both", length=0, labelsize=8.5)
    axes.text(-0.25, -0.5, "wanted ↓   given →", fontsize=8.5, color=_MUTED, ha="right", va="center")
    right = sum(count for (wanted, given), count in found.items() if wanted == given)
    words = f"Heat map of what was wanted (rows) against what was given (columns): {right} of {sum(found.values())} on the diagonal."
    return _svg(figure, "confusion", f"{words} The pairs off the diagonal are listed below.")


def _reliability_chart(bins: Sequence[Bin]) -> Markup:
    filled = [found for found in bins if found.of]
    if not filled:
        return Markup("")
    figure, axes, counts = _panels(4.6, 4.9, (3.1, 1))
    axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.text(0.6, 0.55, "as sure as it is right", color=_MUTED, fontsize=8.5, rotation=0, ha="left", va="top")
    shares = [found.right / found.of for found in filled]
    bounds = [interval(found.right, found.of) for found in filled]
    whiskers = [[share - low for share, (low, _) in zip(shares, bounds, strict=True)], [high - share for share, (_, high) in zip(shares, bounds, strict=True)]]
    where = [found.confidence for found in filled]
    axes.errorbar(where, shares, [[max(0.0, bound) for bound in side] for side in whiskers], fmt="none", ecolor=_RIGHT, elinewidth=1.4, capsize=3)
    axes.plot(where, shares, color=_RIGHT, linewidth=1.6, marker="o", markersize=6)
    axes.set_ylabel("share right")
    _percent_axis(axes.yaxis, axes.set_ylim, -0.03, 1.03)
    counts.bar([found.low + 0.5 / BINS for found in filled], [found.of for found in filled], 0.8 / BINS, color="#8bb8ad")
    most = max(found.of for found in filled)
    for found in filled:
        counts.text(found.low + 0.5 / BINS, found.of + 0.04 * most, str(found.of), ha="center", va="bottom", fontsize=8.5)
    counts.set_ylim(0, 1.3 * most)
    counts.set_yticks([])
    counts.set_ylabel("answers")
    counts.set_xlabel("confidence")
    counts.set_xlim(-0.02, 1.02)
    counts.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    words = "; ".join(f"{found.low:.1f} to {found.high:.1f}: {found.right} of {found.of} right" for found in filled)
    return _svg(figure, "reliability", f"Reliability curve, confidence against share right. {words}.")


def _coverage_chart(curve: Sequence[Coverage], chosen: Coverage) -> Markup:
    if not chosen.answerable:
        return Markup("")
    figure, upper, lower = _panels(4.6, 4.9, (1, 1))
    shares = [found.answered / found.answerable for found in curve]
    wrongs = [found.wrong / found.answered if found.answered else float("nan") for found in curve]
    thresholds = [found.threshold for found in curve]
    upper.plot(thresholds, shares, color=_RIGHT, linewidth=2)
    lower.plot(thresholds, wrongs, color=_WRONG, linewidth=2, linestyle=(0, (5, 1.5)))
    for axes, hits, of, colour in ((upper, chosen.answered, chosen.answerable, _RIGHT), (lower, chosen.wrong, chosen.answered, _WRONG)):
        axes.axvline(chosen.threshold, color=_INK, linewidth=1, linestyle=(0, (1, 2)))
        if of:
            axes.plot([chosen.threshold], [hits / of], marker="o", markersize=7, color=colour, markeredgecolor=_PAPER, markeredgewidth=1.5)
            text, where = f"{chosen.threshold:g}: {_percent(hits / of)}", (chosen.threshold, hits / of)
            is_left = axes is upper and chosen.threshold > 0.3  # the upper curve only falls, so that there is room at its left
            offset, side = ((-8, -16), "right") if is_left else ((8, -32 if axes is upper else 9), "left")
            axes.annotate(text, where, offset, textcoords="offset points", fontsize=9.5, fontweight="bold", ha=side)
    upper.set_title("answerable questions that get an answer", loc="left", fontsize=9.5, color=_INK)
    lower.set_title("of these answers, wrong", loc="left", fontsize=9.5, color=_INK)
    _percent_axis(upper.yaxis, upper.set_ylim, 0, 1.06)
    highest = max([0.05, *(share for share in wrongs if share == share)])
    lower.set_ylim(0, 1.3 * highest)
    lower.yaxis.set_major_locator(_module("matplotlib.ticker").MaxNLocator(4, steps=[1, 2, 5, 10]))
    lower.yaxis.set_major_formatter(_module("matplotlib.ticker").PercentFormatter(1, decimals=0))
    lower.set_xlim(-0.02, 1.02)
    lower.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    lower.set_xlabel("threshold “answer”")
    words = f"At {chosen.threshold:g}, the chosen one, {chosen.answered} of {chosen.answerable} are answered and {chosen.wrong} of these answers are wrong."
    return _svg(figure, "coverage", f"Two curves over the threshold: answerable questions answered, and wrong answers among them. {words}")


def _learning_chart(learning: LearningCurve) -> Markup:
    figure, axes = _figure(4.8, 3.2)
    points = sorted(learning.points, key=lambda point: point.examples)
    examples = [point.examples for point in points]
    axes.fill_between(examples, [point.low for point in points], [point.high for point in points], color="#d5e5e1", linewidth=0)
    axes.plot(examples, [point.right for point in points], color=_RIGHT, linewidth=2, marker="o", markersize=5)
    axes.set_xlabel("examples in training")
    axes.set_xlim(0, 1.05 * examples[-1] or 1)
    axes.xaxis.set_major_locator(_module("matplotlib.ticker").MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(_module("matplotlib.ticker").StrMethodFormatter("{x:,.0f}"))
    lowest = min(point.low for point in points)
    axes.set_ylim(max(0.0, lowest - 0.05), min(1.02, max(point.high for point in points) + 0.05))
    axes.yaxis.set_major_formatter(_module("matplotlib.ticker").PercentFormatter(1, decimals=0))
    axes.set_title("right on the writers left out", loc="left", fontsize=9.5, color=_INK)
    first, last = points[0], points[-1]
    words = f"from {_percent(first.right)} with {first.examples} examples to {_percent(last.right)} with {last.examples}"
    return _svg(figure, "learning", f"Learning curve: right on writers left out, {words}.")


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """An empty chart, in inches."""
    figure = _module("matplotlib.figure").Figure(figsize=(width, height))
    axes = figure.add_subplot()
    _bare(axes, "top", "right")
    return figure, axes


def _panels(width: float, height: float, ratio: tuple[float, float]) -> tuple[Any, Any, Any]:
    """Two empty charts, one above the other, with one scale below."""
    figure = _module("matplotlib.figure").Figure(figsize=(width, height))
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": ratio, "hspace": 0.3 if ratio[0] == ratio[1] else 0.1})
    for axes in (upper, lower):
        _bare(axes, "top", "right")
    return figure, upper, lower


def _percent_axis(axis: Any, limit: Any, low: float, high: float) -> None:
    limit(low, high)
    axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
    axis.set_major_formatter(_module("matplotlib.ticker").PercentFormatter(1, decimals=0))


def _bare(axes: Any, *sides: str) -> None:
    for side in sides:
        axes.spines[side].set_visible(False)


def _svg(figure: Any, name: str, words: str) -> Markup:
    """A chart as an element of the page: its ids its own, its size the page's, nothing in it that points outside."""
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")), bbox_inches="tight", pad_inches=0.04)
    text = written.getvalue().decode("utf8")
    box = re.search(r'viewBox="([^"]+)"', text)
    assert box, "matplotlib writes the viewBox of a chart"
    inside = text[text.index(">", box.end()) + 1 : text.rindex("</svg>")]
    inside = re.sub(r"<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>", "", inside, flags=re.DOTALL)
    inside = re.sub(r'(<[^<>]*? id="|xlink:href="#|url\(#)', lambda found: f"{found[1].replace('xlink:', '')}{name}-", inside)
    opening = '<svg class="chart {name}" viewBox="{box}" role="img" aria-label="{words}"><title>{words}</title>'
    return Markup(opening).format(name=name, box=box[1], words=words) + Markup(inside) + Markup("</svg>")


@contextmanager
def _drawing() -> Iterator[None]:
    """As long as something is drawn, matplotlib's own settings rather than this machine's, with ours upon them."""
    matplotlib = _module("matplotlib")
    with matplotlib.rc_context():
        matplotlib.rcParams.update({name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")} | _SETTINGS)
        yield


def _module(name: str) -> Any:
    """A part of matplotlib, which takes a second to import and carries no types."""
    return importlib.import_module(name)


def _label(name: str) -> str:
    """A name as a label: short, and with no sign that matplotlib takes for a formula."""
    return (name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…").replace("$", r"\$")


def _order(name: str) -> tuple[int, str]:
    """Topics by name, then the guarded kinds, then what only replies can be."""
    if name in GUARDED:
        return (1 + _GUARDED_IN_ORDER.index(name), name)
    return (99 if name in KINDS else 0, name)


def _tint(colour: str, share: float) -> str:
    """A colour mixed with white."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - channel)):02x}" for channel in channels)


_STYLE = """
:root { color-scheme: light; --ink: #22302f; --muted: #5c6866; --line: #e2e0d8; --paper: #f7f6f2; --card: #fff; --right: #24706f; --wrong: #a8432f; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
h1 { margin: 0; font-size: 1rem; font-weight: 600; color: var(--muted); overflow-wrap: anywhere; }
.headline { margin: .6rem 0 1rem; max-width: 44rem; font-size: clamp(1.35rem, 3.4vw, 2rem); line-height: 1.28; font-weight: 600; text-wrap: balance; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1.02rem; }
p { margin: 0 0 .8rem; max-width: 44rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
nav a { display: block; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--card); color: var(--right);
  text-decoration: none; font-size: .92rem; }
nav a:hover, nav a:focus-visible { border-color: var(--right); }
section { margin-top: 1.5rem; padding: 1.6rem 1.6rem 1.4rem; border: 1px solid var(--line); border-radius: .9rem; background: var(--card); }
.note, caption { color: var(--muted); font-size: .92rem; }
code { font: .82em ui-monospace, "SFMono-Regular", Consolas, monospace; color: var(--muted); }
table { width: 100%; border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .5rem; text-align: left; }
th, td { padding: .38rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--muted); font-size: .85rem; font-weight: 600; line-height: 1.3; vertical-align: bottom; }
.n, .counts tbody th { white-space: nowrap; }
.n { text-align: right; }
.counts { font-size: .88rem; }
.counts th, .counts td { padding: .32rem .35rem; }
.counts thead th { font-size: .82rem; }
strong code { color: var(--ink); font-size: .95em; }
.zero { color: #7d8684; }
tr.chosen > * { background: #eaf2f0; font-weight: 600; }
.bar { display: block; width: 100%; min-width: 7rem; max-width: 17rem; height: auto; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif !important; }
.chart * { stroke-linejoin: round; stroke-linecap: butt; }
.beside { display: grid; gap: 1.5rem 2.5rem; align-items: start; }
.beside > * { min-width: 0; }
.beside + .note { margin-top: .9rem; }
figure { margin: 0; max-width: 34rem; }
.wide { margin: 1rem 0; max-width: 50rem; }
.scroll { overflow-x: auto; }
.legend { display: grid; gap: .3rem 1.5rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: .92rem; }
.badge { display: inline-block; padding: .05rem .55rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .82rem; font-weight: 600;
  white-space: nowrap; }
.badge.wrong { color: var(--wrong); }
.badge.part { color: #2f6a5c; }
.badge.refused, .badge.asked { color: #5f5b4d; }
.badge.right { color: var(--right); }
.pairs { display: grid; gap: 0 2.5rem; margin: 0; padding: 0; list-style: none; }
.pairs li { display: flex; justify-content: space-between; gap: 1rem; padding: .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.errors { display: grid; gap: 1rem; margin-top: 1rem; }
article { padding: 1rem 1.1rem; border: 1px solid var(--line); border-left-width: 4px; border-radius: .6rem; min-width: 0; break-inside: avoid; }
article.wrong { border-left-color: var(--wrong); }
article.part { border-left-color: #8bb8ad; }
article.refused { border-left-color: #b5b3ac; }
article header { display: flex; justify-content: space-between; align-items: baseline; gap: .6rem; font-size: .88rem; color: var(--muted); }
article header span:last-child { overflow-wrap: anywhere; }
.said { margin: .55rem 0 .7rem; overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: plaintext; }
h3.said { font-size: 1.08rem; line-height: 1.4; }
.before.said { margin-bottom: 0; color: var(--muted); font-size: .92rem; }
dl { display: grid; grid-template-columns: 6.2rem 1fr; gap: .22rem .6rem; margin: 0; font-size: .92rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: plaintext; }
footer { margin-top: 1.5rem; color: var(--muted); font-size: .88rem; }
:focus-visible { outline: 2px solid var(--right); outline-offset: 2px; }
@media (min-width: 50rem) {
  .beside { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); }
  .errors, .pairs, .legend { grid-template-columns: 1fr 1fr; }
}
@media (max-width: 40rem) {
  main { padding: 1.5rem .8rem 2rem; }
  section { padding: 1.1rem .95rem; border-radius: .7rem; }
  .shares thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .shares tr { display: grid; grid-template-columns: 1fr auto; gap: .15rem .8rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .shares th, .shares td { padding: 0; border: 0; text-align: left; }
  .shares .drawn { grid-column: 1 / -1; grid-row: 2; }
  .shares .drawn .bar { max-width: none; }
  .shares .share { font-weight: 600; }
  .shares .share, .shares .interval { text-align: right; }
  .shares .of, .shares .interval { color: var(--muted); font-size: .86rem; }
  .shares .interval::before { content: "95%: "; }
  .counts th, .counts td { padding-left: .22rem; padding-right: .22rem; }
  .counts { font-size: .82rem; }
  .counts thead th { font-size: .74rem; }
  .counts tbody th { white-space: normal; }
  .counts .interval { white-space: normal; min-width: 4.6rem; }
  .scroll .chart { width: 40rem; }
  .wide::before { content: "scroll sideways →"; color: var(--muted); font-size: .86rem; }
}
@media print {
  @page { margin: 14mm; }
  html { font-size: 10pt; }
  body { background: #fff; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { margin-top: 1rem; padding: 0; border: 0; }
  figure, tr, .pairs li { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .beside { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem 1.2rem; }
  .pairs { grid-template-columns: 1fr 1fr; }
  .counts { font-size: .76rem; }
  .counts thead th { font-size: .72rem; }
  .counts th, .counts td { padding: .2rem .15rem; }
  .scroll { overflow: visible; }
  .wide { max-width: 15cm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_PAGE = """\
{% macro shares_table(rows, caption, first) %}
<table class="shares" role="table">
<caption>{{ caption }}</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{{ first }}</th><th scope="col" role="columnheader">share, with its interval</th>
<th scope="col" role="columnheader" class="n">share</th><th scope="col" role="columnheader" class="n">of n</th>
<th scope="col" role="columnheader" class="n">95% interval</th></tr></thead>
<tbody role="rowgroup">
{% for row in rows %}
<tr role="row"><th scope="row" role="rowheader">{{ row.words }}{% if row.lower %} <span class="note">(lower is better)</span>{% endif %}
{% if row.words != row.name %} <code>{{ row.name }}</code>{% endif %}</th>
{% if row.of %}
<td role="cell" class="drawn">{{ row.bar }}</td><td role="cell" class="n share">{{ (row.hits / row.of)|percent }}</td>
<td role="cell" class="n of">{{ row.hits }} of {{ row.of }}</td><td role="cell" class="n interval">{{ row.low|percent }} to {{ row.high|percent }}</td>
{% else %}
<td role="cell" class="drawn note">none in this file</td><td role="cell" class="n share">–</td>
<td role="cell" class="n of">0 of 0</td><td role="cell" class="n interval">–</td>
{% endif %}
</tr>
{% endfor %}
</tbody>
</table>
{% endmacro %}
{% macro badge(verdict) %}
<span class="badge {{ verdict }}"><span aria-hidden="true">{{ verdicts[verdict][1] }}</span> {{ verdicts[verdict][0] }}</span>
{%- endmacro %}
{% set title %}How {{ name }} was understood{% endset %}
{% include "head.html" %}
<body>
<main>
<h1>How the assistant understood {{ name }}</h1>
<p class="headline">{{ summary.found.right }} of {{ summary.all }} {{ "message was" if summary.all == 1 else "messages were" }} understood right
({{ (summary.found.right / summary.all)|percent }}), {{ summary.found.wrong }} wrong ({{ (summary.found.wrong / summary.all)|percent }}).</p>
<p>Besides, {{ summary.found.part }} right in part, {{ summary.found.asked }} met with a question back that leads to the answer,
and {{ summary.found.refused }} not answered. With other messages of this sort, between {{ summary.low|percent }} and {{ summary.high|percent }} wrong would be
no surprise.
{% if summary.urgent[1] %}
Recognised as urgent: {{ summary.urgent[0] }} of {{ summary.urgent[1] }} urgent messages.
{% endif %}
</p>
<p class="note">Intervals are 95% Wilson intervals: they say what chance would do with other messages like these. They do not know who wrote these messages, nor
whether thresholds and rules were set with a look at them; docs/measurements.md says so.</p>
<nav aria-label="Sections"><ul>
<li><a href="#score">Score</a></li><li><a href="#confusion">What was taken for what</a></li><li><a href="#reliability">Is it as sure as it is right?</a></li>
<li><a href="#coverage">The threshold</a></li><li><a href="#learning">More examples</a></li><li><a href="#errors">Every error</a></li>
</ul></nav>

<section id="score">
<h2>Score</h2>
{{ shares_table(shares, "Every share that is measured, with the name that the terminal's table gives it.", "measure") }}
<h3>By kind of message</h3>
<div class="beside">
<figure>{{ kinds_chart }}</figure>
<div class="scroll" tabindex="0" role="region" aria-label="Counts by kind of message">
<table class="counts"><caption>How many of each kind were treated how.</caption>
<thead><tr><th scope="col">kind</th>{% for verdict in verdicts %}<th scope="col" class="n">{{ verdict }}</th>{% endfor %}
<th scope="col" class="n">n</th></tr></thead>
<tbody>
{% for kind, found, of in kinds %}
<tr><th scope="row">{{ kind }}</th>{% for verdict in verdicts %}<td class="n{{ '' if found[verdict] else ' zero' }}">{{ found[verdict] }}</td>{% endfor %}
<td class="n">{{ of }}</td></tr>
{% endfor %}
</tbody></table>
</div>
</div>
<ul class="legend">
{% for verdict in verdicts %}
<li>{{ badge(verdict) }} {{ verdicts[verdict][2] }}</li>
{% endfor %}
</ul>
<h3>Right by topic</h3>
{% if topics %}
{{ shares_table(topics, "Answerable questions, by the first topic that they ask about. An answer in part is not counted as right.", "topic") }}
{% else %}
<p>No question of this file asks about a topic.</p>
{% endif %}
</section>

<section id="confusion">
<h2>What was taken for what</h2>
<p>Each row is what was wanted (the first topic of a question, else its kind), each column what was given (the topic of an answer, else the kind of reply).
{{ diagonal }} of {{ summary.all }} stand on the outlined diagonal: right, or right in part, readings accepted beside the first one included. A number counts
messages; the stronger the colour, the greater its share of its row.</p>
<figure class="wide">
<div class="scroll" tabindex="0" role="region" aria-label="Heat map, scrolls sideways on a small screen">{{ confusion_chart }}</div>
</figure>
<h3>Off the diagonal</h3>
{% if pairs %}
<ul class="pairs">
{% for wanted, given, count in pairs %}
<li><span>wanted <strong>{{ wanted }}</strong>, given <strong>{{ given }}</strong></span><span class="n">{{ count }}</span></li>
{% endfor %}
</ul>
{% else %}
<p>Nothing: everything was given as wanted.</p>
{% endif %}
</section>

<section id="reliability">
<h2>Is it as sure as it is right?</h2>
{% if answered %}
<div class="beside">
<figure>{{ reliability_chart }}</figure>
<div>
<p>The {{ answered }} answers, in bins by the confidence of the decision behind them. Points on the dashed line are as sure as they are right; above it
the assistant is too modest, below it too sure. On average the two lie <strong>{{ (100 * error)|round(1) }} points</strong> apart
(expected calibration error {{ "%.3f"|format(error) }}).</p>
<div class="scroll" tabindex="0" role="region" aria-label="Confidence against share right">
<table class="counts">
<thead><tr><th scope="col">confidence</th><th scope="col" class="n">mean</th><th scope="col" class="n">right</th><th scope="col" class="n">share</th>
<th scope="col" class="n">95% interval</th></tr></thead>
<tbody>
{% for bin, low, high in bins %}
<tr><th scope="row">{{ "%.1f"|format(bin.low) }} to {{ "%.1f"|format(bin.high) }}</th><td class="n">{{ "%.2f"|format(bin.confidence) }}</td>
<td class="n">{{ bin.right }} of {{ bin.of }}</td><td class="n">{{ (bin.right / bin.of)|percent }}</td>
<td class="n interval">{{ low|percent }} to {{ high|percent }}</td></tr>
{% endfor %}
</tbody></table>
</div>
</div>
</div>
<p class="note">The confidence is the classifier's share for the whole message, with the question before it if the message is short. What a fixed rule
decides has 1. An answer given through a clause of a message may have a low one and be right. Answers in part do not count as right.</p>
{% else %}
<p>Nothing was answered with a known confidence, so that there is no curve.</p>
{% endif %}
</section>

<section id="coverage">
<h2>The threshold: more answers, or fewer wrong ones</h2>
{% if chosen.answerable %}
<div class="beside">
<figure>{{ coverage_chart }}</figure>
<div>
<p>At the chosen threshold, <strong><code>answer: {{ "%g"|format(threshold) }}</code></strong> in config.yml,
{{ chosen.answered }} of {{ chosen.answerable }} answerable questions get an answer ({{ (chosen.answered / chosen.answerable)|percent }}).
{% if chosen.answered %}
{{ chosen.wrong }} of these {{ chosen.answered }} answers are wrong ({{ (chosen.wrong / chosen.answered)|percent }}; 95% interval
{{ chosen_bounds[0]|percent }} to {{ chosen_bounds[1]|percent }}).
{% endif %}
A higher threshold asks back more often.</p>
<table class="counts"><thead><tr><th scope="col">threshold</th><th scope="col" class="n">answered</th><th scope="col" class="n">share</th>
<th scope="col" class="n">wrong</th><th scope="col" class="n">share</th></tr></thead>
<tbody>
{% for row in coverage_rows %}
<tr{% if row.threshold == threshold %} class="chosen"{% endif %}>
<th scope="row">{{ "%g"|format(row.threshold) }}{% if row.threshold == threshold %} ← chosen{% endif %}</th>
<td class="n">{{ row.answered }}</td><td class="n">{{ (row.answered / row.answerable)|percent }}</td>
<td class="n">{{ row.wrong }}</td><td class="n">{{ (row.wrong / row.answered)|percent if row.answered else "–" }}</td></tr>
{% endfor %}
</tbody></table>
</div>
</div>
<p class="note">Only the chosen threshold was played; the others are reckoned from the confidences of that one run. Below it, a question that was asked
back counts as answered with its first option. {{ apart }} of the answers were given although their confidence lies below the threshold, through a clause
or the question before; they do not hang on it and count throughout. Questions that were declined or taken for another kind of message are never
answered.</p>
{% else %}
<p>This file holds no answerable question, so that there is no curve.</p>
{% endif %}
</section>

<section id="learning">
<h2>Would more examples help?</h2>
{% if learning %}
<div class="beside">
<figure>{{ learning_chart }}</figure>
<div>
<p>Trained on the examples of so many writers and tested on the writers left out, as <code>make bench</code> measured on {{ learning.date }}. These are single
messages, not this file.</p>
<table class="counts"><thead><tr><th scope="col" class="n">writers</th><th scope="col" class="n">examples</th><th scope="col" class="n">right</th>
<th scope="col" class="n">interval</th></tr></thead>
<tbody>
{% for point in learning.points %}
<tr><td class="n">{{ point.writers }}</td><td class="n">{{ "{:,}".format(point.examples) }}</td><td class="n">{{ point.right|percent }}</td>
<td class="n">{{ point.low|percent }} to {{ point.high|percent }}</td></tr>
{% endfor %}
</tbody></table>
</div>
</div>
{% else %}
<p>There is no learning curve yet: <code>make bench</code> draws it.</p>
{% endif %}
</section>

<section id="errors">
<h2>Every error</h2>
{% if errors %}
<p>{% for verdict, count in listed %}{{ count }} {{ verdicts[verdict][0] }}{{ ", " if not loop.last }}{% endfor %}. What was typed stands here word for
word.</p>
<div class="errors">
{% for row in errors %}
<article class="{{ row.verdict }}">
<header>{{ badge(row.verdict) }}<span>{{ row.id }}</span></header>
{% for earlier in row.context %}
<p class="before said" dir="auto">before: {{ earlier }}</p>
{% endfor %}
<h3 class="said" dir="auto">{{ row.text or "(empty)" }}</h3>
<dl>
<dt>wanted</dt><dd>{{ row.wanted }}{% if row.also %} <span class="note">(also accepted: {{ row.also }})</span>{% endif %}</dd>
<dt>given</dt><dd>{{ row.given }}</dd>
<dt>confidence</dt>
<dd>{% if row.confidence is none %}–{% else %}{{ "%.2f"|format(row.confidence) }}{{ " of the first option" if row.is_option }}{% endif %}</dd>
<dt>reply</dt><dd>{{ row.reply or "–" }}</dd>
</dl>
</article>
{% endfor %}
</div>
{% else %}
<p>None: nothing is wrong, in part or without an answer.</p>
{% endif %}
</section>
<footer><p>Written by <code>python -m bot evaluate --page</code>. This page holds what people typed: keep it as you keep the questions. It loads nothing
and sends nothing.</p></footer>
</main>
</body>
</html>
"""
