"""Marks inside a line, as Slack's mrkdwn and Lark's markdown have them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.sandbox.drawing import Run, link_address

MAX_DEPTH = 4
# Beyond this many pieces the rest is shown plain: drawing must stay cheap.
MAX_RUNS = 300


@dataclass(frozen=True)
class Mark:
    """One kind of mark: its pattern, and the run or look it turns into."""

    pattern: str
    style: str = ""
    make: Callable[[str], Run] | None = None


def split_runs(
    text: str, marks: tuple[Mark, ...], styles: tuple[str, ...] = ()
) -> tuple[Run, ...]:
    """Split text at its marks; a mark may hold others, to a small depth."""
    runs: list[Run] = []
    rest = text
    while rest:
        shallow = len(styles) < MAX_DEPTH and len(runs) < MAX_RUNS
        found = _first(rest, marks) if shallow else None
        if found is None:
            runs.append(Run(rest, styles))
            break
        mark, match = found
        if match.start():
            runs.append(Run(rest[: match.start()], styles))
        runs.extend(_inside(mark, match, marks, styles))
        rest = rest[match.end() :]
    return tuple(runs)


def _first(text: str, marks: tuple[Mark, ...]) -> tuple[Mark, re.Match[str]] | None:
    found = [
        (mark, match) for mark in marks if (match := re.search(mark.pattern, text))
    ]
    return min(found, key=lambda pair: pair[1].start(), default=None)


def _inside(
    mark: Mark, match: re.Match[str], marks: tuple[Mark, ...], styles: tuple[str, ...]
) -> tuple[Run, ...]:
    if mark.make:
        run = mark.make(match[0])
        return (Run(run.text, (*styles, *run.styles), run.href),)
    inner, style = match[1], mark.style
    if style == "code":
        return (Run(inner, (*styles, style)),)
    return split_runs(inner, marks, (*styles, style) if style else styles)


def _slack_link(source: str) -> Run:
    address, _, label = source[1:-1].partition("|")
    if address.startswith(("!", "@", "#")):
        word = label or address.lstrip("!@#")
        sign = "#" if address.startswith("#") else "@"
        return Run(f"{sign}{word}", ("mention",))
    return Run(_unescaped(label or address), ("text_link",), link_address(address))


def _lark_link(source: str) -> Run:
    label, _, address = source[1:-1].partition("](")
    return Run(label, ("text_link",), link_address(address))


def _lark_at(source: str) -> Run:
    found = re.search(r"id\s*=\s*[\"']?([^\"'>\s]+)", source)
    name = re.sub(r"<[^>]*>", "", source)
    return Run("@" + (name or (found[1] if found else "")), ("mention",))


def _entity(source: str) -> Run:
    return Run(_unescaped(source))


def _unescaped(text: str) -> str:
    # Slack knows these three and no others.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


SLACK_MARKS = (
    Mark(r"```\n?([^`]+?)\n?```", "code"),
    Mark(r"`([^`\n]+)`", "code"),
    Mark(r"<[^<>\n]+>", make=_slack_link),
    Mark(r"&(?:amp|lt|gt);", make=_entity),
    Mark(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])", "bold"),
    Mark(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])", "italic"),
    Mark(r"(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])", "strikethrough"),
)
LARK_AT = Mark(r"<at\b[^<>]*>(?:[^<]*</at>)?", make=_lark_at)
LARK_MARKS = (
    LARK_AT,
    Mark(r"```\w*\n?([^`]+?)\n?```", "code"),
    Mark(r"`([^`\n]+)`", "code"),
    Mark(r"\[[^\[\]\n]*\]\([^()\s]*\)", make=_lark_link),
    Mark(r"\*\*([^*\n]+)\*\*", "bold"),
    Mark(r"(?<!\*)\*([^*\n]+)\*(?!\*)", "italic"),
    Mark(r"~~([^~\n]+)~~", "strikethrough"),
    Mark(r"<font color=[\"']?\w+[\"']?>([^<]*)</font>", "tinted"),
)
