// A controller: loads a microcode, gives it hardware, and calls its entry points, one at a time.
//
// The core is one: an entry that falls due while another one runs (in simulated time) waits for it. An entry costs time, and so does every
// import it calls, so that a chatty microcode is a slow one. What the microcode asks for takes effect when its entry returns: commands
// go to the drives, answers to the initiators, all in the order in which it asked. Data of writes are fetched then, too.
//
// Not believed: anything the microcode says. Addresses, slots and bays are checked at each use; a broken rule stops the controller
// (ControllerFault), never the host. Nothing here knows what a mirror is.

import { BAY_ABSENT, BAY_PRESENT } from '../../assembly/abi/descriptor'
import { DRIVE_GONE, DRIVE_OK, DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'
import { COMMAND_FREE, DriveCommand } from '../hardware/driveCommand'
import type { Frame } from '../hardware/link'
import { checkNvram, fittedNvram } from './areas'
import { ControllerFault, isMicrocodeFault } from './controllerFault'
import type { Descriptor } from './descriptor'
import { DrivePort } from './drivePort'
import { putAnswer } from './driveSlotAccess'
import { EntryQueue } from './entryQueue'
import { HostBus } from './hostBus'
import { dataOutOf, putCommand, senseOf, statusOf, transferredOf } from './hostSlotAccess'
import type { FrontPanel } from './panel/frontPanel'
import { openWatchedPanel } from './panel/watchedPanel'
import {
  ENTRY_BOOT,
  ENTRY_DOORBELL,
  ENTRY_HOTPLUG,
  ENTRY_INTERRUPT,
  ENTRY_OPERATOR,
  ENTRY_RECEIVE,
  ENTRY_TIMER,
} from './progressCell'
import { Requests } from './requests'
import { type Hal, type Socket, touchAreas } from './socket'
import type { ControllerWiring, EntryPoints } from './wiring'

/** Simulated time of an entry, and of each import called in it: a few hundred cycles of an embedded core at 1 GHz. */
const [ENTRY_NS, IMPORT_NS] = [300, 60]

export class Controller {
  readonly #wiring: ControllerWiring
  readonly #drives: DrivePort
  #entries: EntryPoints | null = null
  #socket: Socket | null = null
  /** Undefined: nobody has looked yet. */
  #panel: FrontPanel | null | undefined
  descriptor!: Descriptor
  /** Views of the microcode's memory; renewed when it grows. */
  bytes = new Uint8Array(0)
  words = new Uint32Array(0)
  #commands: DriveCommand[] = []
  readonly #requests: Requests
  readonly #hal: Hal
  /** Over all boots. */
  entryCount = 0
  /** Called before a range of NVRAM becomes durable. May throw: then power fails right there. */
  beforeCommit: (() => void) | null = null
  #status: Uint32Array | null = null
  #busyUntilNs = 0
  /** Entries that wait for the core: while there are any, what the microcode claims is about to change. */
  readonly waiting = new EntryQueue()
  readonly #hostBus: HostBus
  #wakeScheduled = false
  #powerGeneration = 0

  constructor(wiring: ControllerWiring) {
    this.#wiring = wiring
    const bytes = (): Uint8Array => this.bytes
    this.#requests = new Requests(wiring, bytes, {
      takeBack: (command) => this.#takeBack(command),
      beforeCommit: () => this.beforeCommit?.(),
    })
    this.#hal = this.#requests.imports()
    this.#hostBus = new HostBus(wiring.placement)
    this.#drives = new DrivePort(wiring, this, this.#hostBus.outward)
    this.#requests.port.crosses(this.#hostBus.outward)
  }

  get isRunning(): boolean {
    return this.#entries !== null
  }
  /** Opened when somebody looks at it. */
  get panel(): FrontPanel | null {
    if (!this.#entries) return null
    if (this.#panel === undefined) {
      const { events, progress } = this.#wiring
      this.#panel = openWatchedPanel(
        this.#socket!,
        progress,
        () => events.nowNs,
        () => this.#renewViews(),
      )
    }
    return this.#panel
  }

  /** Puts a fresh instance into the controller: RAM is zeros, NVRAM as it was left. Throws MicrocodeRefused. */
  load(configure: (words: Uint32Array, panel: () => FrontPanel | null) => void): void {
    const { events, nvram, progress, sockets } = this.#wiring
    this.#socket?.release()
    this.#panel = undefined
    const socket = sockets.open(this.#hal, progress, events.nowNs)
    this.#socket = socket
    const { configAddress, configWords, driveSlotCount, nvramAddress } = socket.descriptor
    this.#entries = socket.entries
    this.#lookAtMemory()
    // Also when what follows is refused.
    socket.touched(configAddress, configWords * 4)
    configure(this.words.subarray(configAddress >>> 2, (configAddress >>> 2) + configWords), () => this.panel)
    const descriptor = fittedNvram(socket.descriptor, this.words)
    checkNvram(descriptor, nvram.durable.length)
    this.descriptor = descriptor
    touchAreas(socket, descriptor)
    if (this.#commands.length !== driveSlotCount) {
      this.#commands = Array.from({ length: driveSlotCount }, (_, slot) => new DriveCommand(slot))
    }
    this.#requests.reset(descriptor, this.#commands)
    this.bytes.set(nvram.durable.subarray(0, descriptor.nvramBytes), nvramAddress)
    this.#busyUntilNs = events.nowNs
    this.#drives.reset()
    this.#hostBus.reset()
  }

  boot(reason: number): void {
    this.#deliver(ENTRY_BOOT, reason)
  }

  hotplug(bay: number, present: boolean): void {
    if (this.#entries) this.#deliver(ENTRY_HOTPLUG, (bay << 1) | (present ? BAY_PRESENT : BAY_ABSENT))
  }

  /** A request of an operator (assembly/abi/operator.ts); false: nothing runs, or it takes none. */
  operate(request: number, bay: number): boolean {
    if (!this.#entries?.operator) return false
    this.#deliver(ENTRY_OPERATOR, (bay << 8) | request)
    return true
  }

  /** Whether a microcode runs that takes requests of an operator. */
  get takesRequests(): boolean {
    return this.#entries?.operator !== undefined
  }

  /** A free host slot at or after `from`, or -1. */
  freeHostSlot(from: number): number {
    return this.#requests.hostBusy.indexOf(0, from)
  }

  /** Where the data of a host slot lie. */
  hostBufferAddress(slot: number): number {
    return this.descriptor.buffersAddress + slot * this.descriptor.bufferStrideBytes
  }

  /** Starts a SCSI command; its data-out are in the slot's buffer. `cdb` is 16 bytes. */
  submit(slot: number, cdb: Uint8Array, cdbLength: number, dataOutBytes: number, dataInBytes: number, lun = 0): void {
    this.#requests.hostBusy[slot] = 1
    putCommand(this.words, this.bytes, this.#hostSlotAt(slot), lun, cdb, cdbLength, dataOutBytes, dataInBytes)
    if (dataOutBytes > 0) this.#socket!.touched(this.hostBufferAddress(slot), dataOutBytes)
    const { events, coreEvent } = this.#wiring
    const thereNs = this.#hostBus.crossed(events.nowNs, dataOutBytes)
    if (thereNs > events.nowNs) events.push(thereNs, coreEvent, slot + 1, this.#powerGeneration)
    else this.#ring(slot, dataOutBytes)
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

  /** All status words of a running microcode: a view, kept until its memory moves. */
  get status(): Uint32Array {
    if (this.#status === null || this.#status.buffer !== this.words.buffer) {
      const at = this.descriptor.statusAddress >>> 2
      this.#status = this.words.subarray(at, at + this.descriptor.statusWords)
    }
    return this.#status
  }

  statusWord(word: number): number {
    return this.#entries ? this.words[(this.descriptor.statusAddress >>> 2) + word]! : 0
  }

  /** The event of `coreEvent`: the core is free (0), or the data of the command in host slot `what - 1` have crossed the host's bus. */
  coreDue(what: number, generation: number): void {
    if (generation !== this.#powerGeneration) return
    if (what === 0) this.#coreFree()
    else this.#ring(what - 1, dataOutOf(this.words, this.#hostSlotAt(what - 1)))
  }

  /** A command is there, with its data. */
  #ring(slot: number, dataOutBytes: number): void {
    if (dataOutBytes > 0 && this.#hostBus.isElsewhere) {
      this.#drives.bus.transfer(this.#wiring.events.nowNs, dataOutBytes)
    }
    this.#deliver(ENTRY_DOORBELL, slot)
  }

  #coreFree(): void {
    this.#wakeScheduled = false
    if (this.waiting.take()) this.#run(this.waiting.code, this.waiting.argument)
    if (!this.waiting.isEmpty) this.#scheduleWake()
  }

  timerDue(id: number, generation: number): void {
    if (this.#entries && this.#requests.isTimerDue(id, generation)) this.#deliver(ENTRY_TIMER, id)
  }

  /** The drive in a bay has answered. */
  driveAnswered(bay: number, command: DriveCommand): void {
    this.#wiring.hooks.driveDone(bay, command)
    if (!this.#entries) return
    if (command.status === DRIVE_OK) this.#drives.fetch(bay, command)
    putAnswer(this.words, this.#driveSlotAt(command.slot), command.status, command.badLba)
    this.#deliver(ENTRY_INTERRUPT, command.slot)
  }

  /** The drive in a bay is no more: its commands are answered by the port. */
  driveGone(orphans: readonly DriveCommand[]): void {
    for (const { slot } of orphans) this.#answerGone(slot)
  }

  #answerGone(slot: number): void {
    putAnswer(this.words, this.#driveSlotAt(slot), DRIVE_GONE, 0)
    this.#deliver(ENTRY_INTERRUPT, slot)
  }

  /** NVRAM as the microcode sees it: what it stored and did not commit is in here too. A view; empty while none runs. */
  get nvramWindow(): Uint8Array {
    if (!this.#entries) return this.bytes.subarray(0, 0)
    const { nvramAddress, nvramBytes } = this.descriptor
    return this.bytes.subarray(nvramAddress, nvramAddress + nvramBytes)
  }

  /** Power is gone, or the microcode is stopped: RAM is lost, NVRAM keeps what was committed and perhaps more. */
  powerOff(keepsWord: (word: number) => boolean): void {
    if (!this.#entries) return
    this.#wiring.nvram.powerCut(this.nvramWindow, keepsWord)
    this.#entries = null
    this.#panel = undefined
    this.#powerGeneration++
    this.#wakeScheduled = false
    this.waiting.clear()
    this.#requests.forget()
  }

  /** The controller is not used any more: its microcode's instance may serve another one. */
  retire(): void {
    this.powerOff(() => false)
    this.#socket?.release()
    this.#socket = null
  }

  /** Resets the drives' ports: what the stopped microcode had asked for is forgotten. */
  abandonCommands(): void {
    for (const command of this.#commands) this.#takeBack(command)
  }

  /** No interrupt follows: neither from the drive, nor from an answer that waits for the core already. */
  #takeBack(command: DriveCommand): void {
    this.waiting.drop(ENTRY_INTERRUPT, command.slot)
    if (command.state === COMMAND_FREE) return
    for (const drive of this.#wiring.bays) if (drive?.holds(command)) drive.abort(command)
  }

  #hostSlotAt(slot: number): number {
    return this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
  }

  /** Runs an entry now, or as soon as the core is free. */
  #deliver(code: number, argument: number): void {
    if (this.waiting.isEmpty && this.#wiring.events.nowNs >= this.#busyUntilNs) {
      this.#run(code, argument)
      return
    }
    this.waiting.add(code, argument)
    this.#scheduleWake()
  }

  #scheduleWake(): void {
    if (this.#wakeScheduled) return
    this.#wakeScheduled = true
    const { events, coreEvent } = this.#wiring
    events.push(Math.max(this.#busyUntilNs, events.nowNs), coreEvent, 0, this.#powerGeneration)
  }

  /** One entry: the call, and then what it asked for. A fault of the microcode's in either stops it; an error of ours stays ours. */
  #run(code: number, argument: number): void {
    if (!this.#entries) return
    const fault = this.#enter(this.#entries, code, argument) ?? this.#giveToDrives()
    if (fault === null) {
      this.#answerHosts()
      this.#takeFrames()
      return
    }
    this.#requests.issued.clear()
    this.#requests.completed.clear()
    this.#wiring.hooks.crashed(fault)
  }

  /** Calls an entry point; why it did not return in good order, or null. */
  #enter(entries: EntryPoints, code: number, argument: number): string | null {
    const { events, progress } = this.#wiring
    this.#requests.importCount = 0
    this.entryCount++
    progress.enter(code, argument, events.nowNs)
    try {
      if (code === ENTRY_INTERRUPT) entries.interrupt(argument)
      else if (code === ENTRY_DOORBELL) entries.doorbell(argument)
      else if (code === ENTRY_TIMER) entries.timer(argument)
      else if (code === ENTRY_RECEIVE) entries.receive(argument)
      else if (code === ENTRY_HOTPLUG) entries.hotplug(argument >> 1, argument & 1)
      else if (code === ENTRY_OPERATOR) entries.operator?.(argument & 0xff, argument >>> 8)
      else entries.boot(argument)
    } catch (error) {
      if (isMicrocodeFault(error)) return error.message
      throw error
    } finally {
      progress.leave()
    }
    this.#renewViews()
    this.#busyUntilNs = events.nowNs + ENTRY_NS + this.#requests.importCount * IMPORT_NS
    return null
  }

  /** The commands that the entry issued; which rule one of them breaks, or null. */
  #giveToDrives(): string | null {
    const { issued } = this.#requests
    try {
      for (let i = 0; i < issued.count; i++) {
        const slot = issued.at(i)
        if (!this.#drives.start(slot, i, this.#commands, issued, this.#busyUntilNs)) this.#answerGone(slot)
      }
      this.#requests.port.fetchSent(this.bytes, this.words, this.#busyUntilNs)
    } catch (error) {
      if (error instanceof ControllerFault) return error.message
      throw error
    }
    issued.clear()
    return null
  }

  /** A frame of the other site has come. */
  frameArrived(frame: Frame): void {
    this.#requests.port.arrived(frame)
    this.#takeFrames()
  }

  /** As many frames as slots are offered: each becomes an entry. */
  #takeFrames(): void {
    const { port } = this.#requests
    try {
      for (let slot = port.next(this); slot >= 0; slot = port.next(this)) this.#deliver(ENTRY_RECEIVE, slot)
    } catch (error) {
      if (!(error instanceof ControllerFault)) throw error
      this.#wiring.hooks.crashed(error.message)
    }
  }

  #answerHosts(): void {
    const { completed } = this.#requests
    for (let i = 0; i < completed.count; i++) {
      const slot = completed.at(i)
      this.#wiring.hooks.hostDone(slot, this.#hostBus.crossed(this.#busyUntilNs, this.hostTransferred(slot)))
    }
    completed.clear()
  }

  /** The hardware writes to the microcode's memory. */
  touched(address: number, bytes: number): void {
    this.#socket!.touched(address, bytes)
  }

  #driveSlotAt(slot: number): number {
    return this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES
  }

  /** Memory that has grown leaves the old views empty. */
  #renewViews(): void {
    if (this.bytes.byteLength === 0) this.#lookAtMemory()
  }

  #lookAtMemory(): void {
    const { buffer } = this.#entries!.memory
    if (this.bytes.buffer === buffer) return
    this.#status = null
    this.bytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
  }
}
