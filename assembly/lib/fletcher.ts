// A checksum of data on their way between two sites: two running 64-bit sums, as ZFS's fletcher_2 (OpenZFS module/zcommon/zfs_fletcher.c)
// has them for each half of its words. Finds flipped bits and words that have changed places; quick, because nothing is looked up.
//
// Four words at a time, in the lanes of two vectors (WebAssembly's SIMD of fixed width): each lane has sums of its own, and they are put
// together at the end. Of n words the one at i counts n - i times in the second sum. With m quadruples the word at 4j + k counts
// 4(m - j) - k times: four times as often as in the second sum of lane k, less k times what that lane's first sum has.

/** Of whole 8-byte words. */
export function fletcher(address: usize, bytes: usize): u64 {
  const end = address + bytes
  let first01 = i64x2.splat(0)
  let first23 = i64x2.splat(0)
  let second01 = i64x2.splat(0)
  let second23 = i64x2.splat(0)
  for (const quadsEnd = address + (bytes & ~31); address < quadsEnd; address += 32) {
    first01 = i64x2.add(first01, v128.load(address))
    first23 = i64x2.add(first23, v128.load(address, 16))
    second01 = i64x2.add(second01, first01)
    second23 = i64x2.add(second23, first23)
  }
  const pairs = i64x2.add(first01, first23)
  const often = i64x2.add(second01, second23)
  const early = i64x2.extract_lane(first01, 1) + ((<u64>i64x2.extract_lane(first23, 0)) << 1)
  let first: u64 = i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1)
  let second: u64 = i64x2.extract_lane(often, 0) + i64x2.extract_lane(often, 1)
  second = (second << 2) - early - i64x2.extract_lane(first23, 1) * 3
  for (; address < end; address += 8) {
    first += load<u64>(address)
    second += first
  }
  return first ^ rotl<u64>(second, 32)
}
