// A controller's end of the link to the other site: what its microcode sends, and the slots that it has offered to receive into
// (assembly/abi/frames.ts).
//
// Frames of one entry go out in the order in which it asked for them. A frame that arrives while no slot is offered waits; the sender is
// held back by the link's window meanwhile. A frame that does not fit into the slot that was offered, or that the line does not take, is a
// broken rule of the microcode.

import { FRAME_DATA_ADDRESS, FRAME_DATA_BYTES, FRAME_HEADER, FRAME_HEADER_BYTES } from '../../assembly/abi/frames'
import type { Frame } from '../hardware/frame'
import type { LinkEnd } from '../hardware/linkEnd'
import type { Bus } from './bus'
import { ControllerFault } from './controllerFault'
import type { Descriptor } from './descriptor'
import { checkBuffer } from './driveSlotAccess'
import { MemoryViews } from './memoryViews'
import type { MicrocodeMemory } from './microcodeMemory'
import { SlotList } from './slotList'

const NO_DATA = new Uint8Array(0)

const frameBytes = (frame: Frame): number => frame.header.length + frame.data.length

export class LinkPort {
  readonly #end: LinkEnd | null
  #descriptor: Descriptor | null = null
  #sent = new SlotList(0)
  /** Slots that were offered, and frames that wait for one: first in, first out. */
  readonly #offered: number[] = []
  readonly #waiting: Frame[] = []
  readonly #headers = new MemoryViews(4)
  readonly #data = new MemoryViews(12)
  #bus: Bus | null = null

  /** Null: there is no link. */
  constructor(end: LinkEnd | null) {
    this.#end = end
  }

  reset(descriptor: Descriptor): void {
    this.forget()
    this.#descriptor = descriptor
    if (this.#sent.capacity !== descriptor.frameCount) this.#sent = new SlotList(descriptor.frameCount)
  }

  /** The microcode is gone, and what waited for it. */
  forget(): void {
    this.#descriptor = null
    this.#offered.length = 0
    for (const frame of this.#waiting.splice(0)) this.#end?.taken(frameBytes(frame))
    this.#sent.clear()
  }

  /** The import of that name. */
  sendFrame(frame: number): void {
    this.#check('sendFrame', frame)
    if (this.#sent.includes(frame)) throw new ControllerFault(`sendFrame(${frame}): it is being sent`)
    if (this.#offered.includes(frame)) throw new ControllerFault(`sendFrame(${frame}): it is offered to receive into`)
    this.#sent.add(frame)
  }

  /** The import of that name. */
  offerFrame(frame: number): void {
    this.#check('offerFrame', frame)
    if (this.#sent.includes(frame)) throw new ControllerFault(`offerFrame(${frame}): it is being sent`)
    if (this.#offered.includes(frame)) throw new ControllerFault(`offerFrame(${frame}): it is offered already`)
    this.#offered.push(frame)
  }

  /** The entry has returned: fetches what it sent. Throws ControllerFault. */
  fetchSent(bytes: Uint8Array, words: Uint32Array, nowNs: number): void {
    const sent = this.#sent
    for (let i = 0; i < sent.count; i++) this.#end!.send(this.#departing(this.#read(sent.at(i), bytes, words), nowNs))
    sent.clear()
  }

  /** Frames cross this bus on their way out; null: none that would take time. */
  crosses(bus: Bus | null): void {
    this.#bus = bus
  }

  #departing(frame: Frame, nowNs: number): Frame {
    return this.#bus === null ? frame : { ...frame, readyNs: this.#bus.transfer(nowNs, frameBytes(frame)) }
  }

  arrived(frame: Frame): void {
    if (this.#descriptor === null) this.#end?.taken(frameBytes(frame))
    else this.#waiting.push(frame)
  }

  /** Puts the oldest frame that waits into the slot that was offered first: its number, or -1. Throws ControllerFault. */
  next(memory: MicrocodeMemory): number {
    if (this.#waiting.length === 0 || this.#offered.length === 0) return -1
    const { bytes, words } = memory
    const frame = this.#waiting.shift()!
    const slot = this.#offered.shift()!
    const descriptor = this.#descriptor!
    const { framesAddress, frameBytes: slotBytes } = descriptor
    const at = framesAddress + slot * slotBytes
    const room = words[(at + FRAME_DATA_BYTES) >>> 2]!
    const address = words[(at + FRAME_DATA_ADDRESS) >>> 2]!
    const { header, data } = frame
    if (header.length > slotBytes - FRAME_HEADER || data.length > room) {
      throw new ControllerFault(`frame slot ${slot} has no room for ${header.length} and ${data.length} bytes`)
    }
    // Without data the address means nothing.
    if (data.length > 0) checkBuffer(descriptor, 'frame', slot, address, data.length)
    memory.touched(at, FRAME_HEADER + header.length)
    bytes.set(header, at + FRAME_HEADER)
    if (data.length > 0) {
      memory.touched(address, data.length)
      bytes.set(data, address)
    }
    words[(at + FRAME_HEADER_BYTES) >>> 2] = header.length
    words[(at + FRAME_DATA_BYTES) >>> 2] = data.length
    this.#end!.taken(frameBytes(frame))
    this.#end!.pool.give(header)
    if (data.length > 0) this.#end!.pool.give(data)
    return slot
  }

  #read(slot: number, bytes: Uint8Array, words: Uint32Array): Frame {
    const descriptor = this.#descriptor!
    const { framesAddress, frameBytes: slotBytes } = descriptor
    const at = framesAddress + slot * slotBytes
    const headerBytes = words[(at + FRAME_HEADER_BYTES) >>> 2]!
    const address = words[(at + FRAME_DATA_ADDRESS) >>> 2]!
    const dataBytes = words[(at + FRAME_DATA_BYTES) >>> 2]!
    if (headerBytes > slotBytes - FRAME_HEADER)
      throw new ControllerFault(`frame slot ${slot}: ${headerBytes} bytes of header`)
    const { frameBytesMax } = this.#end!
    if (dataBytes > frameBytesMax)
      throw new ControllerFault(`frame slot ${slot}: ${dataBytes} bytes of data, on a line that takes ${frameBytesMax}`)
    if (dataBytes > 0) checkBuffer(descriptor, 'frame', slot, address, dataBytes)
    const header = this.#copy(this.#headers.at(bytes, at + FRAME_HEADER, headerBytes))
    return { header, data: dataBytes === 0 ? NO_DATA : this.#copy(this.#data.at(bytes, address, dataBytes)) }
  }

  #copy(bytes: Uint8Array): Uint8Array {
    const copy = this.#end!.pool.take(bytes.length)
    copy.set(bytes)
    return copy
  }

  #check(name: string, frame: number): void {
    if (this.#end === null) throw new ControllerFault(`${name}(): there is no link`)
    if (this.#descriptor === null) throw new ControllerFault('a call to the hardware before boot')
    if (frame >>> 0 >= this.#descriptor.frameCount) throw new ControllerFault(`${name}(${frame >>> 0}): no such frame`)
  }
}
