"""A mail server as slow as OKRKPI_MAIL_SECONDS says, which keeps each mail as a file."""

import os
import time

from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    def send_messages(self, messages):
        time.sleep(float(os.environ.get("OKRKPI_MAIL_SECONDS", "0")))
        return super().send_messages(messages)
