// Where things lie in a CD sector of 2,352 bytes (ECMA-130, 14 and figure 6; Mode 2 with its two forms: CD-ROM XA, as MMC-6 4.2.3.8 gives it).
//
//   Mode 1   | sync 12 | header 4 | user data 2048                 | EDC 4 | zeros 8 | P 172 | Q 104 |
//   Form 1   | sync 12 | header 4 | subheader 8 | user data 2048   | EDC 4           | P 172 | Q 104 |
//   Form 2   | sync 12 | header 4 | subheader 8 | user data 2324                             | EDC 4 |
//   audio    | 588 samples of 4 bytes: nothing to check                                              |
//
// The header is the address (minute, second, frame: 75 frames a second, each in BCD) and the mode.

export const CD_SECTOR_BYTES: u32 = 2352
/** With the raw subchannels P to W behind it. */
export const CD_SUBCHANNEL_SECTOR_BYTES: u32 = 2448
export const SYNC_BYTES: u32 = 12
export const HEADER: u32 = 12
export const HEADER_MODE: u32 = 15
export const SUBHEADER: u32 = 16
/** The subheader comes twice. */
export const SUBHEADER_COPY: u32 = 20
export const SUBMODE: u32 = 18
export const SUBMODE_COPY: u32 = 22
/** Submode bit 5: the sector is of Form 2. */
export const SUBMODE_FORM2: u32 = 0x20

export const MODE1_EDC: u32 = 2064
export const MODE1_ZEROS: u32 = 2068
/** The code of a Mode 2 sector begins behind the header. */
export const MODE2_CHECKED: u32 = 16
export const FORM1_EDC: u32 = 2072
export const FORM2_EDC: u32 = 2348

/** What the product code covers: from the header to the end. */
export const CODE: u32 = 12
export const P_PARITY: u32 = 2076
export const Q_PARITY: u32 = 2248

/** The program area begins at 00:02:00: LBA 0 (MMC-6 table 16). */
export const LEAD_FRAMES: u32 = 150

/** ECMA-130, 14.1: one byte of zeros, ten of ones, one of zeros. */
export function writeSync(sector: usize): void {
  store<u64>(sector, 0xffffffffffffff00)
  store<u32>(sector, 0x00ffffff, 8)
}

export function hasSync(sector: usize): bool {
  return load<u64>(sector) === 0xffffffffffffff00 && load<u32>(sector, 8) === 0x00ffffff
}

/** Minute, second and frame in BCD as the header has them: the minute in the lowest byte. */
export function addressOf(frame: u32): u32 {
  return bcd(frame / 4500) | (bcd((frame / 75) % 60) << 8) | (bcd(frame % 75) << 16)
}

function bcd(value: u32): u32 {
  return ((value / 10) << 4) | (value % 10)
}

/** Whether three bytes can be an address at all. */
export function isAddress(address: u32): bool {
  return isBcd(address & 0xff, 99) && isBcd((address >> 8) & 0xff, 59) && isBcd((address >> 16) & 0xff, 74)
}

function isBcd(value: u32, largest: u32): bool {
  return (value & 0xf) <= 9 && value >> 4 <= 9 && (value >> 4) * 10 + (value & 0xf) <= largest
}

/** The address in a header: three bytes. */
export function addressIn(sector: usize): u32 {
  return load<u32>(sector, HEADER) & 0xffffff
}

export function modeIn(sector: usize): u32 {
  return <u32>load<u8>(sector, HEADER_MODE)
}
