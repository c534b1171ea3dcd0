"""Connections: kept open, shared, replaced when they are stale, and trusted."""

import datetime
import ipaddress
import os
import ssl
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications_client import (
    Client,
    ConnectionFailedError,
    Notification,
    UnexpectedAnswerError,
)
from notifications_client import connections as pool
from notifications_client.signing import ToSign, message_v2, signature_of
from tests.client import hostile as server
from tests.client.clients import HELLO, SECRET, client
from tests.client.hostile import hostile

HEALTHY = server.answer(200, {"status": "healthy", "services": {}})


def test_requests_follow_each_other_on_one_connection() -> None:
    with hostile() as service, client(service.url) as caller:
        for _ in range(20):
            caller.send(HELLO)
    assert len(service.seen) == 20
    assert service.connections == 1


def test_threads_share_the_client_and_mix_nothing_up() -> None:
    def echo(handler: server.Handler) -> None:
        user = handler.server.seen_on(handler).json()["user_id"]
        result = {**server.RESULT, "userId": user, "message_id": user}
        server.answer(202, {**server.ACCEPTED, "results": [result]})(handler)

    def send(number: int) -> bool:
        user = f"u{number}"
        return caller.send(Notification(user, "x")).message_ids == (user,)

    with (
        hostile(echo) as service,
        client(service.url) as caller,
        ThreadPoolExecutor(16) as threads,
    ):
        assert all(threads.map(send, range(400)))
    assert service.connections <= 16 + 1
    stamps = Counter(seen.headers["X-Timestamp"] for seen in service.seen)
    assert stamps.most_common(1)[0][1] == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_connection_that_the_service_closed_is_replaced(times: int) -> None:
    closing = server.then_close(server.answer())
    with hostile(*[closing] * times, server.answer()) as service:
        caller = client(service.url)
        for _ in range(times + 1):
            assert caller.send(HELLO).message_ids == ("m1",)
    assert service.connections == times + 1


def test_a_connection_that_ends_under_the_request_costs_no_try() -> None:
    """The end may come between the look at the idle connection and the request."""
    with hostile(HEALTHY, server.break_off, server.answer()) as service:
        caller = client(service.url)
        caller.health()
        caller.send(HELLO)
    broken, anew = service.seen[1:]
    assert broken.json() == anew.json()
    assert broken.headers["X-Nonce"] != anew.headers["X-Nonce"]


def test_on_a_kept_connection_nothing_is_done_twice_that_must_not_be() -> None:
    with hostile(HEALTHY, server.break_off, server.answer()) as service:
        caller = client(service.url)
        caller.health()
        with pytest.raises(ConnectionFailedError) as caught:
            caller.resend("m1")
    assert caught.value.is_sent
    assert len(service.seen) == 2


def test_a_connection_that_was_idle_for_long_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.0)
    with hostile() as service, client(service.url) as caller:
        caller.send(HELLO)
        caller.send(HELLO)
    assert service.connections == 2


def test_a_forked_process_opens_connections_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with hostile() as service, client(service.url) as caller:
        caller.send(HELLO)
        monkeypatch.setattr(os, "getpid", lambda: -1)
        caller.send(HELLO)
    assert service.connections == 2


def test_an_answer_without_end_is_not_read_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "LARGEST_ANSWER", 10)
    with (
        hostile(server.answer(200, {"status": "healthy"})) as service,
        pytest.raises(UnexpectedAnswerError, match="larger than 10 bytes"),
    ):
        client(service.url).health()


def test_a_base_path_is_asked_for_and_signed() -> None:
    with hostile() as service:
        client(service.url + "/notify/").send(HELLO)
        client(service.url + "/notify", signed_base_path="").send(HELLO)
    whole, bare = service.seen
    assert whole.target == bare.target == "/notify/api/notifications/send"
    assert _signs(whole, "/notify/api/notifications/send")
    assert _signs(bare, "/api/notifications/send")


def _signs(seen: server.Seen, target: str) -> bool:
    request = ToSign(seen.method, target, seen.body)
    stamp, nonce = seen.headers["X-Timestamp"], seen.headers["X-Nonce"]
    message = message_v2(request, stamp, nonce)
    return seen.headers["X-Signature"] == signature_of(SECRET, message)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1, signed by nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(
    serving: ssl.SSLContext,
) -> None:
    with hostile(tls=serving) as service:
        url = service.url.replace("http:", "https:")
        with pytest.raises(ConnectionFailedError, match="not trusted") as caught:
            client(url).send(HELLO)
    assert caught.value.tries == 1
    assert service.seen == []


def test_an_authority_of_one_s_own_can_be_trusted(
    serving: ssl.SSLContext, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with hostile(tls=serving) as service:
        url = service.url.replace("http:", "https:")
        with client(url, tls=trusting) as caller:
            caller.send(HELLO)
            caller.send(HELLO)
    assert service.connections == 1


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile() as proxy:
        address = proxy.url.replace("http://", "http://user:p%40ss@")
        monkeypatch.setenv("http_proxy", address)
        with client("http://notifications.invalid") as caller:
            caller.send(HELLO)
    seen = proxy.seen[0]
    assert seen.target == "http://notifications.invalid/api/notifications/send"
    assert seen.headers["Host"] == "notifications.invalid"
    assert seen.headers["Proxy-Authorization"] == "Basic dXNlcjpwQHNz"


def test_https_goes_through_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(server.answer(403, "no")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(ConnectionFailedError, match="Tunnel"):
            client("https://notifications.invalid").send(HELLO)
    assert {seen.method for seen in proxy.seen} == {"CONNECT"}
    assert proxy.seen[0].target == "notifications.invalid:443"
    assert "X-Signature" not in proxy.seen[0].headers


@pytest.mark.parametrize(("shunned", "is_used"), [("127.0.0.1", True), ("", False)])
def test_a_proxy_can_be_left_aside(
    monkeypatch: pytest.MonkeyPatch, shunned: str, is_used: bool
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", shunned)
    with hostile() as service:
        client(service.url, use_proxies=is_used).send(HELLO)
    assert len(service.seen) == 1


def test_many_threads_may_begin_and_close_at_once() -> None:
    def send() -> None:
        start.wait()
        caller.send(HELLO)
        caller.close()

    start = threading.Barrier(8)
    with hostile() as service:
        caller = Client(service.url, SECRET)
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        caller.close()
    assert len(service.seen) == 8
