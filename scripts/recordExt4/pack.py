"""Turns a recording into the fixture: a trace that fio reads, the payloads beside it.

    pack.py LOG_DIRECTORY START_IMAGE MILESTONES OUT_DIRECTORY

Writes start.img.gz, writes.iolog (fio iolog version 3: microseconds, file, action, offset and length in bytes), payload.bin.gz (the
bytes of every write line, one after the other, in the order of the lines) and milestones.tsv with line numbers of the trace.
A flush becomes `sync`; a write with FUA becomes a write and a sync. Trim and zero become writes of zeros: the file system was
mounted without discard, so that all it can have meant by either is zeroing.
"""

import gzip
import os
import sys

log_path, start_path, milestones_path, out_path = sys.argv[1:5]
HEADER = ["fio version 3 iolog", "0 lun add", "0 lun open"]


def compress(data, name):
    with open(os.path.join(out_path, name), "wb") as file:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as packed:
            packed.write(data)


def read_operations():
    with open(os.path.join(log_path, "operations.tsv")) as log:
        for line in log:
            microseconds, operation, offset, length, fua = line.split()
            yield int(microseconds), operation, int(offset), int(length), fua == "fua"


with open(os.path.join(log_path, "payload.bin"), "rb") as file:
    recorded = file.read()
lines = list(HEADER)
payload = []
taken = 0
start = None
# Trace line of the n-th recorded operation, counted from 1; index 0 stands for none.
line_of_operation = [len(HEADER)]
for microseconds, operation, offset, length, fua in read_operations():
    start = microseconds if start is None else start
    time = microseconds - start
    if operation == "flush":
        lines.append("%d lun sync 0 0" % time)
    else:
        lines.append("%d lun write %d %d" % (time, offset, length))
        if operation == "write":
            payload.append(recorded[taken : taken + length])
            taken += length
        else:
            payload.append(bytes(length))
        if fua:
            lines.append("%d lun sync 0 0" % time)
    line_of_operation.append(len(lines))
lines.append("%s lun close" % lines[-1].split()[0])
if taken != len(recorded):
    raise SystemExit("the log names %d bytes of payload, recorded were %d" % (taken, len(recorded)))

os.makedirs(out_path, exist_ok=True)
with open(start_path, "rb") as file:
    compress(file.read(), "start.img.gz")
compress(b"".join(payload), "payload.bin.gz")
with open(os.path.join(out_path, "writes.iolog"), "w") as file:
    file.write("\n".join(lines) + "\n")
with open(milestones_path) as file, open(os.path.join(out_path, "milestones.tsv"), "w") as out:
    for line in file:
        operations, path, length, sha256 = line.rstrip("\n").split("\t")
        out.write("%d\t%s\t%s\t%s\n" % (line_of_operation[int(operations)], path, length, sha256))
