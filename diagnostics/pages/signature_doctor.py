"""The signature doctor: a pasted request in, the step that fails and the mistake out."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from unfold import widgets as unfold

from channels_app.selectors.clients import active_clients
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import (
    WINDOW_SECONDS,
    SignatureDiagnosis,
    examine_signature,
    limit_examinations,
)
from channels_app.services.signatures.pasted import LARGEST_PASTE, NotARequestError

MAY_SEE = "channels_app.view_apiclient"
EXAMPLE = """POST /api/notifications/send HTTP/1.1
Host: notifications.example.com
X-Timestamp: 1736150400000
X-Signature: ad0dbf27…
Content-Length: 39

{"user_id":"u1","channels":["webhook"]}"""


def _clients() -> list[tuple[str, str]]:
    known = [(key_id, f"{name} ({key_id})") for key_id, name in active_clients()]
    return [("", _("The one that its X-Key-Id names")), *known]


class SignatureDoctorForm(forms.Form):
    """A request, and whose it is meant to be."""

    client = forms.ChoiceField(
        label=gettext_lazy("API client"),
        choices=_clients,
        required=False,
        widget=unfold.UnfoldAdminSelectWidget,
    )
    request = forms.CharField(
        label=gettext_lazy("Request"),
        max_length=LARGEST_PASTE,
        strip=False,
        widget=unfold.UnfoldAdminTextareaWidget(
            {"rows": 12, "spellcheck": "false", "placeholder": EXAMPLE}
        ),
        help_text=gettext_lazy(
            "Raw HTTP with request line, headers and body, or a curl command. It is "
            "not sent and not kept."
        ),
    )


@never_cache
@staff_member_required
@sensitive_post_parameters("request")
def signature_doctor(request: HttpRequest) -> HttpResponse:
    """Ask for a request; then show each step of its signature, and both messages."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    form = SignatureDoctorForm(request.POST or None, initial=request.GET.dict())
    found = None
    if request.method == "POST" and form.is_valid():
        found = _examined(request, form)
    if found is not None:
        # What somebody pasted may hold a secret: it is not given back.
        form = SignatureDoctorForm(initial={"client": form.cleaned_data["client"]})
    context = {
        **admin.site.each_context(request),
        "title": _("Signature doctor"),
        "form": form,
        "found": found,
    }
    return TemplateResponse(request, "signatures/doctor.html", context)


@sensitive_variables()
def _examined(
    request: HttpRequest, form: SignatureDoctorForm
) -> SignatureDiagnosis | None:
    try:
        pasted = read_request(form.cleaned_data["request"])
        limit_examinations(str(request.user.pk))
    except NotARequestError as error:
        form.add_error("request", str(error))
        return None
    except RequestRefusedError as error:
        messages.error(
            request,
            _("Too many requests were examined: go on in %(seconds)d seconds.")
            % {"seconds": error.retry_after or WINDOW_SECONDS},
        )
        return None
    found = examine_signature(pasted, key_id=form.cleaned_data["client"])
    _audit(request, found)
    return found


def _audit(request: HttpRequest, found: SignatureDiagnosis) -> None:
    """Keep who examined requests of which client, and what came of it; no request."""
    if request.user.pk is None:
        raise PermissionDenied
    outcome = "good" if found.is_good else found.mistake or "not good"
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_by_natural_key(
            "channels_app", "apiclient"
        ),
        object_id=str(found.client_id) if found.client_id else None,
        object_repr=(found.client or found.key_id)[:200],
        action_flag=CHANGE,
        change_message=f"A pasted signature was examined: {outcome}.",
    )
