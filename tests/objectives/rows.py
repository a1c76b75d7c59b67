"""The row of a key result as a browser opens, saves and takes it back."""

from uuid import uuid4

HTMX = {"HX-Request": "true"}


def signed_in(client, user):
    client.force_login(user)
    return client


def edit(client, row, query=""):
    return client.get(f"/key-results/{row.pk}/check-in/{query}", headers=HTMX).content.decode()


def save(client, row, *, path="check-in/", htmx=True, **data):
    row.refresh_from_db()
    fields = {"value": "45", "confidence": "6", "token": str(uuid4()), "version": row.version}
    fields |= data
    return client.post(f"/key-results/{row.pk}/{path}", fields, headers=HTMX if htmx else {})


def undo(client, made, version, *, htmx=True):
    sent = {"version": version}
    return client.post(f"/check-ins/{made.pk}/undo/", sent, headers=HTMX if htmx else {})
