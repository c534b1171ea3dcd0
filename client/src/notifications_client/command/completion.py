"""Completions for bash, zsh and fish, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

_BASH = """\
# notify for bash: eval "$(notify completion bash)"
_notify() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} last=${{COMP_WORDS[COMP_CWORD-1]}} place="" choices=""
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$place ${{COMP_WORDS[i]}}" in
{places}
        esac
    done
    case "$place $last" in
{values}
        *)
            case "$place" in
{choices}
            esac ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
}}
complete -o default -F _notify notify"""
_ZSH = """\
#compdef notify
# notify for zsh: eval "$(notify completion zsh)"
autoload -U +X bashcompinit && bashcompinit
"""


@dataclass(frozen=True)
class _Place:
    """A command, named by the words that lead to it, with what may follow."""

    words: tuple[str, ...]
    parser: argparse.ArgumentParser

    @property
    def path(self) -> str:
        return " ".join(self.words)


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that a shell reads."""
    places = list(_places(parser, ()))
    if shell == "fish":
        return _fish(places)
    return _bash(places) if shell == "bash" else _ZSH + _bash(places)


def _places(
    parser: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[_Place]:
    yield _Place(words, parser)
    for name, child in _children(parser).items():
        yield from _places(child, (*words, name))


def _children(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _words_after(place: _Place) -> list[str]:
    """Return what may come next: commands, values without an option, options."""
    found = list(_children(place.parser))
    for action in place.parser._actions:
        if action.option_strings:
            found += [item for item in action.option_strings if item.startswith("--")]
        elif action.choices and not isinstance(action, argparse._SubParsersAction):
            found += map(str, action.choices)
    return found


def _bash(places: list[_Place]) -> str:
    lead = [
        f'            "{" ".join(place.words[:-1])} {place.words[-1]}") '
        f'place="{place.path}" ;;'
        for place in places
        if place.words
    ]
    values = [
        f'        "{place.path} {option}") choices="{" ".join(map(str, action.choices))}" ;;'
        for place in places
        for action in place.parser._actions
        if action.choices
        for option in action.option_strings
    ]
    follow = [
        f'                "{place.path}") choices="{" ".join(_words_after(place))}" ;;'
        for place in places
    ]
    return _BASH.format(
        places="\n".join(lead), values="\n".join(values), choices="\n".join(follow)
    )


def _fish(places: list[_Place]) -> str:
    lines = [
        "# notify for fish: notify completion fish | source",
        "complete -c notify -f",
    ]
    for place in places:
        condition = _fish_condition(place)
        for name, child in _children(place.parser).items():
            lines.append(
                f"complete -c notify {condition} -a {name} -d {_quoted(child.description)}"
            )
        for action in place.parser._actions:
            lines += _fish_option(action, condition)
    return "\n".join(lines)


def _fish_condition(place: _Place) -> str:
    if not place.words:
        return "-n __fish_use_subcommand"
    seen = [f"__fish_seen_subcommand_from {word}" for word in place.words]
    return f"-n '{'; and '.join(seen)}'"


def _fish_option(action: argparse.Action, condition: str) -> Iterator[str]:
    choices = " ".join(map(str, action.choices or ()))
    wanted = f" -x -a '{choices}'" if choices and action.option_strings else ""
    for option in action.option_strings:
        if option.startswith("--"):
            yield (
                f"complete -c notify {condition} -l {option[2:]}{wanted} "
                f"-d {_quoted(action.help)}"
            )
    is_topic = isinstance(action, argparse._SubParsersAction)
    if choices and not action.option_strings and not is_topic:
        yield f"complete -c notify {condition} -a '{choices}'"


def _quoted(text: str | None) -> str:
    return "'" + (text or "").replace("\\", "\\\\").replace("'", "\\'") + "'"
