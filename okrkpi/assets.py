"""Where static files are found by the names that templates use."""

from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Addresses with a hash of the content. They never change while a process runs, so each is
    made once: the seven of a page's head took longer than the head."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(super().url)
