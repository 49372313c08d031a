// A controller whose drives are files: runs a copier microcode on the machine's own clock, as fast as the files allow.
//
// It implements the same contract as the simulated controller, without a simulation: a command is carried out when its turn comes, and its
// interrupt follows. A drive may answer later (a long read, an image that is being compressed): others are served meanwhile. Reads of a drive
// that answers them later are only sent off, and go first. All others go last, so that what was read is written while it is still in the
// processor's cache. An aborted command that is under way goes on to its end, and nothing else is begun before: its memory is in use.
//
// Nothing hangs here, so time stands still: `now` moves only when the microcode waits for a timer and nothing else is left to do.
// Not promised: protection from a microcode that never returns. It is for the copier that ships with the program.

import { DRIVE_GET_LBA_STATUS, LBA_STATUS_DATA_SECTORS, LBA_STATUS_ZERO_SECTORS } from '../../assembly/abi/copier'
import { BAY_PRESENT } from '../../assembly/abi/descriptor'
import {
  DRIVE_FLUSH,
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_IDENTIFY,
  DRIVE_ILLEGAL,
  DRIVE_OK,
  DRIVE_READ,
  DRIVE_SLOT_BAD_LBA_HIGH,
  DRIVE_SLOT_BAD_LBA_LOW,
  DRIVE_SLOT_BAY,
  DRIVE_SLOT_BUFFER,
  DRIVE_SLOT_BYTES,
  DRIVE_SLOT_LBA_HIGH,
  DRIVE_SLOT_LBA_LOW,
  DRIVE_SLOT_OP,
  DRIVE_SLOT_SECTORS,
  DRIVE_SLOT_STATUS,
  DRIVE_TRIM,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../assembly/abi/driveSlots'
import {
  HOST_SLOT_BYTES,
  HOST_SLOT_CDB,
  HOST_SLOT_CDB_LENGTH,
  HOST_SLOT_DATA_IN_BYTES,
  HOST_SLOT_DATA_OUT_BYTES,
  HOST_SLOT_LUN,
  HOST_SLOT_SENSE,
  HOST_SLOT_SENSE_LENGTH,
  HOST_SLOT_STATUS,
  HOST_SLOT_TRANSFERRED,
} from '../../assembly/abi/hostSlots'
import { type Descriptor, readDescriptor } from '../controller/descriptor'
import { HAL } from '../controller/moduleCheck'
import type { BayDrive, DriveAnswer } from './bayDrive'
import type { CommandAnswer, CopyPort } from './copyJob'

/** A command that is answered later. */
interface Later {
  readonly slot: number
  status: number
}

interface MicrocodeExports {
  readonly memory: WebAssembly.Memory
  describe(): number
  boot(reason: number): void
  doorbell(hostSlot: number): void
  interrupt(driveSlot: number): void
  timer(id: number): void
  hotplug(bay: number, state: number): void
}

export class FileController implements CopyPort {
  /** Called after each commit with the window's content, which is a live view. */
  onCommit: (nvram: Uint8Array) => void = () => {}
  readonly descriptor: Descriptor
  readonly #microcode: MicrocodeExports
  readonly #bays: readonly BayDrive[]
  #memory: Uint8Array
  #words: DataView
  /** Drive slots that wait: reads, and everything else. */
  readonly #reads: number[] = []
  readonly #others: number[] = []
  readonly #timersNs: (number | null)[]
  /** Commands that are answered later, and those of them whose answer has come. An aborted one is in neither. */
  readonly #underWay = new Set<Later>()
  readonly #answered: Later[] = []
  /** Aborted commands that have not come to their end. */
  #abortedUnderWay = 0
  /** Drives that answered their last read later. */
  readonly #readingAside = new Set<BayDrive>()
  #wake: () => void = () => {}
  readonly #waiting = new Map<number, (answer: CommandAnswer) => void>()
  #nowNs = 0
  readonly #clockNs: () => number

  /** `clockNs`: the time that the microcode sees goes on with it; without it, only where nothing but a timer is waited for. */
  constructor(module: WebAssembly.Module, bays: readonly BayDrive[], clockNs: () => number = () => 0) {
    this.#clockNs = clockNs
    const instance = new WebAssembly.Instance(module, { [HAL]: this.#hal() })
    this.#microcode = instance.exports as unknown as MicrocodeExports
    this.descriptor = readDescriptor(this.#microcode.memory, this.#microcode.describe())
    this.#bays = bays
    this.#timersNs = new Array<number | null>(this.descriptor.timerCount).fill(null)
    this.#memory = new Uint8Array(this.#microcode.memory.buffer)
    this.#words = new DataView(this.#microcode.memory.buffer)
  }

  /** Powers on with what the NVRAM held before. */
  boot(reason: number, nvram: Uint8Array | null): void {
    if (nvram) this.#view().set(nvram.subarray(0, this.descriptor.nvramBytes), this.descriptor.nvramAddress)
    this.#microcode.boot(reason)
    for (let bay = 0; bay < this.#bays.length; bay++) this.#microcode.hotplug(bay, BAY_PRESENT)
  }

  get bufferBytes(): number {
    return this.descriptor.bufferBytes
  }

  get sectorBytes(): number {
    return this.#bays[0]!.sectorBytes
  }

  makeDurable(): void {
    for (const drive of this.#bays) drive.isDurable = true
  }

  send(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number, answered: (answer: CommandAnswer) => void): void {
    const { hostSlotCount, bufferBytes } = this.descriptor
    let slot = 0
    while (slot < hostSlotCount && this.#waiting.has(slot)) slot++
    if (slot === hostSlotCount) throw new Error('a host slot must be free')
    const memory = this.#view()
    const at = this.#hostSlotAddress(slot)
    memory.fill(0, at, at + HOST_SLOT_BYTES)
    memory.set(cdb, at + HOST_SLOT_CDB)
    memory.set(dataOut, this.#bufferAddress(slot))
    this.#words.setUint32(at + HOST_SLOT_LUN, 0, true)
    this.#words.setUint32(at + HOST_SLOT_CDB_LENGTH, cdb.length, true)
    this.#words.setUint32(at + HOST_SLOT_DATA_OUT_BYTES, dataOut.length, true)
    this.#words.setUint32(at + HOST_SLOT_DATA_IN_BYTES, Math.min(dataInBytes, bufferBytes), true)
    this.#waiting.set(slot, answered)
    this.#microcode.doorbell(slot)
  }

  run(commands: number): boolean {
    for (let count = 0; count < commands; count++) {
      const later = this.#answered.shift()
      const slot = later ? undefined : this.#nextSlot()
      if (later) this.#answer(later.slot, later.status)
      else if (slot !== undefined) this.#begin(slot)
      else if (this.isWaiting || !this.#passTime()) return false
    }
    return true
  }

  get isWaiting(): boolean {
    return this.#underWay.size + this.#abortedUnderWay > 0
  }

  /** Resolves when a drive has answered that was waited for; in the next turn of the event loop when none is. */
  async rest(): Promise<void> {
    if (this.isWaiting && this.#answered.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    } else await new Promise<void>((resolve) => setImmediate(resolve))
  }

  /** The next command that may begin. */
  #nextSlot(): number | undefined {
    if (this.#abortedUnderWay > 0) return undefined
    const read = this.#reads[0]
    const drive = read === undefined ? undefined : this.#driveOf(read)
    const isAside = drive !== undefined && this.#readingAside.has(drive)
    return isAside || this.#others.length === 0 ? this.#reads.shift() : this.#others.shift()
  }

  status(word: number): number {
    this.#view()
    return this.#words.getUint32(this.descriptor.statusAddress + 4 * word, true)
  }

  #time(): number {
    this.#nowNs = Math.max(this.#nowNs, this.#clockNs())
    return this.#nowNs
  }

  #passTime(): boolean {
    let next = -1
    for (const [id, dueNs] of this.#timersNs.entries()) {
      if (dueNs !== null && (next < 0 || dueNs < this.#timersNs[next]!)) next = id
    }
    if (next < 0) return false
    this.#nowNs = Math.max(this.#nowNs, this.#timersNs[next]!)
    this.#timersNs[next] = null
    this.#microcode.timer(next)
    return true
  }

  #begin(slot: number): void {
    const drive = this.#driveOf(slot)
    const answer = drive ? this.#serve(drive, this.#driveSlotAddress(slot)) : DRIVE_GONE
    if (typeof answer === 'number') {
      this.#answer(slot, answer)
      return
    }
    const later = { slot, status: DRIVE_HARDWARE_ERROR }
    this.#underWay.add(later)
    void answer.then((status) => {
      if (this.#underWay.delete(later)) {
        later.status = status
        this.#answered.push(later)
      } else this.#abortedUnderWay--
      this.#wake()
    })
  }

  #driveOf(slot: number): BayDrive | undefined {
    return this.#bays[this.#words.getUint32(this.#driveSlotAddress(slot) + DRIVE_SLOT_BAY, true)]
  }

  /** Tells the microcode how a command ended. Of one that has failed the drive still knows where: nothing has run in between. */
  #answer(slot: number, status: number): void {
    this.#view()
    const words = this.#words
    const at = this.#driveSlotAddress(slot)
    words.setUint32(at + DRIVE_SLOT_STATUS, status, true)
    const drive = this.#driveOf(slot)
    if (status !== DRIVE_OK && drive) {
      words.setUint32(at + DRIVE_SLOT_BAD_LBA_LOW, drive.badLba % 2 ** 32, true)
      words.setUint32(at + DRIVE_SLOT_BAD_LBA_HIGH, Math.floor(drive.badLba / 2 ** 32), true)
    }
    this.#microcode.interrupt(slot)
  }

  #serve(drive: BayDrive, at: number): DriveAnswer {
    const memory = this.#view()
    const op = this.#words.getUint32(at + DRIVE_SLOT_OP, true)
    const { lba, sectors, buffer } = this.#addressOf(at)
    if (lba + sectors > drive.sectorCount) return DRIVE_ILLEGAL
    switch (op) {
      case DRIVE_READ:
        return this.#read(drive, drive.read(lba, sectors, memory, buffer))
      case DRIVE_WRITE:
        return drive.write(lba, sectors, memory, buffer)
      case DRIVE_TRIM:
        return drive.trim(lba, sectors)
      case DRIVE_WRITE_UNCORRECTABLE:
        return drive.writeUncorrectable(lba, sectors)
      case DRIVE_FLUSH:
        return drive.flush()
      case DRIVE_IDENTIFY:
        drive.identify(memory, buffer)
        return DRIVE_OK
      case DRIVE_GET_LBA_STATUS:
        return this.#tellHoles(drive, lba, buffer)
      default:
        return DRIVE_ILLEGAL
    }
  }

  /** Notes how the drive answers reads. */
  #read(drive: BayDrive, answer: DriveAnswer): DriveAnswer {
    if (typeof answer === 'number') this.#readingAside.delete(drive)
    else this.#readingAside.add(drive)
    return answer
  }

  #addressOf(at: number): { lba: number; sectors: number; buffer: number } {
    const words = this.#words
    return {
      lba: words.getUint32(at + DRIVE_SLOT_LBA_HIGH, true) * 2 ** 32 + words.getUint32(at + DRIVE_SLOT_LBA_LOW, true),
      sectors: words.getUint32(at + DRIVE_SLOT_SECTORS, true),
      buffer: words.getUint32(at + DRIVE_SLOT_BUFFER, true),
    }
  }

  #tellHoles(drive: BayDrive, lba: number, buffer: number): number {
    const stretch = drive.zerosFrom(lba)
    if (!stretch) return DRIVE_ILLEGAL
    this.#words.setBigUint64(buffer + LBA_STATUS_ZERO_SECTORS, BigInt(stretch.zeroSectors), true)
    this.#words.setBigUint64(buffer + LBA_STATUS_DATA_SECTORS, BigInt(stretch.dataSectors), true)
    return DRIVE_OK
  }

  #hal(): WebAssembly.ModuleImports {
    return {
      issue: (slot: number) => this.#issue(slot),
      abort: (slot: number) => this.#forget(slot),
      complete: (slot: number) => this.#complete(slot),
      setTimer: (id: number, delayNs: number) => {
        this.#timersNs[id] = this.#time() + delayNs
      },
      cancelTimer: (id: number) => {
        this.#timersNs[id] = null
      },
      sendFrame: () => {},
      commitNvram: () => {
        const { nvramAddress, nvramBytes } = this.descriptor
        this.onCommit(this.#view().subarray(nvramAddress, nvramAddress + nvramBytes))
      },
      now: () => this.#time(),
      trace: () => {},
      panic: (code: number) => {
        throw new Error(`the microcode stopped: panic ${code}`)
      },
    }
  }

  #issue(slot: number): void {
    const op = this.#words.getUint32(this.#driveSlotAddress(slot) + DRIVE_SLOT_OP, true)
    const queue = op === DRIVE_READ ? this.#reads : this.#others
    queue.push(slot)
  }

  #forget(slot: number): void {
    for (const queue of [this.#reads, this.#others]) {
      const at = queue.indexOf(slot)
      if (at >= 0) queue.splice(at, 1)
    }
    for (const later of this.#underWay) {
      if (later.slot === slot && this.#underWay.delete(later)) this.#abortedUnderWay++
    }
    const at = this.#answered.findIndex((later) => later.slot === slot)
    if (at >= 0) this.#answered.splice(at, 1)
  }

  #complete(slot: number): void {
    const memory = this.#view()
    const words = this.#words
    const at = this.#hostSlotAddress(slot)
    const senseBytes = words.getUint32(at + HOST_SLOT_SENSE_LENGTH, true)
    const data = this.#bufferAddress(slot)
    const answered = this.#waiting.get(slot)
    this.#waiting.delete(slot)
    answered?.({
      status: words.getUint32(at + HOST_SLOT_STATUS, true),
      sense: memory.slice(at + HOST_SLOT_SENSE, at + HOST_SLOT_SENSE + senseBytes),
      dataIn: memory.slice(data, data + words.getUint32(at + HOST_SLOT_TRANSFERRED, true)),
    })
  }

  #hostSlotAddress(slot: number): number {
    return this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
  }

  #driveSlotAddress(slot: number): number {
    return this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES
  }

  #bufferAddress(slot: number): number {
    return this.descriptor.buffersAddress + slot * this.descriptor.bufferStrideBytes
  }

  /** The memory as it is now: growing replaces the buffer under every view. */
  #view(): Uint8Array {
    const { buffer } = this.#microcode.memory
    if (this.#memory.buffer !== buffer) {
      this.#memory = new Uint8Array(buffer)
      this.#words = new DataView(buffer)
    }
    return this.#memory
  }
}
