"""The client's doctor and the service's hints know the same mistakes."""

import pytest

from channels_app.services.signatures.mistakes import SignedRequest, mistake_in
from channels_app.services.signatures.mistakes_v2 import mistake_in_v2
from notifications_client.doctor import Pasted, sentences
from tests.client.test_doctor import SECRET, TABLE

# What the service refuses before it looks at the signature.
REFUSED_BEFORE = {
    sentences.MISSING_HEADER,
    sentences.SECONDS_SENT,
    sentences.STRANGE_TIMESTAMP,
    sentences.STRANGE_NONCE,
    sentences.UNKNOWN_VERSION,
}
UNKNOWN = {sentences.NO_MATCH, sentences.STRANGE_SIGNATURE}


def named_by_the_service(pasted: Pasted) -> str:
    request = SignedRequest(
        method=pasted.method,
        timestamp=pasted.header("X-Timestamp"),
        signature=pasted.header("X-Signature"),
        body=pasted.bodies[0],
        target=pasted.target.encode(),
        host=pasted.header("Host"),
        secret=SECRET,
        nonce=pasted.header("X-Nonce"),
    )
    is_second = pasted.header("X-Signature-Version") == "2"
    mistake = mistake_in_v2(request) if is_second else mistake_in(request)
    return mistake.name if mistake else ""


@pytest.mark.parametrize(
    ("pasted", "name"), [row for row in TABLE if row[1] not in REFUSED_BEFORE]
)
def test_what_the_doctor_names_the_service_names_too(pasted: Pasted, name: str) -> None:
    assert named_by_the_service(pasted) == ("" if name in UNKNOWN else name)
