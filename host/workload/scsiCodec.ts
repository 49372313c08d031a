// What an initiator writes into a CDB and reads out of sense data. Big-endian, as all of SCSI.

/** READ or WRITE of (10) or (16) bytes, whichever the LBA needs (SBC-4). Sectors: at most 65,535. */
export function fillTransferCdb(
  cdb: Uint8Array,
  lba: number,
  sectors: number,
  short: number,
  long: number,
  fua: boolean,
): void {
  cdb.fill(0)
  cdb[1] = fua ? 0x08 : 0
  if (lba <= 0xffff_ffff) {
    cdb[0] = short
    putBigEndian(cdb, 2, lba)
    cdb[7] = sectors >>> 8
    cdb[8] = sectors
  } else {
    cdb[0] = long
    putBigEndian(cdb, 2, Math.floor(lba / 0x1_0000_0000))
    putBigEndian(cdb, 6, lba >>> 0)
    putBigEndian(cdb, 10, sectors)
  }
}

function putBigEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** What an error names in its INFORMATION field (SPC-5 4.5.2.2, 4.5.3): for a block device an LBA; -1: it names none. */
export function senseInformation(sense: Uint8Array): number {
  const code = (sense[0] ?? 0) & 0x7f
  if (code === 0x70 && sense.length >= 7) return (sense[0]! & 0x80) === 0 ? -1 : bigEndian(sense, 3, 4)
  if (code !== 0x72) return -1
  for (let at = 8; at + 12 <= sense.length; at += 2 + sense[at + 1]!) {
    if (sense[at] === 0x00 && sense[at + 2]! & 0x80) return bigEndian(sense, at + 4, 8)
  }
  return -1
}

function bigEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++) value = value * 256 + bytes[at + i]!
  return value
}

/** Key << 16 | ASC << 8 | ASCQ of fixed or descriptor sense data (SPC-5 4.5); 0 where there is none. */
export function senseWord(sense: Uint8Array): number {
  if (sense.length < 4) return 0
  const code = sense[0]! & 0x7f
  if (code === 0x70 && sense.length >= 14) return ((sense[2]! & 15) << 16) | (sense[12]! << 8) | sense[13]!
  if (code === 0x72) return ((sense[1]! & 15) << 16) | (sense[2]! << 8) | sense[3]!
  return 0
}
