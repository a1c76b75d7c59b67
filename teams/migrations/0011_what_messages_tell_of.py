from django.db import migrations, models


class Migration(migrations.Migration):
    """Messages name what they tell of; what was written before tells of nothing that is known."""

    dependencies = [("teams", "0010_chats_and_calendars")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="about",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.CreateModel(
            name="InboxAbout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE,
                        related_name="about",
                        to="teams.inboxitem",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="inboxabout",
            constraint=models.UniqueConstraint(
                fields=("item", "kind", "object_id"), name="inbox_about_once"
            ),
        ),
    ]
