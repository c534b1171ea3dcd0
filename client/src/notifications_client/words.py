"""The client's own sentences, in English or in Chinese as the locale says."""

from __future__ import annotations

import os

from notifications_client.chinese import CHINESE

_VARIABLES = ("NOTIFY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def is_chinese() -> bool:
    """Tell whether the first of the variables that is set asks for Chinese."""
    chosen = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return chosen.lower().startswith("zh")


def say(text: str, /, **names: object) -> str:
    """Return a sentence in the language of the locale, with its names filled in."""
    sentence = CHINESE.get(text, text) if is_chinese() else text
    return sentence.format(**names) if names else sentence
