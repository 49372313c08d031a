// A checksum of data on their way between two sites: two running 64-bit sums, as ZFS's fletcher_2 (OpenZFS module/zcommon/zfs_fletcher.c)
// has them for each half of its words. Finds flipped bits and words that have changed places; quick, because nothing is looked up.

/** Of whole 8-byte words. */
export function fletcher(address: usize, bytes: usize): u64 {
  let first: u64 = 0
  let second: u64 = 0
  for (const end = address + bytes; address < end; address += 8) {
    first += load<u64>(address)
    second += first
  }
  return first ^ rotl<u64>(second, 32)
}
