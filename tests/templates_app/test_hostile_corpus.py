"""Every hostile template is refused when it is saved, or stopped within its budget."""

import json

import pytest

from templates_app.engine.budget import (
    MAX_ITERATIONS,
    MAX_OUTPUT,
    MissingPolicy,
    Rendering,
)
from templates_app.engine.errors import BudgetExceededError
from templates_app.engine.escapes import plain
from templates_app.engine.json_content import compile_json
from templates_app.engine.problems import Problem
from templates_app.engine.text import compile_text
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for
from templates_app.services import TemplateDraft, validate_template
from tests.templates_app.hostile import REFUSED, STOPPED, TEDIOUS

CASES = [
    pytest.param(*case, id=f"{kind}: {case[0][:30]!r}")
    for kind, cases in REFUSED.items()
    for case in cases
]


def errors(
    channel: str, content_type: str, source: str, subject: str = "S"
) -> list[Problem]:
    contents = {
        channel: {
            "content_type": content_type,
            "subject_template": subject,
            "content_template": source,
        }
    }
    draft = TemplateDraft(key="k", name="Hostile", contents=contents)
    return list(validate_template(draft).errors)


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CASES) + len(STOPPED) + len(TEDIOUS) >= 90


@pytest.mark.parametrize(("source", "code", "named"), CASES)
def test_it_is_refused_in_a_text_with_its_place(
    source: str, code: str, named: str
) -> None:
    (problem, *_others) = errors("webhook", "text", "ok\n" + source)
    assert problem.code == code
    assert named in problem.message
    assert problem.remedy
    if code != "source_too_long":
        assert (problem.line or 0) >= 2


@pytest.mark.parametrize(("source", "code", "named"), CASES)
def test_it_is_refused_in_a_subject(source: str, code: str, named: str) -> None:
    (problem, *_others) = errors("email", "html", "<p>x</p>", source)
    assert (problem.code, problem.field) == (code, "subject_template")


@pytest.mark.parametrize(("source", "code", "named"), CASES)
def test_it_is_refused_inside_json_at_its_string(
    source: str, code: str, named: str
) -> None:
    card = {"elements": [{"tag": "markdown", "content": source}]}
    body = {"msg_type": "interactive", "card": card}
    (problem, *_others) = errors("lark", "json", json.dumps(body))
    if code == "source_too_long":
        return
    # Escaped for JSON, a source can be longer than what is taken.
    assert problem.code in {code, "source_too_long"}
    if problem.code == code:
        where = "/contents/lark/content_template/card/elements/0/content"
        assert problem.where == where
        assert problem.line == 1
        assert problem.column is not None


@pytest.mark.parametrize(("source", "values", "code"), STOPPED)
def test_it_is_stopped_when_its_budget_is_spent(
    source: str, values: dict[str, object], code: str
) -> None:
    with pytest.raises(BudgetExceededError) as stopped:
        compile_text(source).render(values)
    assert stopped.value.code == code
    with pytest.raises(BudgetExceededError) as stopped_in_json:
        compile_json(json.dumps({"a": source, "b": source})).render(values)
    assert stopped_in_json.value.code == code


@pytest.mark.parametrize(("source", "values", "code"), STOPPED)
def test_no_more_is_spent_than_the_budget_has(
    source: str, values: dict[str, object], code: str
) -> None:
    rendering = _Counting(MissingPolicy.KEEP)
    with pytest.raises(BudgetExceededError):
        compile_text(source).run(values, rendering, plain)
    assert rendering.turns <= MAX_ITERATIONS + 1
    assert rendering.written <= MAX_OUTPUT


class _Counting(Rendering):
    """Counts what was spent before the budget said stop."""

    __slots__ = ("turns", "written")

    def __init__(self, policy: MissingPolicy) -> None:
        super().__init__(policy)
        self.turns = self.written = 0

    def spend_iteration(self) -> None:
        self.turns += 1
        super().spend_iteration()

    def spend_output(self, size: int) -> None:
        super().spend_output(size)
        self.written += size


@pytest.mark.parametrize(("channel", "content_type", "source"), TEDIOUS)
def test_tedious_markup_is_read_to_its_end(
    channel: str, content_type: str, source: str
) -> None:
    found = format_for(channel).validate(Content(content_type, "S", source))
    assert all(problem.remedy for problem in found)


def test_a_costly_template_is_refused_when_it_is_saved() -> None:
    source = "{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}"
    draft = TemplateDraft(
        key="k",
        name="Costly",
        variables=["x"],
        sample_variables={"x": [0] * 100},
        contents={"webhook": {"content_template": source}},
    )
    (problem,) = validate_template(draft).errors
    assert (problem.code, problem.line) == ("loop_budget", 1)
    assert "5000" in problem.message
