"""For which users an API client may send, and how that is written down."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from channels_app.models import ApiClient
from channels_app.selectors.visibility import may_reach
from channels_app.services.refusals import RequestRefusedError

MOST_PATTERNS = 500
# A user id, or the beginning of one and a star.
_PATTERN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff*]{0,100}\*?")


class BadPatternError(ValueError):
    """A text that names neither a user nor the beginning of user ids."""


def require_user(client: ApiClient, user_id: str) -> None:
    """Raise RequestRefusedError(FORBIDDEN) for a user the client may not reach."""
    if not may_reach(client, user_id):
        raise out_of_reach(client, user_id)


def out_of_reach(client: ApiClient, user_id: str) -> RequestRefusedError:
    """Return the refusal of a user; it is the same whether the user exists or not."""
    return RequestRefusedError(
        "FORBIDDEN",
        _("The API client %(key_id)s may not send to user “%(user)s”.")
        % {"key_id": client.key_id, "user": user_id},
        hint=_("Ask an administrator to add the user to the client's allowed users."),
        details={"user_id": user_id},
    )


def checked_patterns(texts: Iterable[str]) -> list[str]:
    """Return patterns without doubles and blanks. Raises BadPatternError."""
    found = dict.fromkeys(text.strip() for text in texts if text.strip())
    for text in found:
        if not _PATTERN.fullmatch(text):
            raise BadPatternError(
                _(
                    "“%(text)s” is neither a user id nor a beginning with one * at the end."
                )
                % {"text": text}
            )
    if len(found) > MOST_PATTERNS:
        raise BadPatternError(
            _("Name at most %(most)d users or beginnings.") % {"most": MOST_PATTERNS}
        )
    return list(found)
