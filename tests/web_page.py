"""What a web map says, read from its page."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any


def data_of(page: str) -> tuple[dict[str, Any], bytes]:
    """The data in a page as the browser unpacks them: plain data, and the bytes of its arrays."""
    found = re.search(r'<script type="text/plain" id="data">([^<]*)</script>', page)
    assert found is not None
    whole = zlib.decompress(base64.b64decode(found.group(1)))
    size = int.from_bytes(whole[:4], "little")
    return json.loads(whole[4 : 4 + size]), whole[4 + size :]
