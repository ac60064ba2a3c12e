"""The steps of the method: tables in, tables out; no stage imports another."""
