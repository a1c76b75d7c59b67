"""The WSGI entry that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrkpi.settings")
application = get_wsgi_application()
# What is loaded by now stays for good: the collector need not walk it again under every large page.
gc.collect()
gc.freeze()
