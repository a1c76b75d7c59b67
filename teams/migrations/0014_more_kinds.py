"""What a person chose of a kind of messages holds for those that were a part of it."""

from django.db import migrations

PARTS = {"signals": ("escalated", "missing"), "due": ("overdue",)}


def choose_parts(apps, schema_editor):
    for row in _chosen(apps):
        for whole, parts in PARTS.items():
            if whole in row.kinds:
                row.kinds |= dict.fromkeys(parts, row.kinds[whole])
        row.save(update_fields=["kinds"])


def forget_parts(apps, schema_editor):
    known = {part for parts in PARTS.values() for part in parts}
    for row in _chosen(apps):
        row.kinds = {name: reach for name, reach in row.kinds.items() if name not in known}
        row.save(update_fields=["kinds"])


def _chosen(apps):
    return apps.get_model("teams", "MessageSettings").objects.exclude(kinds={}).iterator()


class Migration(migrations.Migration):
    dependencies = [("teams", "0013_mail_once_a_day")]

    operations = [migrations.RunPython(choose_parts, forget_parts)]
