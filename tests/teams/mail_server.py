"""A mail server on this machine for the tests, spoken to by real SMTP."""

import contextlib
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from tests.services import free_port


class Received:
    """Keeps what a real SMTP conversation brought; refuses while `refuses`."""

    def __init__(self):
        self.mails, self.refuses = [], False

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


@contextlib.contextmanager
def mail_server(settings):
    """The server's handler, while the app's mail goes to it."""
    handler = Received()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_URL = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    yield handler
    controller.stop()
