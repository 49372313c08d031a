// A worker with jobs that misbehave, for the watchdog's tests. Bundled by them (bundleWorker.ts) as the real one is by the build.
import { HOST_SLOT_BYTES, HOST_SLOT_CDB } from '../../assembly/abi/hostSlots'
import { OP_WRITE_10 } from '../../assembly/abi/scsi'
import type { JobContext } from '../../host/cli/jobs'
import { serveJobs } from '../../host/cli/serveJobs'
import { readDescriptor } from '../../host/controller/descriptor'
import { compileModule, HAL_FUNCTIONS } from '../../host/controller/moduleCheck'
import { ENTRY_DOORBELL } from '../../host/controller/progressCell'

interface CallInput {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly calls: number
}

export const testJobs = {
  /** Rings the doorbell of a module, calls times. */
  ring({ bytes, calls }: CallInput, { progress }: JobContext): number {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    let sum = 0
    for (let slot = 0; slot < calls; slot++) {
      progress.enter(ENTRY_DOORBELL, slot, slot * 1_000_000)
      sum += (exports.doorbell as (slot: number) => number)(slot)
      progress.leave()
    }
    return sum
  },
  /** Sends WRITE(10) through host slot 2 of a module that describes itself. */
  writeThroughFixture({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }, { progress }: JobContext): void {
    const hal = Object.fromEntries(HAL_FUNCTIONS.map((name) => [name, () => 0]))
    const { exports } = new WebAssembly.Instance(compileModule(bytes), { hal })
    const memory = exports.memory as WebAssembly.Memory
    const { hostSlotsAddress } = readDescriptor(memory, (exports.describe as () => number)())
    new Uint8Array(memory.buffer)[hostSlotsAddress + 2 * HOST_SLOT_BYTES + HOST_SLOT_CDB] = OP_WRITE_10
    progress.enter(ENTRY_DOORBELL, 2, 0)
    ;(exports.doorbell as (slot: number) => void)(2)
    progress.leave()
  },
  /** Calls without end, each of them short. */
  ringForMs({ ms }: { readonly ms: number }, { progress }: JobContext): number {
    const end = performance.now() + ms
    let calls = 0
    // Always inside a call when the watchdog looks, never inside the same one for long.
    while (performance.now() < end) {
      progress.enter(ENTRY_DOORBELL, 0, 0)
      calls++
    }
    progress.leave()
    return calls
  },
  loopInHost(): void {
    for (;;) Atomics.load(new Int32Array(1), 0)
  },
  notes(values: readonly unknown[], { note }: JobContext): number {
    for (const value of values) note(value)
    return values.length
  },
  fail({ line }: { readonly line: number }): never {
    throw Object.assign(new RangeError('out of paper'), { line })
  },
  returnFunction(): unknown {
    return () => 1
  },
  exhaustHeap(): number {
    const kept: unknown[] = []
    for (;;) kept.push({ kept: [kept.length] })
  },
  exit(): never {
    process.exit(7)
  },
}

serveJobs(testJobs)
