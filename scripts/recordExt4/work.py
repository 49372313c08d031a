"""What is done on the mounted file system: the everyday work of a small server, with real files.

    work.py MOUNTPOINT OPERATIONS MILESTONES

OPERATIONS is the log that grows while this works; MILESTONES is written here, a line for each promise that the file system has
made: how many operations the log had when an fsync or sync returned, a path, a length and the SHA-256 of the file's first bytes of
that length. Whoever has all those operations on stable storage must find the file so after recovery. Files of which
such a promise is given are never removed, renamed or shortened afterwards.
"""

import hashlib
import os
import shutil
import sqlite3
import sys

mount, operations_path, milestones_path = sys.argv[1:4]
LICENCES = "/usr/share/common-licenses"
ZONES = "/usr/share/zoneinfo"


def at(*parts):
    return os.path.join(mount, *parts)


def promise(path):
    with open(operations_path, "rb") as log:
        operations = log.read().count(b"\n")
    with open(at(path), "rb") as file:
        data = file.read()
    with open(milestones_path, "a") as milestones:
        milestones.write("%d\t%s\t%d\t%s\n" % (operations, path, len(data), hashlib.sha256(data).hexdigest()))


def sync_directory(path):
    directory = os.open(at(path), os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(directory)
    os.close(directory)


def copy_library():
    """Plain copying, made durable by one sync at the end."""
    os.mkdir(at("library"))
    for name in sorted(os.listdir(LICENCES)):
        if not os.path.islink(os.path.join(LICENCES, name)):
            shutil.copyfile(os.path.join(LICENCES, name), at("library", name))
    os.sync()
    for name in sorted(os.listdir(at("library"))):
        promise("library/" + name)


def keep_ledger(first, count):
    """An append-only file, fsync after each record: what a mail server or a message queue does."""
    for number in range(first, first + count):
        with open(at("ledger.log"), "ab") as ledger:
            ledger.write(b"%06d %s\n" % (number, hashlib.sha256(b"record %d" % number).hexdigest().encode() * (1 + number % 5)))
            ledger.flush()
            os.fsync(ledger.fileno())
        if number == 0:
            sync_directory("")
        promise("ledger.log")


def replace_settings(rounds):
    """Write a new file, fsync it, rename it over the old one, fsync the directory."""
    for version in range(rounds):
        with open(at("settings.new"), "w") as settings:
            settings.write("version = %d\n" % version + "option = %d\n" % (version * version) * (20 + version))
            settings.flush()
            os.fsync(settings.fileno())
        os.rename(at("settings.new"), at("settings"))
        sync_directory("")


def run_database():
    """A real database with its rollback journal: inserts, updates, deletes, each transaction durable."""
    database = sqlite3.connect(at("orders.db"))
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, cents INTEGER)")
    database.execute("CREATE INDEX by_customer ON orders (customer)")
    for batch in range(16):
        rows = [("customer %d" % (17 * number % 23), 100 * number) for number in range(40 * batch, 40 * batch + 40)]
        database.executemany("INSERT INTO orders (customer, cents) VALUES (?, ?)", rows)
        database.execute("UPDATE orders SET cents = cents + 1 WHERE id % 7 = ?", (batch % 7,))
        database.commit()
    database.execute("DELETE FROM orders WHERE id % 5 = 0")
    database.commit()
    database.close()


def handle_zones():
    """Many small binary files in a tree; then moving, linking, deleting."""
    for region in ("Europe", "Asia"):
        shutil.copytree(os.path.join(ZONES, region), at("zones", region))
    os.sync()
    os.rename(at("zones", "Europe"), at("zones", "Renamed"))
    os.link(at("zones", "Renamed", "Berlin"), at("berlin.hard"))
    os.symlink("zones/Renamed/London", at("london.soft"))
    for name in sorted(os.listdir(at("zones", "Asia")))[::2]:
        os.remove(at("zones", "Asia", name))
    os.setxattr(at("berlin.hard"), "user.origin", b"tzdata")
    os.chmod(at("berlin.hard"), 0o600)
    sync_directory("zones")


def overwrite_in_place():
    """Pages of an existing file rewritten with fdatasync; a preallocated file filled from the middle; a hole; a truncation."""
    size = os.path.getsize(at("library", "GPL-3"))
    shutil.copyfile(at("library", "GPL-3"), at("scratch"))
    scratch = os.open(at("scratch"), os.O_RDWR)
    os.fsync(scratch)
    for page in (5, 1, 7, 3):
        os.pwrite(scratch, (b"page %d rewritten\n" % page * 300)[:4096], 4096 * page)
        os.fdatasync(scratch)
    os.ftruncate(scratch, size // 2)
    os.fsync(scratch)
    os.close(scratch)
    reserved = os.open(at("reserved"), os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(reserved, 0, 64 * 1024)
    os.pwrite(reserved, b"in the middle" * 100, 30000)
    os.fsync(reserved)
    os.pwrite(reserved, b"after a hole", 300000)
    os.fsync(reserved)
    os.close(reserved)


def clear_up():
    """Deletes what is large, while it is open, and what was copied."""
    with open(at("library.bundle"), "wb") as bundle:
        for name in sorted(os.listdir(at("library"))):
            with open(at("library", name), "rb") as part:
                shutil.copyfileobj(part, bundle)
        bundle.flush()
        os.fsync(bundle.fileno())
        os.remove(at("library.bundle"))
        sync_directory("")
    shutil.rmtree(at("zones", "Asia"))
    os.remove(at("scratch"))
    os.sync()


copy_library()
keep_ledger(0, 40)
replace_settings(12)
run_database()
handle_zones()
keep_ledger(40, 40)
overwrite_in_place()
clear_up()
keep_ledger(80, 20)
os.sync()
promise("ledger.log")
