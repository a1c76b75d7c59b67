from django.db import migrations, models
from django.db.models import F, Q


def forget_half_windows(apps, schema_editor):
    """A K without an N, or the reverse, was let in and never judged anything."""
    half = Q(window_k=None, window_n__isnull=False) | Q(window_n=None, window_k__isnull=False)
    apps.get_model("metrics", "Kpi").objects.filter(half).update(window_k=None, window_n=None)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_kpi_policies")]

    operations = [
        migrations.RunPython(forget_half_windows, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint(model_name="kpi", name="kpi_window"),
        migrations.AddConstraint(
            model_name="kpi",
            constraint=models.CheckConstraint(
                condition=Q(window_k=None, window_n=None)
                | Q(window_k__isnull=False, window_n__isnull=False)
                & Q(window_k__gte=1, window_n__gte=F("window_k")),
                name="kpi_window",
            ),
        ),
    ]
