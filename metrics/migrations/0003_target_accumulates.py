"""A target may be for the total of a fiscal quarter or year."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_kpistate_integer_key")]

    operations = [
        migrations.AddField(
            model_name="target",
            name="accumulates",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "each period by itself"),
                    ("quarterly", "the total of the fiscal quarter"),
                    ("yearly", "the total of the fiscal year"),
                ],
                db_default="",
                default="",
                max_length=9,
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accumulates", ""),
                    models.Q(
                        ("accumulates__in", ["quarterly", "yearly"]),
                        ("value__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="target_accumulates_one_value",
                violation_error_message="A total is one value, not a range.",
            ),
        ),
    ]
