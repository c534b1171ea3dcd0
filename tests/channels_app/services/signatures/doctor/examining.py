"""An examination as the doctor makes it, and all that it told."""

from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import (
    SignatureDiagnosis,
    examine_signature,
)
from tests.client.test_doctor import STAMP

NOW = int(STAMP) + 2_000


def examine(text: str, key_id: str = "") -> SignatureDiagnosis:
    return examine_signature(read_request(text), key_id=key_id, now_ms=NOW)


def failed(found: SignatureDiagnosis) -> list[str]:
    return [step.name for step in found.steps if step.ok is False]


def all_of(found: SignatureDiagnosis) -> str:
    titles = "\n".join(step.title for step in found.steps)
    return f"{found!r}\n{titles}\n{found.comparison.sentence}"
