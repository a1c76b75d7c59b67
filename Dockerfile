FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    OKRKPI_DATA=/data OKRKPI_STATIC_ROOT=/app/staticfiles OKRKPI_BIND=0.0.0.0:8000
WORKDIR /app

COPY requirements.lock .
RUN pip install --disable-pip-version-check --require-hashes -r requirements.lock

COPY . .
# The key of this one command is thrown away; a running container is given its own.
RUN OKRKPI_DATA=/tmp/build OKRKPI_SECRET_KEY=build python manage.py collectstatic --noinput -v0 \
    && rm -rf /tmp/build \
    && useradd --system --uid 10001 --home-dir /data --create-home okrkpi \
    && chown okrkpi /data && chmod 700 /data

USER okrkpi
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "-c", "python:okrkpi.web", "okrkpi.wsgi"]
