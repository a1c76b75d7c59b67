"""Values that arrive in a CSV file somebody uploads."""

KIND = "csv_upload"
TITLE = "CSV upload"
HELP = "Somebody uploads an export. Every file is shown as a dry run before anything is saved."
IS_TYPED = False
