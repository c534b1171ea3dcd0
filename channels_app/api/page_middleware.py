"""Middleware that only pages need, left out where programs read the answers.

They cost an accepted request a fifth of its time. The API's own page keeps them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from csp.middleware import CSPMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from channels_app.api.errors import is_api_path

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
Step = Callable[[HttpRequest], Answer]

DOCS_PAGE = "/api/docs"


def _is_for_programs(request: HttpRequest) -> bool:
    return is_api_path(request.path) and not request.path.startswith(DOCS_PAGE)


class StaticFilesOfPages(WhiteNoiseMiddleware):
    """Serves the files of pages."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _passed_by(self.get_response, super().__call__, request)


class PolicyOfPages(CSPMiddleware):
    """Says what pages may load."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _passed_by(self.get_response, super().__call__, request)


class MessagesOfPages(MessageMiddleware):
    """Keeps what the next page is to tell."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _passed_by(self.get_response, super().__call__, request)


def _passed_by(straight: Step, around: Step, request: HttpRequest) -> Answer:
    return (straight if _is_for_programs(request) else around)(request)
