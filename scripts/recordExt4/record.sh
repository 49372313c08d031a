#!/bin/bash
# Records what the kernel's ext4 writes, with data and flushes, and packs it as the fixture fixtures/images/ext4.
#
#   scripts/recordExt4/record.sh [OUT_DIRECTORY]
#
# Needs root, loop devices, FUSE, and: e2fsprogs mount nbdkit nbdkit-plugin-python libnbd-bin(nbdfuse) python3 tzdata.
# The way of a flush: ext4 -> loop device (direct I/O) -> fsync of the FUSE file -> nbdfuse -> NBD_CMD_FLUSH -> writeRecorder.py.
# A recording is not reproducible byte by byte: it holds times, and the order in which the kernel's threads came.
# Leaves nothing mounted or running, also when it fails.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../../fixtures/images/ext4}")
dir=$(mktemp -d)
loop='' mounted='' fused='' nbdkit=''

finish() {
  status=$?
  if [ -n "$mounted" ]; then umount "$dir/mnt"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  if [ -n "$fused" ]; then umount "$dir/disk"; fi
  if [ -n "$nbdkit" ]; then kill "$nbdkit" && wait "$nbdkit" || true; fi
  rm -rf "$dir"
  exit $status
}
trap finish EXIT

until_true() {
  for _ in $(seq 100); do
    if "$@"; then return; fi
    sleep 0.05
  done
  echo "gave up waiting for: $*" >&2
  return 1
}

mkdir "$dir/tree" "$dir/log" "$dir/mnt"
cp -r /usr/share/common-licenses "$dir/tree/licences"
cp -r /usr/share/zoneinfo/Australia "$dir/tree/zones-before"
tar -C "$dir/tree" -czf "$dir/tree/licences.tar.gz" licences
truncate -s 24M "$dir/disk.img"
# Everything is initialised at once: a kernel thread that zeroes inode tables would be no part of the work.
mke2fs -q -t ext4 -b 4096 -J size=4 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard \
  -L platterlab -d "$dir/tree" "$dir/disk.img"
cp --sparse=always "$dir/disk.img" "$dir/start.img"

nbdkit --foreground -U "$dir/socket" python "$here/writeRecorder.py" image="$dir/disk.img" log="$dir/log" &
nbdkit=$!
until_true test -S "$dir/socket"
touch "$dir/disk"
nbdfuse -C 1 "$dir/disk" "nbd+unix:///?socket=$dir/socket" &
until_true mountpoint -q "$dir/disk"
fused=yes
loop=$(losetup --find --show --direct-io=on "$dir/disk")
if [ "$(cat "/sys/block/${loop#/dev/}/queue/write_cache")" != 'write back' ]; then
  echo "$loop has no write-back cache: flushes would be lost" >&2
  exit 1
fi
mount -t ext4 -o nodiscard "$loop" "$dir/mnt"
mounted=yes
python3 "$here/work.py" "$dir/mnt" "$dir/log/operations.tsv" "$dir/milestones.tsv"
umount "$dir/mnt" && mounted=''
losetup -d "$loop" && loop=''
umount "$dir/disk" && fused=''
kill "$nbdkit" && wait "$nbdkit" || true
nbdkit=''

# The recording is the image: what it makes of the start must be what the work left behind.
python3 "$here/pack.py" "$dir/log" "$dir/start.img" "$dir/milestones.tsv" "$out"
python3 "$here/replay.py" "$out" "$dir/replayed.img"
cmp "$dir/disk.img" "$dir/replayed.img"
e2fsck -fn "$dir/replayed.img"
grep -c ' sync ' "$out/writes.iolog" | sed 's/$/ flushes/'
ls -l "$out"
uname -r
