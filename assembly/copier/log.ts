// The last things that happened, as numbers; the front panel makes words of them.

import { now } from '../hal/hal'

export const LOG_BOOTED: u32 = 1
export const LOG_BEGUN: u32 = 2
export const LOG_RESUMED: u32 = 3
export const LOG_STATE: u32 = 4
export const LOG_LOST: u32 = 5
export const LOG_FLUSH_FAILED: u32 = 6
export const LOG_NVRAM_LOST: u32 = 7
export const LOG_CANNOT_TRIM: u32 = 8
export const LOG_CANNOT_MARK: u32 = 9
export const LOG_PHASE: u32 = 10
export const LOG_DROPPED: u32 = 11

const LINES: u32 = 64
const LINE_BYTES: u32 = 24
const ring: usize = memory.data(1536, 8)
let written: u32 = 0

/** `a` is a sector or a position; `b` a small number. */
export function log(what: u32, a: u64, b: u32): void {
  const at = ring + <usize>((written++ % LINES) * LINE_BYTES)
  store<f64>(at, now())
  store<u64>(at + 8, a)
  store<u32>(at + 16, what)
  store<u32>(at + 20, b)
}

export function firstLine(): u32 {
  return written > LINES ? written - LINES : 0
}

export function lineCount(): u32 {
  return written
}

export function lineAt(line: u32): usize {
  return ring + <usize>((line % LINES) * LINE_BYTES)
}
