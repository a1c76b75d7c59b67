"""Values that people type in."""

KIND = "manual"
TITLE = "Entered by hand"
HELP = "Somebody types the value of each period in. The page names the period and keeps who did."
IS_TYPED = True
