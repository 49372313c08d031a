"""Applies a recorded trace to its start image: a plain second reader of the fixture.

    replay.py FIXTURE_DIRECTORY IMAGE [LINES]

LINES stops after that line of writes.iolog, counted from 1.
"""

import gzip
import os
import sys

fixture, image = sys.argv[1:3]
last = int(sys.argv[3]) if len(sys.argv) > 3 else None
with gzip.open(os.path.join(fixture, "start.img.gz")) as file:
    disk = bytearray(file.read())
with gzip.open(os.path.join(fixture, "payload.bin.gz")) as file:
    payload = file.read()
at = 0
with open(os.path.join(fixture, "writes.iolog")) as file:
    for number, line in enumerate(file, 1):
        fields = line.split()
        if len(fields) == 5 and fields[2] == "write":
            offset, length = int(fields[3]), int(fields[4])
            disk[offset : offset + length] = payload[at : at + length]
            at += length
        if number == last:
            break
with open(image, "wb") as file:
    file.write(disk)
