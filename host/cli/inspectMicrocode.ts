// The job behind "what is this module?": compiles it, instantiates it without any hardware, and asks it to describe itself.
//
// Runs the module's start function, `describe()` and three functions of its panel, so it belongs into a worker: each of them may
// never return. Never boots. A module that touches the hardware before it is booted has no hardware to touch: it is refused.
import { type Descriptor, readDescriptor } from '../controller/descriptor'
import { MicrocodeRefused } from '../controller/microcodeRefused'
import { compileModule, HAL, HAL_FUNCTIONS } from '../controller/moduleCheck'
import { type FrontPanel, openFrontPanel } from '../controller/panel/frontPanel'
import { ENTRY_DESCRIBE, ENTRY_PANEL, ENTRY_START } from '../controller/progressCell'
import type { JobContext } from './jobs'

export interface MicrocodeInspection {
  readonly memoryBytes: number
  readonly descriptor: Descriptor
  readonly panel: { readonly identity: string; readonly settings: readonly string[] } | null
}

export function inspectMicrocode(
  { bytes }: { readonly bytes: Uint8Array<ArrayBuffer> },
  { progress }: JobContext,
): MicrocodeInspection {
  const watched = <T>(entry: number, call: () => T): T => {
    progress.enter(entry, 0, 0)
    try {
      return call()
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
      throw new MicrocodeRefused(STEP_NAMES.get(entry)!, `a trap: ${error.message}`, 'an orderly return')
    } finally {
      progress.leave()
    }
  }
  const module = compileModule(bytes)
  const instance = watched(ENTRY_START, () => new WebAssembly.Instance(module, importsWithoutHardware()))
  const { describe, memory } = instance.exports as { describe: () => number; memory: WebAssembly.Memory }
  const address = watched(ENTRY_DESCRIBE, () => describe())
  const descriptor = readDescriptor(memory, address)
  const panel = openFrontPanel(module, instance)
  return {
    memoryBytes: memory.buffer.byteLength,
    descriptor,
    panel: panel && watched(ENTRY_PANEL, () => panelText(panel)),
  }
}

const STEP_NAMES = new Map([
  [ENTRY_START, 'instantiation'],
  [ENTRY_DESCRIBE, 'describe()'],
  [ENTRY_PANEL, 'front panel'],
])

function panelText(panel: FrontPanel): MicrocodeInspection['panel'] {
  return { identity: panel.identify(), settings: panel.settingNames() }
}

function importsWithoutHardware(): WebAssembly.Imports {
  const missing = (name: string) => (): never => {
    throw new MicrocodeRefused(`${HAL}.${name}`, 'a call before boot', 'no use of the hardware until then')
  }
  const hal = Object.fromEntries(HAL_FUNCTIONS.map((name) => [name, missing(name)]))
  return { [HAL]: hal, env: { abort: missing('abort') } }
}
