import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

from channels_app import senders
from channels_app.senders.contract import BlockingSender, HttpSender, Sender
from channels_app.senders.registry import SENDERS, UnknownSenderError, sender_for

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_each_kind_finds_its_sender() -> None:
    assert {kind: sender_for(kind) for kind in SENDERS} == dict(SENDERS)


@pytest.mark.parametrize("kind", ["", "pigeon", "Lark"])
def test_an_unknown_kind_is_named_with_those_there_are(kind: str) -> None:
    with pytest.raises(
        UnknownSenderError, match=r"There are: lark, telegram"
    ) as caught:
        sender_for(kind)
    assert isinstance(caught.value, LookupError)
    assert repr(kind) in str(caught.value)


def test_every_sender_that_is_written_is_registered() -> None:
    for module in pkgutil.iter_modules(senders.__path__):
        importlib.import_module(f"channels_app.senders.{module.name}")
    kinds = HttpSender.__subclasses__() + BlockingSender.__subclasses__()
    written = {kind.__name__ for kind in kinds if is_ours(kind)}
    assert written == {type(sender).__name__ for sender in SENDERS.values()}


def is_ours(kind: type[Sender]) -> bool:
    return kind.__module__.startswith("channels_app.senders.")


def test_the_linter_keeps_all_senders_apart() -> None:
    project = tomllib.loads(PYPROJECT.read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    (apart,) = [c for c in contracts if c["type"] == "independence"]
    assert set(apart["modules"]) == {type(s).__module__ for s in SENDERS.values()}
