"""The files that Japanese agencies publish, as they come: from path to table or grid, by our names.

=================  ==================================================================================
``sheets``         safe opening: files, folders, archives in archives; nothing is ever unpacked in place
``markup``         XML one feature at a time: no entities, no document types, constant memory
``gml``            positions of GML as geometry; systems of reference and the order of their axes
``fgd``, ``dem``   Fundamental Geospatial Data (基盤地図情報): features; elevation models (``grid``: mosaics)
``vectors``        Shapefiles and GeoJSON, their encoding found out
``citygml``        PLATEAU's buildings (``cityobjects``: carriageways, planning areas, land use, sewers)
``derived_roads``  roads of carriageway areas or outlines: ``centre_lines``, by ``medial`` (triangles) and ``axis_lines``
``ksj``            National Land Numerical Information (国土数値情報); ``ksj_markup``: its JPGIS XML
``census``         small areas, statistics tables and grid squares of e-Stat
``tiles``          GSI's elevation tiles and road centre lines (``building_tiles``: buildings of its vector tiles)
``osm``            OpenStreetMap extracts
``mesh``           grid square codes (地域メッシュ)
``codes``          municipality codes, and the plane rectangular zone of each
``published``      what files hold, told by their content; one way to read each kind of data
``features``       what readers hand back; duplicates at the border of sheets
=================  ==================================================================================
"""
