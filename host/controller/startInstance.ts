// A fresh instance of a microcode, asked to describe itself: everything that happens before `boot`.
//
// Until then there is no hardware. A module that traps here, calls for hardware, or describes itself falsely is refused: it would do the same
// at every restart, so that is bad input, not a controller crash.

import { isMicrocodeFault } from './controllerFault'
import { type Descriptor, readDescriptor } from './descriptor'
import { MicrocodeRefused } from './microcodeRefused'
import { ENTRY_DESCRIBE, ENTRY_START, type ProgressCell } from './progressCell'
import type { EntryPoints } from './wiring'

export interface StartedInstance {
  readonly instance: WebAssembly.Instance
  readonly entries: EntryPoints
  readonly descriptor: Descriptor
}

/** Throws MicrocodeRefused. */
export function startInstance(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  progress: ProgressCell,
  nowNs: number,
): StartedInstance {
  const watched = <T>(entry: number, name: string, call: () => T): T => {
    progress.enter(entry, 0, nowNs)
    try {
      return call()
    } catch (error) {
      if (!isMicrocodeFault(error)) throw error
      throw new MicrocodeRefused(name, error.message, 'an orderly return, without use of the hardware')
    } finally {
      progress.leave()
    }
  }
  const instance = watched(ENTRY_START, 'instantiation', () => new WebAssembly.Instance(module, imports))
  const entries = instance.exports as unknown as EntryPoints
  const address = watched(ENTRY_DESCRIBE, 'describe()', () => entries.describe())
  return { instance, entries, descriptor: readDescriptor(entries.memory, address) }
}
