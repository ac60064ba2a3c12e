"""Many municipalities: areas, their folders and manifests, the Dask cluster that works through them, and the roll-up."""
