// A raw sector of a CD: the 2352 bytes that a drive gives after descrambling (ECMA-130, 2nd edition, clause 14; mode 2's forms:
// "System Description CD-ROM XA", and ISO/IEC 10149).
//
//   12 sync | 4 header: minute, second, frame (BCD), mode | ...
//   mode 1:         2048 data | 4 EDC | 8 zeros | 172 P parity | 104 Q parity
//   mode 2:         2336 data
//   mode 2 form 1:  8 subheader | 2048 data | 4 EDC | 172 P | 104 Q
//   mode 2 form 2:  8 subheader | 2324 data | 4 EDC, or zeros

export const RAW_BYTES = 2352
export const DATA_BYTES = 2048
/** Of Mode 2 Form 2. */
export const FORM2_BYTES = 2324
/** All of a mode 2 sector behind its header. */
export const MODE2_BYTES = 2336
/** Subchannels P to W: 98 symbols, two of which are sync (ECMA-130, 22.1). */
export const SUBCHANNEL_BYTES = 96

/** ECMA-130, 14.1 */
export const SYNC = Uint8Array.of(0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0)
export const HEADER = 12
export const MODE = 15
export const MODE1_DATA = 16
export const SUBHEADER = 16
export const XA_DATA = 24
export const MODE1_EDC = 2064
export const FORM1_EDC = 2072
export const FORM2_EDC = 2348
/** Bits 3 and 5 of the submode, the third byte of a subheader. */
export const SUBMODE_DATA = 0x08
export const SUBMODE_FORM2 = 0x20

export const FRAMES_A_SECOND = 75
/** ECMA-130 20.2 and IEC 60908: sector 0 is at 00:02:00. */
export const FIRST_FRAME = 2 * FRAMES_A_SECOND
/** 99:59:74 */
export const LAST_FRAME = 100 * 60 * FRAMES_A_SECOND - 1

export function hasSync(sector: Uint8Array, at = 0): boolean {
  return SYNC.every((byte, index) => sector[at + index] === byte)
}

/** `mm:ss:ff` of a count of frames. */
export function msfText(frames: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = Math.floor(frames / FRAMES_A_SECOND)
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}:${two(frames % FRAMES_A_SECOND)}`
}

/** The frames that three BCD bytes say; -1 when they are no address. */
export function framesOfBcd(bytes: Uint8Array, at: number): number {
  const [minute, second, frame] = [fromBcd(bytes[at]!), fromBcd(bytes[at + 1]!), fromBcd(bytes[at + 2]!)]
  if (minute < 0 || second < 0 || second > 59 || frame < 0 || frame >= FRAMES_A_SECOND) return -1
  return (minute * 60 + second) * FRAMES_A_SECOND + frame
}

/** -1: not two decimal digits. */
export function fromBcd(byte: number): number {
  const [high, low] = [byte >> 4, byte & 15]
  return high > 9 || low > 9 ? -1 : high * 10 + low
}

export function toBcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10)
}

/** Minutes, seconds and frames. */
export function bcdOfFrames(frames: number): [number, number, number] {
  const seconds = Math.floor(frames / FRAMES_A_SECOND)
  return [toBcd(Math.floor(seconds / 60)), toBcd(seconds % 60), toBcd(frames % FRAMES_A_SECOND)]
}

/** Sync and header of the sector at `lba`. */
export function putHeader(sector: Uint8Array, lba: number, mode: number): void {
  sector.set(SYNC)
  sector.set(bcdOfFrames(lba + FIRST_FRAME), HEADER)
  sector[MODE] = mode
}
