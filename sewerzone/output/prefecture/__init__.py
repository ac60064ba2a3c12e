"""A whole prefecture for people: web map, printed map and workbook, from the tables of its municipalities alone."""
