"""A person with a browser's manners and no browser: cookies, forms, a clock on every request."""

import re
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Visitor:
    """Signed in at `port` of this machine; `slowest` is the longest request so far, in seconds."""

    def __init__(self, port: int, email: str, password: str):
        self.base = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        )
        self.slowest = 0.0
        page = self.post("/accounts/login/", login=email, password=password)
        assert "/accounts/logout/" in page
        self.slowest = 0.0

    def get(self, path: str) -> str:
        return self._ask(path)

    def post(self, path: str, **fields: str) -> str:
        """Fetch the form for its token, send the fields, return the page that follows."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path)).group(1)
        fields["csrfmiddlewaretoken"] = token
        return self._ask(path, urllib.parse.urlencode(fields).encode())

    def _ask(self, path: str, data: bytes | None = None) -> str:
        begun = time.monotonic()
        with self.opener.open(self.base + path, data, timeout=30) as answer:
            text = answer.read().decode()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return text
