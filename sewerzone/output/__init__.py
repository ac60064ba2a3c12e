"""Drawing: the web map, the printed map."""
