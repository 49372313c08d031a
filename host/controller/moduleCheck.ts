// From bytes to a module that the controller can instantiate: valid WebAssembly, that imports nothing but the hardware and exports
// every entry point.
//
// Names and kinds are checked, not parameter types: the JavaScript interface does not tell them. An entry point with other
// parameters is met at its first call, as a crash of the controller.
import { MicrocodeRefused } from './microcodeRefused'
import { checkSections } from './wasmSections'

/** Module name of the imports in assembly/hal/hal.ts. */
export const HAL = 'hal'

/** Everything that the hardware offers, by name: the declared functions of assembly/hal/hal.ts. */
export const HAL_FUNCTIONS = [
  'issue',
  'abort',
  'complete',
  'setTimer',
  'cancelTimer',
  'sendFrame',
  'offerFrame',
  'commitNvram',
  'now',
  'trace',
  'panic',
] as const

/** What a microcode must export, and what kind of thing it is. */
export const REQUIRED_EXPORTS = {
  memory: 'memory',
  describe: 'function',
  boot: 'function',
  doorbell: 'function',
  interrupt: 'function',
  receive: 'function',
  timer: 'function',
  hotplug: 'function',
} as const

/** What a microcode may export besides. */
export const OPTIONAL_EXPORTS = { operator: 'function' } as const

/** Compiles and checks; throws MicrocodeRefused for anything that is not a microcode. */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  checkSections(bytes)
  let module: WebAssembly.Module
  try {
    module = new WebAssembly.Module(bytes)
  } catch (error) {
    // Engines put the byte offset into their message, each in its own way: the message is passed on whole.
    throw new MicrocodeRefused('WebAssembly module', `invalid code: ${(error as Error).message}`, 'a valid module')
  }
  checkModule(module)
  return module
}

/** Throws MicrocodeRefused for the first import that is not of the hardware, or export that is missing. */
export function checkModule(module: WebAssembly.Module): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (!isKnownImport(from, name)) refuseImport(from, name, kind)
    if (kind !== 'function') throw new MicrocodeRefused(`import ${from}.${name}`, `a ${kind}`, 'a function')
  }
  const kinds = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]))
  for (const [name, expected] of Object.entries(REQUIRED_EXPORTS)) {
    const found = kinds.get(name)
    if (found !== expected) {
      throw new MicrocodeRefused(`export ${name}`, found ? `a ${found}` : 'no such export', `a ${expected}`)
    }
  }
  for (const [name, expected] of Object.entries(OPTIONAL_EXPORTS)) {
    const found = kinds.get(name)
    if (found && found !== expected)
      throw new MicrocodeRefused(`export ${name}`, `a ${found}`, `a ${expected}, or none`)
  }
}

/** `env.abort` is what AssemblyScript calls when an assertion fails. */
function isKnownImport(from: string, name: string): boolean {
  if (from === 'env') return name === 'abort'
  return from === HAL && HAL_FUNCTIONS.some((known) => known === name)
}

function refuseImport(from: string, name: string, kind: string): never {
  const expected = `a function of "${HAL}" (${HAL_FUNCTIONS.join(', ')}) or env.abort`
  throw new MicrocodeRefused(`import ${from}.${name}`, `an unknown ${kind}`, expected)
}
