"""The only place that opens files of a study; agencies' own formats are read by ``formats``."""
