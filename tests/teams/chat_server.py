"""A chat program's server on this machine, by https at https://chat.example, for the tests."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from teams import outgoing


class Chat(BaseHTTPRequestHandler):
    """Answers as its server says, and keeps what was posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if len(self.server.answers) > 1 else 0
        self.server.behave(self, status or self.server.answers[0])

    def log_message(self, *_):
        pass


def plainly(handler, status: int) -> None:
    handler.send_response(status)
    if 300 <= status < 400:
        handler.send_header("Location", f"https://chat.example:{handler.server.server_port}/else")
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")


def slowly(handler, status: int) -> None:
    """One byte of a header now and then, for ever."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)


def endlessly(handler, status: int) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65536)


def certificate(folder, name: str):
    """A certificate for a host, which vouches for itself; its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@contextlib.contextmanager
def https_chat(folder, name: str):
    """A chat on this machine, by https under a name; `server.ca_file` vouches for it."""
    pem, secret = certificate(folder, name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    server.daemon_threads = True
    server.posts, server.answers, server.behave = [], [200], plainly
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.host, server.ca_file = f"{name}:{server.server_port}", str(pem)
    server.url = f"https://{server.host}/services/T0/B0/s3cret"
    yield server
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def chat_server(folder, settings, monkeypatch):
    """A chat at https://chat.example, which leads to this machine and is allowed to."""
    with https_chat(folder, "chat.example") as server:
        settings.OUTGOING_CA_FILE = server.ca_file
        settings.OUTGOING_HOSTS = [server.host]
        server.names = {"chat.example": ["127.0.0.1"]}
        monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolver(server.names))
        yield server


def resolver(names: dict):
    """`getaddrinfo` that knows these names; the answers of a name one after the other."""
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in names:
            return real(host, port, *args, **kwargs)
        answers = names[host]
        found = answers.pop(0) if isinstance(answers[0], list) and len(answers) > 1 else answers
        found = found[0] if isinstance(found[0], list) else found
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    return look_up
