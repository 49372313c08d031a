// A controller: loads a microcode, gives it hardware, and calls its entry points, one at a time.
//
// The core is one: an entry that falls due while another one runs (in simulated time) waits for it. An entry costs time, and so does every
// import it calls, so that a chatty microcode is a slow one. What the microcode asks for takes effect when its entry returns: commands
// go to the drives, answers to the initiators, all in the order in which it asked. Data of writes are fetched then, too.
//
// Not believed: anything the microcode says. Addresses, slots and bays are checked at each use; a broken rule stops the controller
// (ControllerFault), never the host. Nothing here knows what a mirror is.

import { BAY_ABSENT, BAY_PRESENT } from '../../assembly/abi/descriptor'
import {
  DRIVE_FLUSH,
  DRIVE_GONE,
  DRIVE_IDENTIFY,
  DRIVE_IDENTITY_BYTES,
  DRIVE_OK,
  DRIVE_READ,
  DRIVE_SLOT_BYTES,
  DRIVE_WRITE,
} from '../../assembly/abi/driveSlots'
import {
  HOST_SLOT_BYTES,
  HOST_SLOT_CDB,
  HOST_SLOT_CDB_LENGTH,
  HOST_SLOT_DATA_IN_BYTES,
  HOST_SLOT_DATA_OUT_BYTES,
  HOST_SLOT_LUN,
  HOST_SLOT_SENSE,
  HOST_SLOT_SENSE_BYTES,
  HOST_SLOT_SENSE_LENGTH,
  HOST_SLOT_STATUS,
  HOST_SLOT_TRANSFERRED,
} from '../../assembly/abi/hostSlots'
import type { Drive } from '../hardware/drive'
import { COMMAND_FREE, DriveCommand } from '../hardware/driveCommand'
import type { Nvram } from '../hardware/nvram'
import type { EventQueue } from '../sim/eventQueue'
import type { RandomStream } from '../sim/random'
import { Bus } from './bus'
import { ControllerFault } from './controllerFault'
import { type Descriptor, readDescriptor } from './descriptor'
import { identityOf } from './identity'
import { type FrontPanel, openFrontPanel } from './panel/frontPanel'
import {
  ENTRY_BOOT,
  ENTRY_DESCRIBE,
  ENTRY_DOORBELL,
  ENTRY_HOTPLUG,
  ENTRY_INTERRUPT,
  ENTRY_START,
  ENTRY_TIMER,
  type ProgressCell,
} from './progressCell'

/** Simulated time of an entry, and of each import called in it: a few hundred cycles of an embedded core at 1 GHz. */
const ENTRY_NS = 300
const IMPORT_NS = 60

/** What the rig wants to know. Called between entries, never from within one. */
export interface ControllerHooks {
  /** The microcode has answered the command in a host slot; the answer is on its way at `timeNs`. */
  hostDone(slot: number, timeNs: number): void
  /** A drive command is about to be given to its drive. */
  driveIssued(bay: number, command: DriveCommand): void
  /** A drive command has been answered. */
  driveDone(bay: number, command: DriveCommand): void
  /** The microcode says that something happened. */
  microcodeEvent(code: number, a: number, b: number, c: number): void
  nvramCommitted(offset: number, bytes: number): void
  /** The microcode broke a rule, trapped, or called panic. It is stopped. */
  crashed(reason: string): void
}

export interface ControllerWiring {
  readonly events: EventQueue
  readonly coreEvent: number
  readonly timerEvent: number
  readonly bays: readonly (Drive | null)[]
  readonly nvram: Nvram
  readonly hooks: ControllerHooks
  readonly progress: ProgressCell
}

interface EntryPoints {
  readonly memory: WebAssembly.Memory
  describe(): number
  boot(reason: number): void
  doorbell(slot: number): void
  interrupt(slot: number): void
  timer(id: number): void
  hotplug(bay: number, state: number): void
}

export class Controller {
  readonly #module: WebAssembly.Module
  readonly #wiring: ControllerWiring
  readonly #bus = new Bus()
  #entries: EntryPoints | null = null
  #panel: FrontPanel | null = null
  descriptor!: Descriptor
  /** Views of the microcode's memory; renewed when it grows. */
  bytes = new Uint8Array(0)
  words = new Uint32Array(0)
  #buffer: ArrayBufferLike = this.bytes.buffer
  #commands: DriveCommand[] = []
  /** Host slots: 1 = the microcode owes an answer. */
  #hostBusy = new Uint8Array(0)
  #timerGenerations = new Uint32Array(0)
  /** Entries called so far, over all boots. */
  entryCount = 0

  // What the running entry asked for.
  readonly #issued: number[] = []
  readonly #completed: number[] = []
  #imports = 0

  // The core.
  #busyUntilNs = 0
  #pending: number[] = []
  #pendingHead = 0
  #wakeScheduled = false
  #powerGeneration = 0

  constructor(module: WebAssembly.Module, wiring: ControllerWiring) {
    this.#module = module
    this.#wiring = wiring
  }

  get isRunning(): boolean {
    return this.#entries !== null
  }

  get panel(): FrontPanel | null {
    return this.#panel
  }

  /** Puts a fresh instance into the controller: RAM is zeros, NVRAM as it was left. Throws MicrocodeRefused. */
  load(configure: (words: Uint32Array, panel: FrontPanel | null) => void): void {
    const { events, nvram, progress } = this.#wiring
    progress.enter(ENTRY_START, 0, events.nowNs)
    const instance = new WebAssembly.Instance(this.#module, { hal: this.#hal(), env: { abort: () => this.#panic(0) } })
    progress.leave()
    const entries = instance.exports as unknown as EntryPoints
    progress.enter(ENTRY_DESCRIBE, 0, events.nowNs)
    const address = entries.describe()
    progress.leave()
    this.descriptor = readDescriptor(entries.memory, address)
    this.#entries = entries
    this.#lookAtMemory()
    const { driveSlotCount, hostSlotCount, timerCount, nvramAddress, nvramBytes, configAddress, configWords } =
      this.descriptor
    if (this.#commands.length !== driveSlotCount) {
      this.#commands = Array.from({ length: driveSlotCount }, (_, slot) => new DriveCommand(slot))
    }
    this.#hostBusy = new Uint8Array(hostSlotCount)
    if (this.#timerGenerations.length < timerCount) this.#timerGenerations = new Uint32Array(timerCount)
    this.bytes.set(nvram.durable.subarray(0, Math.min(nvramBytes, nvram.durable.length)), nvramAddress)
    this.#panel = openFrontPanel(this.#module, instance)
    configure(this.words.subarray(configAddress >>> 2, (configAddress >>> 2) + configWords), this.#panel)
    this.#lookAtMemory()
    this.#busyUntilNs = events.nowNs
    this.#bus.reset()
  }

  boot(reason: number): void {
    this.#deliver(ENTRY_BOOT, reason)
  }

  /** A drive is there (spun up), or is gone. */
  hotplug(bay: number, present: boolean): void {
    if (this.#entries) this.#deliver(ENTRY_HOTPLUG, (bay << 1) | (present ? BAY_PRESENT : BAY_ABSENT))
  }

  /** A free host slot at or after `from`, or -1. */
  freeHostSlot(from: number): number {
    for (let slot = from; slot < this.#hostBusy.length; slot++) if (this.#hostBusy[slot] === 0) return slot
    return -1
  }

  /** Where the data of a host slot lie. */
  hostBufferAddress(slot: number): number {
    return this.descriptor.buffersAddress + slot * this.descriptor.bufferStrideBytes
  }

  /** Starts a SCSI command; its data-out are in the slot's buffer. `cdb` is 16 bytes. */
  submit(slot: number, cdb: Uint8Array, cdbLength: number, dataOutBytes: number, dataInBytes: number): void {
    this.#hostBusy[slot] = 1
    const at = this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
    const words = this.words
    const word = at >>> 2
    words[word + HOST_SLOT_LUN / 4] = 0
    this.bytes.set(cdb, at + HOST_SLOT_CDB)
    words[word + HOST_SLOT_CDB_LENGTH / 4] = cdbLength
    words[word + HOST_SLOT_DATA_OUT_BYTES / 4] = dataOutBytes
    words[word + HOST_SLOT_DATA_IN_BYTES / 4] = dataInBytes
    if (dataOutBytes > 0) this.#bus.transfer(this.#wiring.events.nowNs, dataOutBytes)
    this.#deliver(ENTRY_DOORBELL, slot)
  }

  hostStatus(slot: number): number {
    return this.words[(this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES + HOST_SLOT_STATUS) >>> 2]!
  }

  hostTransferred(slot: number): number {
    return this.words[(this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES + HOST_SLOT_TRANSFERRED) >>> 2]!
  }

  /** The sense data of an answer: a view, valid until the next call. */
  hostSense(slot: number): Uint8Array {
    const at = this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
    const length = Math.min(this.words[(at + HOST_SLOT_SENSE_LENGTH) >>> 2]!, HOST_SLOT_SENSE_BYTES)
    return this.bytes.subarray(at + HOST_SLOT_SENSE, at + HOST_SLOT_SENSE + length)
  }

  statusWord(word: number): number {
    return this.#entries ? this.words[(this.descriptor.statusAddress >>> 2) + word]! : 0
  }

  /** The event of `coreEvent`. */
  coreFree(generation: number): void {
    if (generation !== this.#powerGeneration) return
    this.#wakeScheduled = false
    if (this.#pendingHead < this.#pending.length) {
      const code = this.#pending[this.#pendingHead++]!
      const argument = this.#pending[this.#pendingHead++]!
      if (this.#pendingHead === this.#pending.length) {
        this.#pending.length = 0
        this.#pendingHead = 0
      }
      this.#run(code, argument)
    }
    if (this.#pendingHead < this.#pending.length) this.#scheduleWake()
  }

  /** The event of `timerEvent`. */
  timerDue(id: number, generation: number): void {
    if (this.#entries && this.#timerGenerations[id] === generation) this.#deliver(ENTRY_TIMER, id)
  }

  /** The drive in a bay has answered. */
  driveAnswered(bay: number, command: DriveCommand): void {
    this.#wiring.hooks.driveDone(bay, command)
    if (!this.#entries) return
    if (command.status === DRIVE_OK) this.#fetch(bay, command)
    this.#putAnswer(command.slot, command.status, command.badLba)
    this.#deliver(ENTRY_INTERRUPT, command.slot)
  }

  /** The drive in a bay is no more: its commands are answered by the port. */
  driveGone(orphans: readonly DriveCommand[]): void {
    for (const command of orphans) {
      this.#putAnswer(command.slot, DRIVE_GONE, 0)
      this.#deliver(ENTRY_INTERRUPT, command.slot)
    }
  }

  /** Power is gone, or the microcode is stopped: RAM is lost, NVRAM keeps what was committed and perhaps more. */
  powerOff(random: RandomStream): void {
    if (!this.#entries) return
    const { nvramAddress, nvramBytes } = this.descriptor
    this.#wiring.nvram.powerCut(this.bytes.subarray(nvramAddress, nvramAddress + nvramBytes), random)
    this.#entries = null
    this.#panel = null
    this.#powerGeneration++
    this.#wakeScheduled = false
    this.#pending.length = 0
    this.#pendingHead = 0
    this.#hostBusy.fill(0)
    for (let i = 0; i < this.#timerGenerations.length; i++) this.#timerGenerations[i]!++
    this.#issued.length = 0
    this.#completed.length = 0
  }

  /** Resets the drives' ports: what the stopped microcode had asked for is forgotten. */
  abandonCommands(): void {
    for (const command of this.#commands) {
      if (command.state === COMMAND_FREE) continue
      for (const drive of this.#wiring.bays) if (drive?.holds(command)) drive.abort(command)
    }
  }

  /** Runs an entry now, or as soon as the core is free. */
  #deliver(code: number, argument: number): void {
    if (this.#pendingHead === this.#pending.length && this.#wiring.events.nowNs >= this.#busyUntilNs) {
      this.#run(code, argument)
      return
    }
    this.#pending.push(code, argument)
    this.#scheduleWake()
  }

  #scheduleWake(): void {
    if (this.#wakeScheduled) return
    this.#wakeScheduled = true
    const { events, coreEvent } = this.#wiring
    events.push(Math.max(this.#busyUntilNs, events.nowNs), coreEvent, 0, this.#powerGeneration)
  }

  #run(code: number, argument: number): void {
    const entries = this.#entries
    if (!entries) return
    const { events, progress } = this.#wiring
    this.#imports = 0
    this.entryCount++
    progress.enter(code, argument, events.nowNs)
    try {
      if (code === ENTRY_INTERRUPT) entries.interrupt(argument)
      else if (code === ENTRY_DOORBELL) entries.doorbell(argument)
      else if (code === ENTRY_TIMER) entries.timer(argument)
      else if (code === ENTRY_HOTPLUG) entries.hotplug(argument >> 1, argument & 1)
      else entries.boot(argument)
      progress.leave()
      if (entries.memory.buffer !== this.#buffer) this.#lookAtMemory()
      this.#busyUntilNs = events.nowNs + ENTRY_NS + this.#imports * IMPORT_NS
      this.#carryOut()
    } catch (error) {
      progress.leave()
      if (
        !(error instanceof ControllerFault || error instanceof WebAssembly.RuntimeError || error instanceof RangeError)
      ) {
        throw error
      }
      this.#issued.length = 0
      this.#completed.length = 0
      this.#wiring.hooks.crashed(error.message)
    }
  }

  /** The entry has returned: what it asked for happens. */
  #carryOut(): void {
    const issued = this.#issued
    if (issued.length > 0) {
      for (let i = 0; i < issued.length; i++) this.#start(issued[i]!, i)
      issued.length = 0
    }
    const completed = this.#completed
    if (completed.length > 0) {
      for (let i = 0; i < completed.length; i++) this.#wiring.hooks.hostDone(completed[i]!, this.#busyUntilNs)
      completed.length = 0
    }
  }

  /** Gives the command in a drive slot to its drive. */
  #start(slot: number, position: number): void {
    const words = this.words
    const word = (this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES) >>> 2
    const bay = words[word]!
    if (bay >= this.descriptor.bayCount) throw new ControllerFault(`drive slot ${slot} names bay ${bay}`)
    const drive = this.#wiring.bays[bay] ?? null
    const command = this.#commands[slot]!
    command.op = words[word + 1]!
    command.fua = (words[word + 2]! & 1) !== 0
    command.sectors = words[word + 3]!
    command.lba = words[word + 4]! + words[word + 5]! * 0x1_0000_0000
    command.bufferAddress = words[word + 6]!
    if (!drive) {
      this.#putAnswer(slot, DRIVE_GONE, 0)
      this.#deliver(ENTRY_INTERRUPT, slot)
      return
    }
    let busBytes = 64
    if (command.op === DRIVE_READ || command.op === DRIVE_WRITE) {
      busBytes = command.sectors * drive.medium.sectorBytes
      this.#checkBuffer(slot, command.bufferAddress, busBytes)
      if (command.op === DRIVE_WRITE && command.lba + command.sectors <= drive.sectorCount) {
        this.#capture(drive, command, position)
      }
    } else if (command.op === DRIVE_IDENTIFY) {
      this.#checkBuffer(slot, command.bufferAddress, DRIVE_IDENTITY_BYTES)
    } else if (command.op === DRIVE_FLUSH) {
      command.lba = 0
      command.sectors = 0
    }
    command.arrivalNs = this.#bus.transfer(this.#busyUntilNs, busBytes)
    this.#wiring.hooks.driveIssued(bay, command)
    drive.submit(command)
  }

  #checkBuffer(slot: number, address: number, bytes: number): void {
    const { buffersAddress, dmaBytes } = this.descriptor
    if (bytes > 0 && address >= buffersAddress && address + bytes <= buffersAddress + dmaBytes) return
    throw new ControllerFault(`drive slot ${slot} points at ${bytes} bytes from ${address}, outside the DMA area`)
  }

  /** Fetches the data of a write into pages; commands of one entry that write the same bytes to the same place share them. */
  #capture(drive: Drive, command: DriveCommand, position: number): void {
    const { arena, sectorsPerPage, sectorBytes } = drive.medium
    const inPage = command.lba % sectorsPerPage
    const pageCount = Math.ceil((inPage + command.sectors) / sectorsPerPage)
    const twin = this.#twinOf(command, position, inPage, sectorsPerPage)
    command.reservePages(pageCount)
    if (twin) {
      for (let i = 0; i < pageCount; i++) {
        const page = twin.pages[i]!
        arena.retain(page)
        command.pages[i] = page
      }
      return
    }
    let from = command.bufferAddress
    let sector = inPage
    let left = command.sectors
    for (let i = 0; i < pageCount; i++) {
      const page = arena.allocate()
      command.pages[i] = page
      const count = Math.min(sectorsPerPage - sector, left)
      const to = arena.offsetOf(page) + sector * sectorBytes
      arena.slabOf(page).set(this.bytes.subarray(from, from + count * sectorBytes), to)
      from += count * sectorBytes
      left -= count
      sector = 0
    }
  }

  /** An earlier command of this entry with the same data at the same place on the page grid. */
  #twinOf(command: DriveCommand, position: number, inPage: number, perPage: number): DriveCommand | null {
    for (let i = position - 1; i >= 0; i--) {
      const other = this.#commands[this.#issued[i]!]!
      if (
        other.op === DRIVE_WRITE &&
        other.bufferAddress === command.bufferAddress &&
        other.sectors === command.sectors &&
        other.pageCount > 0 &&
        other.lba % perPage === inPage
      ) {
        return other
      }
    }
    return null
  }

  /** Puts what a drive delivers into the microcode's memory. */
  #fetch(bay: number, command: DriveCommand): void {
    const drive = this.#wiring.bays[bay]!
    if (command.op === DRIVE_READ) drive.transfer(command, this.bytes)
    else if (command.op === DRIVE_IDENTIFY) this.bytes.set(identityOf(drive), command.bufferAddress)
  }

  #putAnswer(slot: number, status: number, badLba: number): void {
    const word = (this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES) >>> 2
    this.words[word + 7] = status
    this.words[word + 8] = badLba >>> 0
    this.words[word + 9] = Math.floor(badLba / 0x1_0000_0000)
  }

  #lookAtMemory(): void {
    this.#buffer = this.#entries!.memory.buffer
    this.bytes = new Uint8Array(this.#buffer)
    this.words = new Uint32Array(this.#buffer)
  }

  #panic(code: number): never {
    throw new ControllerFault(`panic(${code})`)
  }

  /** The imports. They note what is asked for; nothing happens before the entry returns. */
  #hal(): Record<string, (...args: number[]) => number | undefined | void> {
    const { events, timerEvent, nvram, hooks } = this.#wiring
    return {
      issue: (slot) => {
        this.#imports++
        if (slot! >>> 0 >= this.descriptor.driveSlotCount)
          throw new ControllerFault(`issue(${slot! >>> 0}): no such slot`)
        if (this.#commands[slot!]!.state !== COMMAND_FREE || this.#issued.includes(slot!)) {
          throw new ControllerFault(`issue(${slot}): the slot is in use`)
        }
        this.#issued.push(slot!)
      },
      abort: (slot) => this.#abort(slot!),
      complete: (slot) => {
        this.#imports++
        if (this.#hostBusy[slot!] !== 1) throw new ControllerFault(`complete(${slot}): nothing is owed there`)
        this.#hostBusy[slot!] = 0
        this.#completed.push(slot!)
      },
      setTimer: (id, delayNs) => {
        this.#imports++
        if (!(id! >>> 0 < this.descriptor.timerCount)) throw new ControllerFault(`setTimer(${id}): no such timer`)
        if (!(delayNs! >= 0 && delayNs! < 1e18)) throw new ControllerFault(`setTimer(${id}, ${delayNs}): no such delay`)
        const generation = ++this.#timerGenerations[id!]!
        events.push(events.nowNs + Math.round(delayNs!), timerEvent, id!, generation)
      },
      cancelTimer: (id) => {
        this.#imports++
        if (id! >>> 0 < this.descriptor.timerCount) this.#timerGenerations[id!]!++
      },
      sendFrame: () => {
        throw new ControllerFault('sendFrame(): there is no link')
      },
      commitNvram: (offset, bytes) => {
        this.#imports++
        const { nvramAddress, nvramBytes } = this.descriptor
        const from = offset! >>> 0
        const length = bytes! >>> 0
        if (from + length > nvramBytes) throw new ControllerFault(`commitNvram(${from}, ${length}): outside the window`)
        nvram.commit(this.bytes.subarray(nvramAddress, nvramAddress + nvramBytes), from, length)
        hooks.nvramCommitted(from, length)
      },
      now: () => events.nowNs,
      trace: (code, a, b, c) => {
        hooks.microcodeEvent(code!, a!, b!, c!)
      },
      panic: (code) => this.#panic(code!),
    }
  }

  #abort(slot: number): void {
    this.#imports++
    const command = this.#commands[slot]
    if (!command) throw new ControllerFault(`abort(${slot}): no such slot`)
    const asked = this.#issued.indexOf(slot)
    if (asked >= 0) this.#issued.splice(asked, 1)
    if (command.state === COMMAND_FREE) return
    for (const drive of this.#wiring.bays) if (drive?.holds(command)) drive.abort(command)
  }
}
