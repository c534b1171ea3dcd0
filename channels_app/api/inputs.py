"""What callers put into queries and bodies, read with types, lengths and ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from django.utils.translation import gettext as _
from rest_framework.request import Request

from channels_app.api.authentication import Caller
from channels_app.api.parsing import misfit, wrong_value
from channels_app.models import ApiClient
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.texts import is_storable

T = TypeVar("T")

LARGEST_ID = 2**63 - 1
MOST_IDS = 1_000
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
# In a query an unescaped plus sign arrives as a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (?=[0-9]{2}:?[0-9]{2}$)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_END_OF_DAY = timedelta(days=1) - timedelta(microseconds=1)

# A delivery is named by its log id or by its message id.
LogKey = (
    Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
    | Annotated[str, msgspec.Meta(max_length=36)]
)


@dataclass(frozen=True)
class Values:
    """The parameters of a query, or the fields of a body that means the same."""

    given: Mapping[str, Any]

    def text(self, name: str, longest: int) -> str | None:
        """Return a text of 1 to `longest` characters; None if absent or empty."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise wrong_value(name, _("%(name)s must be a text.") % {"name": name})
        if len(value) > longest or not is_storable(value):
            raise wrong_value(
                name,
                _("%(name)s must have at most %(longest)d characters, and no NUL.")
                % {"name": name, "longest": longest},
            )
        return value

    def required_text(self, name: str, longest: int) -> str:
        """Return a text, or raise MISSING_PARAMETER."""
        value = self.text(name, longest)
        if value is None:
            raise missing(name)
        return value

    def number(self, name: str, lowest: int, highest: int) -> int | None:
        """Return a whole number in the range; None if absent or empty."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not _WHOLE_NUMBER.fullmatch(str(value)):
            raise _out_of_range(name, lowest, highest)
        number = int(value)
        if not lowest <= number <= highest:
            raise _out_of_range(name, lowest, highest)
        return number

    def flag(self, name: str) -> bool | None:
        """Return true or false, however it is written; None if absent or empty."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        word = str(value).lower()
        if word not in {"true", "1", "yes", "false", "0", "no"}:
            raise wrong_value(
                name, _("%(name)s must be true or false.") % {"name": name}
            )
        return word in {"true", "1", "yes"}

    def moment(self, name: str, *, is_end: bool = False) -> datetime | None:
        """Return a time; of a bare date its first moment, or with `is_end` its last.

        Without an offset it is UTC.
        """
        text = self.text(name, 40)
        return None if text is None else _moment(name, text, is_end=is_end)


def query_of(request: Request) -> Values:
    return Values(request.query_params.dict())


def body_or_query_of(request: Request) -> Values:
    """Return body and query together; the body counts where both name a field."""
    return Values({**request.query_params.dict(), **body_of(request)})


def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body; an empty one where there is no body."""
    data = request.data
    return dict(data) if data else {}


def body_as(request: Request, kind: type[T]) -> T:
    """Return the body as a typed value. Raises RequestRefusedError."""
    try:
        return msgspec.convert(body_of(request), kind)
    except msgspec.ValidationError as error:
        raise misfit(str(error)) from error


def client_of(request: Request) -> ApiClient:
    """Return the client that signed; a view's permission made sure that one did."""
    caller = request.user
    if not isinstance(caller, Caller):
        raise RequestRefusedError("MISSING_AUTH_HEADERS")
    return caller.client


def missing(name: str) -> RequestRefusedError:
    """Return the refusal of a request without this parameter."""
    return RequestRefusedError(
        "MISSING_PARAMETER",
        _("%(name)s is missing.") % {"name": name},
        details={"parameter": name},
    )


def _out_of_range(name: str, lowest: int, highest: int) -> RequestRefusedError:
    return wrong_value(
        name,
        _("%(name)s must be a whole number from %(lowest)d to %(highest)d.")
        % {"name": name, "lowest": lowest, "highest": highest},
    )


def _moment(name: str, text: str, *, is_end: bool) -> datetime:
    try:
        if _DATE.fullmatch(text):
            day = datetime.combine(datetime.fromisoformat(text), time(0), UTC)
            return day + (_END_OF_DAY if is_end else timedelta(0))
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+", text))
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong_value(
            name,
            _("%(name)s is not a time in ISO 8601.") % {"name": name},
            _("Write it like 2026-01-31T09:30:00Z; without an offset it is UTC."),
        ) from error
