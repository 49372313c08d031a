"""nbdkit Python plugin: serves a raw image and records every request that changes it, in the order of execution.

Parameters: image=FILE (changed in place), log=DIRECTORY, which receives
  operations.tsv  a line each: microseconds since the first open, operation, offset, length, 'fua' or '-'
  payload.bin     the bytes of every write, one after the other, in the order of the lines
Operations: write, flush, trim, zero.

A line is written, and handed to the kernel, before the request is answered: who sees an fsync return finds its flush in the log.
Requests are served one at a time, so a flush stands after every write that was answered before the flush was sent.
Not promised: the client's own order. Two writes in flight together stand in the order in which they got here.
"""

import os
import threading
import time

import nbdkit

API_VERSION = 2

image_path = None
log_path = None
state = {}


def config(key, value):
    global image_path, log_path
    if key == "image":
        image_path = os.path.abspath(value)
    elif key == "log":
        log_path = os.path.abspath(value)
    else:
        raise RuntimeError("unknown parameter: " + key)


def config_complete():
    if image_path is None or log_path is None:
        raise RuntimeError("image=FILE and log=DIRECTORY are required")


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    # The interpreter's own `open` is hidden by this callback's name; os.open is not.
    if not state:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        state["image"] = os.open(image_path, os.O_RDWR)
        state["log"] = os.open(os.path.join(log_path, "operations.tsv"), flags, 0o644)
        state["payload"] = os.open(os.path.join(log_path, "payload.bin"), flags, 0o644)
        state["start_ns"] = time.monotonic_ns()
    return 1


def get_size(handle):
    return os.fstat(state["image"]).st_size


def block_size(handle):
    return (512, 4096, 1 << 20)


def can_write(handle):
    return True


def can_flush(handle):
    return True


def can_trim(handle):
    return True


def can_zero(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_NATIVE


def can_multi_conn(handle):
    return False


def record(operation, offset, length, flags):
    microseconds = (time.monotonic_ns() - state["start_ns"]) // 1000
    fua = "fua" if flags & nbdkit.FLAG_FUA else "-"
    line = "%d\t%s\t%d\t%d\t%s\n" % (microseconds, operation, offset, length, fua)
    os.write(state["log"], line.encode())


def pread(handle, buffer, offset, flags):
    buffer[:] = os.pread(state["image"], len(buffer), offset)


def pwrite(handle, buffer, offset, flags):
    data = bytes(buffer)
    os.write(state["payload"], data)
    os.pwrite(state["image"], data, offset)
    record("write", offset, len(data), flags)


def flush(handle, flags):
    record("flush", 0, 0, 0)


def trim(handle, count, offset, flags):
    os.pwrite(state["image"], bytes(count), offset)
    record("trim", offset, count, flags)


def zero(handle, count, offset, flags):
    os.pwrite(state["image"], bytes(count), offset)
    record("zero", offset, count, flags)
