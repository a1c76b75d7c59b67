"""How gunicorn serves the pages: `gunicorn -c python:okrkpi.web okrkpi.wsgi`."""

import os

from okrkpi.launch.parent import poll_parent

poll_parent()

bind = os.environ.get("OKRKPI_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("OKRKPI_WEB_PROCESSES", "1"))
worker_class = "gthread"
threads = int(os.environ.get("OKRKPI_WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 8
keepalive = 5
loglevel = "warning"
control_socket_disable = True
