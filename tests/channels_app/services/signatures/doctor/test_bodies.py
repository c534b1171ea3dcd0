"""Bodies that were changed on their way: the doctor says how."""

import hashlib
import json
from dataclasses import replace

import pytest

from tests.channels_app.services.signatures.doctor.examining import (
    all_of,
    examine,
    failed,
)
from tests.channels_app.services.signatures.pastes import as_http, as_measured_http
from tests.client.test_doctor import BODY, COMPACT, RIGHT, TS, VALUE, pasted, signed

pytestmark = pytest.mark.django_db


def test_a_pasted_body_that_was_laid_out_anew_is_seen_through() -> None:
    request = as_measured_http(replace(pasted(RIGHT), bodies=(BODY,)))
    found = examine(request.replace(BODY.decode(), json.dumps(VALUE, indent=2)))
    assert found.is_good
    [body] = [step for step in found.steps if step.name == "body"]
    assert "laid out anew" in body.evidence


def test_a_body_of_another_length_than_declared_is_told() -> None:
    request = as_measured_http(pasted(RIGHT)).replace("length: ", "length: 9")
    found = examine(request)
    assert "body" in failed(found)
    assert not found.is_good


def test_a_body_cut_by_its_declared_length_is_checked_as_the_service_reads_it() -> None:
    length = f"content-length: {len(BODY)}"
    request = as_measured_http(pasted(RIGHT)).replace(length, "content-length: 10")
    found = examine(request)
    assert {"body", "signature"} <= set(failed(found))


def test_line_ends_of_a_form_in_the_browser_do_no_harm() -> None:
    body = json.dumps(VALUE, indent=2).encode()
    request = replace(pasted(signed(TS + body)), bodies=(body,))
    assert examine(as_http(request).replace("\n", "\r\n")).is_good
    assert examine(as_measured_http(request).replace("\n", "\r\n")).is_good


def test_the_declared_length_settles_whether_a_line_end_belongs_to_the_body() -> None:
    with_end = pasted(signed(TS + BODY + b"\n"))
    assert examine(as_measured_http(with_end, end="\n")).mistake == "newline"
    assert examine(as_http(with_end, end="\n")).is_good


def test_a_large_body_is_checked_but_not_worked_on() -> None:
    body = b"x" * 70_000
    request = replace(pasted(signed(TS + body)), bodies=(body,))
    assert examine(as_http(request)).is_good
    wrong = replace(pasted(signed(TS + b"." + body)), bodies=(body,))
    assert failed(examine(as_http(wrong))) == ["signature"]


def test_a_body_that_was_written_anew_shows_where() -> None:
    found = examine(as_http(pasted(signed(TS + COMPACT))))
    assert found.comparison.wrong is not None
    assert found.comparison.right.first == "‹SP›"
    digest = hashlib.sha256(COMPACT).hexdigest()
    assert digest not in all_of(found)
