"""Rows written before check-ins had due days and key results had directions."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import F, Q

from objectives import rhythm

WEEKLY = "weekly"


def carry_over(apps, schema_editor):
    """Name the way each key result goes, what a withdrawn objective was, and each due day."""
    KeyResult = apps.get_model("objectives", "KeyResult")
    Objective = apps.get_model("objectives", "Objective")
    changes = KeyResult.objects.filter(kind="change")
    falls = Q(target__lt=F("baseline")) | Q(baseline=None, kpi__direction="lower_is_better")
    changes.filter(pk__in=changes.filter(falls).values("pk")).update(kind="decrease")
    changes.update(kind="increase")
    Objective.objects.filter(state="withdrawn").update(withdrawn_from="draft")
    rows = KeyResult.objects.select_related("objective__cycle", "objective__team__organisation")
    for key_result in rows.iterator(chunk_size=500):
        carry_check_ins(apps, key_result)


def carry_back(apps, schema_editor):
    """Both ways of a change are one kind again."""
    key_results = apps.get_model("objectives", "KeyResult").objects
    key_results.filter(kind__in=["increase", "decrease"]).update(kind="change")


def carry_check_ins(apps, key_result):
    """Each check-in answers the week it was made in; the last one stands for the value."""
    objective = key_result.objective
    organisation = objective.team.organisation
    weekday = organisation.check_in_weekday
    check_ins = apps.get_model("objectives", "CheckIn").objects
    mine = list(check_ins.filter(key_result=key_result).order_by("made_at", "pk"))
    for row in mine:
        made_on = row.made_at.astimezone(zone(organisation)).date()
        row.due_on = rhythm.due_from(made_on, WEEKLY, weekday)
    check_ins.bulk_update(mine, ["due_on"])
    replaced = {row.corrects_id for row in mine}
    standing = [row for row in mine if row.pk not in replaced]
    key_result.latest = standing[-1] if standing else None
    if objective.state == "active" and key_result.withdrawn_at is None:
        begins = objective.starts_on or objective.cycle.starts_on
        start = standing[-1].due_on + rhythm.DAY if standing else begins
        ends_on = objective.cycle.ends_on
        key_result.next_due_on = rhythm.first_owed(start, ends_on, WEEKLY, weekday)
    key_result.save(update_fields=["latest", "next_due_on"])


def zone(organisation):
    """The organisation's time zone; historical models have no properties."""
    return ZoneInfo(organisation.time_zone)


class Migration(migrations.Migration):
    dependencies = [
        ("objectives", "0002_goals"),
    ]

    operations = [
        migrations.RunPython(carry_over, carry_back),
    ]
