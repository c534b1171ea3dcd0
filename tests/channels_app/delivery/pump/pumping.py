"""One run of the pump, what receivers reply, and what was written down."""

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions, PumpReport
from channels_app.models import DeliveryAttempt, NotificationLog
from tests.channels_app.delivery.receivers import Behaviour, answering


def reply(status: str, body: str = "", *headers: str) -> Behaviour:
    head = "".join(f"{line}\r\n" for line in headers)
    length = len(body.encode())
    text = f"HTTP/1.1 {status}\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    return answering(text.encode())


def run(carrier: Carrier, *, limit: int = 64) -> PumpReport:
    return Pump(carrier, PumpOptions("w", linger=0.0, max_in_flight=limit)).run()


def after(log: NotificationLog) -> tuple[NotificationLog, DeliveryAttempt]:
    log.refresh_from_db()
    return log, log.attempts.latest("number")
