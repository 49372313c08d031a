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
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'
import { COMMAND_FREE, DriveCommand } from '../hardware/driveCommand'
import type { RandomStream } from '../sim/random'
import { Bus } from './bus'
import { BufferViews, captureWrite, carriesSameData } from './capture'
import { ControllerFault } from './controllerFault'
import type { Descriptor } from './descriptor'
import { checkBuffer, putAnswer, readCommand } from './driveSlotAccess'
import { EntryQueue } from './entryQueue'
import { putCommand, senseOf, statusOf, transferredOf } from './hostSlotAccess'
import { identityOf } from './identity'
import { type FrontPanel, openFrontPanel } from './panel/frontPanel'
import { ENTRY_BOOT, ENTRY_DOORBELL, ENTRY_HOTPLUG, ENTRY_INTERRUPT, ENTRY_TIMER } from './progressCell'

import { SlotList } from './slotList'
import { startInstance } from './startInstance'
import type { ControllerWiring, EntryPoints } from './wiring'

/** Simulated time of an entry, and of each import called in it: a few hundred cycles of an embedded core at 1 GHz. */
const ENTRY_NS = 300
const IMPORT_NS = 60

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
  #commands: DriveCommand[] = []
  /** Host slots: 1 = the microcode owes an answer. */
  #hostBusy = new Uint8Array(0)
  #timerGenerations = new Uint32Array(0)
  /** Entries called so far, over all boots. */
  entryCount = 0

  #issued = new SlotList(0)
  #completed = new SlotList(0)
  readonly #views = new BufferViews()
  #imports = 0

  #busyUntilNs = 0
  readonly #waiting = new EntryQueue()
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
    const imports = { hal: this.#hal(), env: { abort: () => this.#panic(0) } }
    const { instance, entries, descriptor } = startInstance(this.#module, imports, progress, events.nowNs)
    this.descriptor = descriptor
    this.#entries = entries
    this.#lookAtMemory()
    const { driveSlotCount, hostSlotCount, timerCount, nvramAddress, nvramBytes, configAddress, configWords } =
      this.descriptor
    if (this.#commands.length !== driveSlotCount) {
      this.#commands = Array.from({ length: driveSlotCount }, (_, slot) => new DriveCommand(slot))
    }
    this.#issued = new SlotList(driveSlotCount)
    this.#completed = new SlotList(hostSlotCount)
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
  submit(slot: number, cdb: Uint8Array, cdbLength: number, dataOutBytes: number, dataInBytes: number, lun = 0): void {
    this.#hostBusy[slot] = 1
    putCommand(this.words, this.bytes, this.#hostSlotAt(slot), lun, cdb, cdbLength, dataOutBytes, dataInBytes)
    if (dataOutBytes > 0) this.#bus.transfer(this.#wiring.events.nowNs, dataOutBytes)
    this.#deliver(ENTRY_DOORBELL, slot)
  }

  hostStatus(slot: number): number {
    return statusOf(this.words, this.#hostSlotAt(slot))
  }

  hostTransferred(slot: number): number {
    return transferredOf(this.words, this.#hostSlotAt(slot))
  }

  /** The sense data of an answer: a view, valid until the next call. */
  hostSense(slot: number): Uint8Array {
    return senseOf(this.words, this.bytes, this.#hostSlotAt(slot))
  }

  statusWord(word: number): number {
    return this.#entries ? this.words[(this.descriptor.statusAddress >>> 2) + word]! : 0
  }

  coreFree(generation: number): void {
    if (generation !== this.#powerGeneration) return
    this.#wakeScheduled = false
    if (this.#waiting.take()) this.#run(this.#waiting.code, this.#waiting.argument)
    if (!this.#waiting.isEmpty) this.#scheduleWake()
  }

  timerDue(id: number, generation: number): void {
    if (this.#entries && this.#timerGenerations[id] === generation) this.#deliver(ENTRY_TIMER, id)
  }

  /** The drive in a bay has answered. */
  driveAnswered(bay: number, command: DriveCommand): void {
    this.#wiring.hooks.driveDone(bay, command)
    if (!this.#entries) return
    if (command.status === DRIVE_OK) this.#fetch(bay, command)
    putAnswer(this.words, this.#driveSlotAt(command.slot), command.status, command.badLba)
    this.#deliver(ENTRY_INTERRUPT, command.slot)
  }

  /** The drive in a bay is no more: its commands are answered by the port. */
  driveGone(orphans: readonly DriveCommand[]): void {
    for (const command of orphans) {
      putAnswer(this.words, this.#driveSlotAt(command.slot), DRIVE_GONE, 0)
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
    this.#waiting.clear()
    this.#hostBusy.fill(0)
    for (let i = 0; i < this.#timerGenerations.length; i++) this.#timerGenerations[i]!++
    this.#issued.clear()
    this.#completed.clear()
  }

  /** Resets the drives' ports: what the stopped microcode had asked for is forgotten. */
  abandonCommands(): void {
    for (const command of this.#commands) {
      if (command.state === COMMAND_FREE) continue
      for (const drive of this.#wiring.bays) if (drive?.holds(command)) drive.abort(command)
    }
  }

  #hostSlotAt(slot: number): number {
    return this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
  }

  /** Runs an entry now, or as soon as the core is free. */
  #deliver(code: number, argument: number): void {
    if (this.#waiting.isEmpty && this.#wiring.events.nowNs >= this.#busyUntilNs) {
      this.#run(code, argument)
      return
    }
    this.#waiting.add(code, argument)
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
      // Memory that has grown leaves the old views empty.
      if (this.bytes.byteLength === 0) this.#lookAtMemory()
      this.#busyUntilNs = events.nowNs + ENTRY_NS + this.#imports * IMPORT_NS
      this.#carryOut()
    } catch (error) {
      progress.leave()
      if (
        !(error instanceof ControllerFault || error instanceof WebAssembly.RuntimeError || error instanceof RangeError)
      ) {
        throw error
      }
      this.#issued.clear()
      this.#completed.clear()
      this.#wiring.hooks.crashed(error.message)
    }
  }

  /** The entry has returned: what it asked for happens. */
  #carryOut(): void {
    const issued = this.#issued
    for (let i = 0; i < issued.count; i++) this.#start(issued.at(i), i)
    issued.clear()
    const completed = this.#completed
    for (let i = 0; i < completed.count; i++) this.#wiring.hooks.hostDone(completed.at(i), this.#busyUntilNs)
    completed.clear()
  }

  /** Gives the command in a drive slot to its drive. */
  #start(slot: number, position: number): void {
    const at = this.#driveSlotAt(slot)
    const bay = this.words[at >>> 2]!
    if (bay >= this.descriptor.bayCount) throw new ControllerFault(`drive slot ${slot} names bay ${bay}`)
    const drive = this.#wiring.bays[bay] ?? null
    const command = this.#commands[slot]!
    readCommand(this.words, at, command)
    if (!drive) {
      putAnswer(this.words, this.#driveSlotAt(slot), DRIVE_GONE, 0)
      this.#deliver(ENTRY_INTERRUPT, slot)
      return
    }
    let busBytes = 64
    if (command.op === DRIVE_READ || command.op === DRIVE_WRITE) {
      busBytes = command.sectors * drive.medium.sectorBytes
      checkBuffer(this.descriptor, slot, command.bufferAddress, busBytes)
      if (command.op === DRIVE_WRITE && command.lba + command.sectors <= drive.sectorCount) {
        captureWrite(drive.medium, command, this.#views, this.#twinOf(command, position, drive.medium.sectorsPerPage))
      }
    } else if (command.op === DRIVE_IDENTIFY) {
      checkBuffer(this.descriptor, slot, command.bufferAddress, DRIVE_IDENTITY_BYTES)
    } else if (command.op === DRIVE_FLUSH) {
      command.lba = 0
      command.sectors = 0
    }
    command.arrivalNs = this.#bus.transfer(this.#busyUntilNs, busBytes)
    this.#wiring.hooks.driveIssued(bay, command)
    drive.submit(command)
  }

  /** An earlier command of this entry with the same data at the same place on the page grid. */
  #twinOf(command: DriveCommand, position: number, perPage: number): DriveCommand | null {
    for (let i = position - 1; i >= 0; i--) {
      const other = this.#commands[this.#issued.at(i)]!
      if (carriesSameData(other, command, perPage)) return other
    }
    return null
  }

  /** Puts what a drive delivers into the microcode's memory. */
  #fetch(bay: number, command: DriveCommand): void {
    const drive = this.#wiring.bays[bay]!
    if (command.op === DRIVE_READ) drive.transfer(command, this.bytes)
    else if (command.op === DRIVE_IDENTIFY) this.bytes.set(identityOf(drive), command.bufferAddress)
  }

  #driveSlotAt(slot: number): number {
    return this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES
  }

  #lookAtMemory(): void {
    const { buffer } = this.#entries!.memory
    this.bytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
    this.#views.reset(this.bytes)
  }

  #panic(code: number): never {
    throw new ControllerFault(`panic(${code})`)
  }

  /** The descriptor, once there is a microcode that may use the hardware. */
  #booted(): Descriptor {
    if (!this.#entries) throw new ControllerFault('a call to the hardware before boot')
    return this.descriptor
  }

  /** The imports. They note what is asked for; nothing happens before the entry returns. */
  #hal(): Record<string, (...args: number[]) => unknown> {
    const { events, timerEvent, nvram, hooks } = this.#wiring
    return {
      issue: (slot) => {
        this.#imports++
        if (slot! >>> 0 >= this.#booted().driveSlotCount)
          throw new ControllerFault(`issue(${slot! >>> 0}): no such slot`)
        if (this.#commands[slot!]!.state !== COMMAND_FREE || this.#issued.includes(slot!)) {
          throw new ControllerFault(`issue(${slot}): the slot is in use`)
        }
        this.#issued.add(slot!)
      },
      abort: (slot) => this.#abort(slot!),
      complete: (slot) => {
        this.#imports++
        if (this.#hostBusy[slot!] !== 1) throw new ControllerFault(`complete(${slot}): nothing is owed there`)
        this.#hostBusy[slot!] = 0
        this.#completed.add(slot!)
      },
      setTimer: (id, delayNs) => {
        this.#imports++
        if (!(id! >>> 0 < this.#booted().timerCount)) throw new ControllerFault(`setTimer(${id}): no such timer`)
        if (!(delayNs! >= 0 && delayNs! < 1e18)) throw new ControllerFault(`setTimer(${id}, ${delayNs}): no such delay`)
        const generation = ++this.#timerGenerations[id!]!
        events.push(events.nowNs + Math.round(delayNs!), timerEvent, id!, generation)
      },
      cancelTimer: (id) => {
        this.#imports++
        if (id! >>> 0 < this.#booted().timerCount) this.#timerGenerations[id!]!++
      },
      sendFrame: () => {
        throw new ControllerFault('sendFrame(): there is no link')
      },
      commitNvram: (offset, bytes) => {
        this.#imports++
        const { nvramAddress, nvramBytes } = this.#booted()
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
    this.#issued.remove(slot)
    // Its answer may be waiting for the core already: no interrupt follows an abort.
    this.#waiting.drop(ENTRY_INTERRUPT, slot)
    if (command.state === COMMAND_FREE) return
    for (const drive of this.#wiring.bays) if (drive?.holds(command)) drive.abort(command)
  }
}
