from django.db import migrations, models
from django.db.models import F


def confirm(apps, schema_editor):
    """Organisations past their first steps work with their time zone and year already."""
    rows = apps.get_model("teams", "Organisation").objects.exclude(first_steps_closed_at=None)
    rows.update(settings_confirmed_at=F("first_steps_closed_at"))


class Migration(migrations.Migration):
    dependencies = [("teams", "0011_what_messages_tell_of")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="settings_confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(confirm, migrations.RunPython.noop),
    ]
