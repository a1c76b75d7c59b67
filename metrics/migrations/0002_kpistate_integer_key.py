"""On SQLite the key of a state becomes the rowid; on PostgreSQL it stays as it is."""

import django.db.models.deletion
from django.db import migrations

import metrics.models.fields


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="kpistate",
            name="kpi",
            field=metrics.models.fields.SharedKey(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="state",
                serialize=False,
                to="metrics.kpi",
            ),
        )
    ]
