// Instances of a microcode that are used again: their RAM is taken back to what it was before boot.
//
// A new instance costs more than everything that a recovery does with it, nearly all of that for its memory. Both ways give the microcode
// the same world; a module that cannot be taken back (wasm/resettable.ts says when) gets new instances.

import type { Descriptor } from './descriptor'
import type { ProgressCell } from './progressCell'
import { type Hal, newSockets, type Socket, type SocketSource } from './socket'
import { startInstance } from './startInstance'
import { makeResettable } from './wasm/resettable'
import { ResettableInstance } from './wasm/resettableInstance'
import type { EntryPoints } from './wiring'

/** Instances are kept and used again, as far as the module allows. `bytes`: the module. */
export function keptSockets(bytes: Uint8Array): SocketSource {
  const resettable = makeResettable(bytes)
  if (resettable === null) return newSockets(new WebAssembly.Module(new Uint8Array(bytes)))
  const module = new WebAssembly.Module(new Uint8Array(resettable.bytes))
  const free: KeptSocket[] = []
  return {
    open(hal, progress, nowNs) {
      for (let kept = free.pop(); kept; kept = free.pop()) if (kept.takeBack(hal)) return kept
      return new KeptSocket(module, resettable.granuleShift, hal, progress, nowNs, free)
    },
  }
}

class KeptSocket implements Socket {
  readonly instance: WebAssembly.Instance
  readonly entries: EntryPoints
  readonly descriptor: Descriptor
  #hal: Hal
  readonly #ram: ResettableInstance
  readonly #free: KeptSocket[]

  constructor(
    readonly module: WebAssembly.Module,
    granuleShift: number,
    hal: Hal,
    progress: ProgressCell,
    nowNs: number,
    free: KeptSocket[],
  ) {
    this.#hal = hal
    this.#free = free
    const through = (name: string) => (a: number, b: number, c: number, d: number) => this.#hal[name]!(a, b, c, d)
    const imports = {
      hal: Object.fromEntries(Object.keys(hal).map((name) => [name, through(name)])),
      env: { abort: () => this.#hal.panic!(0) },
    }
    const started = startInstance(module, imports, progress, nowNs)
    this.instance = started.instance
    this.entries = started.entries
    this.descriptor = started.descriptor
    this.#ram = new ResettableInstance(started.instance, granuleShift)
  }

  /** Ready for another boot; false: its memory has grown, and it cannot be taken back. */
  takeBack(hal: Hal): boolean {
    this.#hal = hal
    return this.#ram.reset()
  }

  touched(address: number, bytes: number): void {
    this.#ram.markDirty(address, bytes)
  }

  release(): void {
    this.#free.push(this)
  }
}
