"""Files gone wrong on the way: bytes flipped, parts cut, doubled or swapped, numbers made absurd."""

from __future__ import annotations

import random
import re

_NUMBER = re.compile(rb"-?\d+\.?\d*")
_ABSURD = (
    b"nan",
    b"inf",
    b"-1",
    b"1e308",
    b"99999999999999999999",
    b"0",
    b"",
    b"x",
    b"-9999",
    b"1 2",
    b"\xff",
    b"0x10",
    b"1_0",
)
_TAG = re.compile(rb"</?[\w:]+")
_NASTY = (
    b"<",
    b"&",
    b"&amp;",
    b"&#0;",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"\0",
    b"\xef\xbf\xbe",
    b"<?x?>",
    b"&x;",
    b"\r",
    b"PK\x03\x04",
)


def mutant(content: bytes, random_: random.Random) -> bytes:
    """The content with one to four things gone wrong."""
    harsh = (_flip, _cut, _drop, _double, _swap, _tag, _insert)
    gentle = (_number, _number, _number, _line, _text)  # what is well-formed still, and means something else
    ways = gentle if random_.random() < 0.6 else harsh + gentle
    for _ in range(random_.randint(1, 4)):
        content = random_.choice(ways)(content, random_)
    return content


def _span(content: bytes, random_: random.Random, most: int = 400) -> tuple[int, int]:
    start = random_.randrange(len(content) + 1)
    return start, min(len(content), start + random_.randint(1, most))


def _flip(content: bytes, random_: random.Random) -> bytes:
    held = bytearray(content)
    for _ in range(random_.randint(1, 8)):
        if held:
            held[random_.randrange(len(held))] ^= 1 << random_.randrange(8)
    return bytes(held)


def _cut(content: bytes, random_: random.Random) -> bytes:
    return content[: random_.randrange(len(content) + 1)]


def _drop(content: bytes, random_: random.Random) -> bytes:
    start, end = _span(content, random_)
    return content[:start] + content[end:]


def _double(content: bytes, random_: random.Random) -> bytes:
    start, end = _span(content, random_)
    return content[:end] + content[start:end] * random_.randint(1, 3) + content[end:]


def _swap(content: bytes, random_: random.Random) -> bytes:
    (a, b), (c, d) = sorted((_span(content, random_), _span(content, random_)))
    return content if c < b else content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _line(content: bytes, random_: random.Random) -> bytes:
    """A whole line dropped or doubled."""
    lines = content.split(b"\n")
    k = random_.randrange(len(lines))
    return b"\n".join(lines[:k] + random_.choice(([], lines[k : k + 1] * 2)) + lines[k + 1 :])


def _one(pattern: re.Pattern[bytes], content: bytes, random_: random.Random, new: bytes) -> bytes:
    start = random_.randrange(len(content) + 1)
    found = pattern.search(content, start)
    return content[: found.start()] + new + content[found.end() :] if found else content


def _number(content: bytes, random_: random.Random) -> bytes:
    return _one(_NUMBER, content, random_, random_.choice(_ABSURD))


def _tag(content: bytes, random_: random.Random) -> bytes:
    return _one(_TAG, content, random_, random_.choice((b"<a", b"</a", b"<gml:posList", b"</gml:posList", b"", b"<Dataset")))


def _insert(content: bytes, random_: random.Random) -> bytes:
    start = random_.randrange(len(content) + 1)
    return content[:start] + random_.choice(_NASTY) + content[start:]


def _text(content: bytes, random_: random.Random) -> bytes:
    """A word of the head changed: names of systems, limits of grids, encodings, field names."""
    words = (
        b"jgd2011",
        b"6697",
        b"UTF-8",
        b"+x-y",
        b"224",
        b"KEY_CODE",
        b'srsDimension="3"',
        b"KEN",
        b"0 0",
        b"type",
        b"gml:id",
    )
    word = random_.choice(words)
    new = random_.choice((b"", b"jgd2024", b"9999", b"CP932", b"-x+y", b"0", b"\x81", b'srsDimension="2"', b"1e9 1e9"))
    return content.replace(word, new, 1)
