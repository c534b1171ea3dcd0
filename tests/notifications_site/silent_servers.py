"""Servers that speak as much of PostgreSQL's protocol as a test of silence needs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
LET_IN = b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I"
DONE = b"C\0\0\0\x0dSELECT 0\0" + b"Z\0\0\0\x05I"


@dataclass
class Server:
    """Lets everybody log in; says what it may say.

    `is_awake`: answers who asks for encryption. `may_answer`: statements are answered.
    `was_asked`: somebody asked for encryption.
    """

    listening: socket.socket
    is_awake: bool = True
    may_answer: threading.Event = field(default_factory=threading.Event)
    was_asked: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def conninfo(self) -> str:
        plain = "sslmode=disable gssencmode=disable"
        return f"host=127.0.0.1 port={self.port} user=me dbname=it {plain}"

    def run(self) -> None:
        with suppress(OSError):  # it was closed: the test is over
            while True:
                connection, _address = self.listening.accept()
                threading.Thread(target=self._serve, args=[connection]).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if connection.recv(1024) == SSL_REQUEST:
                self.was_asked.set()
                if self.is_awake:
                    connection.sendall(b"N")
            else:
                connection.sendall(LET_IN)
                if connection.recv(1024) and self.may_answer.wait(10):
                    connection.sendall(DONE)
            connection.recv(1024)


@contextmanager
def serving() -> Iterator[Server]:
    """Run such a server on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server
        server.may_answer.set()
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@contextmanager
def listening_in(folder: Path, port: int, answer: bytes) -> Iterator[None]:
    """Answer one caller of a socket in a folder, or with b"" nobody at all."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/.s.PGSQL.{port}")
        listening.listen(1)
        thread = threading.Thread(target=_answer_one, args=[listening, answer])
        if answer:
            thread.start()
        yield
    if answer:
        thread.join()


def _answer_one(listening: socket.socket, answer: bytes) -> None:
    connection, _address = listening.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(answer)
