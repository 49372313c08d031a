// Data that are longer than the line takes in one frame go in several: the first one has the header, and as much as it may carry; parts
// with the rest follow right behind it. The other end puts them together in the buffer of the first one, where they would have been.
//
// Frames of a session are numbered, so a part that is lost, late or twice there has been noticed before it comes here.

import { CONFIG_FRAME_BYTES_MAX } from '../abi/config'
import { BUFFER_BYTES, config, frameSlot, remoteBuffer } from './memory'
import { FRAME_PART, headerOf } from './remoteFrames'

/** No frame; and of `gather`: parts are missing still. */
export const NO_FRAME: u32 = u32.MAX_VALUE
/** The parts do not make a whole: nothing more can be understood. */
export const MISFIT: u32 = u32.MAX_VALUE - 1

/** The frame whose parts are coming. */
export let begun: u32 = NO_FRAME
let gathered: u32 = 0

/** Bytes of data that a frame may carry. */
export function frameBytesMax(): u32 {
  const configured = config(CONFIG_FRAME_BYTES_MAX)
  return configured != 0 ? configured : u32.MAX_VALUE
}

/** The frame that is complete now that this one has come; NO_FRAME or MISFIT. */
export function gather(frame: u32): u32 {
  const isPart = headerOf(frame).type == FRAME_PART
  if (isPart != (begun != NO_FRAME)) return MISFIT
  if (isPart && !append(frame)) return MISFIT
  if (!isPart) {
    begun = frame
    gathered = frameSlot(frame).dataBytes
  }
  if (gathered < headerOf(begun).size) return NO_FRAME
  const whole = begun
  frameSlot(whole).dataBytes = gathered
  begun = NO_FRAME
  return whole
}

function append(frame: u32): bool {
  const part = frameSlot(frame)
  const size = <u32>headerOf(begun).size
  if (size > BUFFER_BYTES || part.dataBytes > size - gathered) return false
  memory.copy(remoteBuffer(begun) + gathered, part.dataAddress, part.dataBytes)
  gathered += part.dataBytes
  return true
}

/** The session is over: no part comes any more. The frame that waits for one, or NO_FRAME. */
export function gatherNoMore(): u32 {
  const frame = begun
  begun = NO_FRAME
  return frame
}
