"""The files that Japanese agencies publish, as they come: from path to table or grid, by our names.

=================  ==================================================================================
``sheets``         safe opening: files, folders, archives in archives; nothing is ever unpacked in place
``markup``         XML one feature at a time: no entities, no document types, constant memory
``gml``            positions of GML as geometry; systems of reference and the order of their axes
``fgd``, ``dem``   Fundamental Geospatial Data (基盤地図情報): features; elevation models
=================  ==================================================================================
"""
