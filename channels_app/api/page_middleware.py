"""Middleware that only pages need, left out where programs read the answers.

They cost an accepted request a third of its time. The API's own page keeps them, and
who brings a cookie keeps what cookies are for: an admin's session, a chosen language.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

from channels_app.api.errors import is_api_path

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
Step = Callable[[HttpRequest], Answer]
Condition = Callable[[HttpRequest], bool]

DOCS_PAGE = "/api/docs"


def _is_for_programs(request: HttpRequest) -> bool:
    return is_api_path(request.path) and not request.path.startswith(DOCS_PAGE)


def _is_a_stranger(request: HttpRequest) -> bool:
    return not request.META.get("HTTP_COOKIE") and _is_for_programs(request)


class StaticFilesOfPages(WhiteNoiseMiddleware):
    """Serves the files of pages."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_for_programs, self.get_response, super().__call__, request)


class PolicyOfPages(CSPMiddleware):
    """Says what pages may load."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_for_programs, self.get_response, super().__call__, request)


class MessagesOfPages(MessageMiddleware):
    """Keeps what the next page is to tell."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_for_programs, self.get_response, super().__call__, request)


class SessionsOfCookies(SessionMiddleware):
    """Opens the session that a cookie names."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_a_stranger, self.get_response, super().__call__, request)


class UsersOfCookies(AuthenticationMiddleware):
    """Tells whose the session is."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_a_stranger, self.get_response, super().__call__, request)


class OriginsOfCookies(CsrfViewMiddleware):
    """Refuses forms that another site sends with somebody's cookie."""

    def __call__(self, request: HttpRequest) -> Answer:
        return _unless(_is_a_stranger, self.get_response, super().__call__, request)


class LanguageOfReaders(LocaleMiddleware):
    """Answers in the language that is asked for, or at once in the service's own."""

    def __call__(self, request: HttpRequest) -> Answer:
        if "HTTP_ACCEPT_LANGUAGE" in request.META or not _is_a_stranger(request):
            return super().__call__(request)
        translation.activate(settings.LANGUAGE_CODE)
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            patch_vary_headers(response, ["Accept-Language"])
            response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        return response


def _unless(
    steps_aside: Condition, straight: Step, around: Step, request: HttpRequest
) -> Answer:
    return (straight if steps_aside(request) else around)(request)
