// The front panel of a controller: what an operator reads and turns. Strings and lists of strings, carried by as-bind.
//
// A microcode has a panel when its module carries as-bind's custom section and exports `panelIdentify`; it must then export all five
// functions of PANEL_FUNCTIONS with these types. One without has none (`openFrontPanel` gives null) and runs just as well.
//
// A call runs microcode: it may trap, it may return nonsense (PanelFault), it may never return. It is not called from within an
// entry point, and may grow the module's memory: renew views of it afterwards.
import { MicrocodeRefused } from '../microcodeRefused'
import { BindingsError, type BoundModule, bind, hasBindings } from './asBind'
import { LayoutError } from './layout'

const STRING = '~lib/string/String'
const STRINGS = `~lib/array/Array<${STRING}>`

/** Exported name -> return type and parameters, in as-bind's words. */
export const PANEL_FUNCTIONS = {
  panelIdentify: { returnType: STRING, parameters: [] },
  panelSettingNames: { returnType: STRINGS, parameters: [] },
  panelConfigure: { returnType: STRING, parameters: [STRING, STRING] },
  panelStatus: { returnType: STRINGS, parameters: [] },
  panelLog: { returnType: STRINGS, parameters: [] },
} as const

type PanelFunction = keyof typeof PANEL_FUNCTIONS

/** The microcode returned something that is not text. */
export class PanelFault extends Error {
  override readonly name = 'PanelFault'
}

export interface FrontPanel {
  /** Who made this microcode, and which version it is. */
  identify(): string
  settingNames(): string[]
  /** '' = accepted; otherwise the reason why not. */
  configure(name: string, value: string): string
  status(): string[]
  /** The latest lines, oldest first. */
  log(): string[]
}

/** The panel of an instance that the controller made itself; null when the microcode has none. */
export function openFrontPanel(module: WebAssembly.Module, instance: WebAssembly.Instance): FrontPanel | null {
  if (!hasBindings(module) || !('panelIdentify' in instance.exports)) return null
  return new BoundPanel(bindPanel(module, instance))
}

function bindPanel(module: WebAssembly.Module, instance: WebAssembly.Instance): BoundModule {
  let bound: BoundModule
  try {
    bound = bind(module, instance)
  } catch (error) {
    throw new MicrocodeRefused(
      'front panel',
      (error as Error).message,
      'a module built with --exportRuntime and our transform',
    )
  }
  for (const [name, expected] of Object.entries(PANEL_FUNCTIONS)) {
    const found = bound.signatures.get(name)
    const text = found ? signatureText(found) : 'no such export'
    if (text !== signatureText(expected))
      throw new MicrocodeRefused(`front panel: ${name}`, text, signatureText(expected))
  }
  return bound
}

function signatureText({ returnType, parameters }: { returnType: string; parameters: readonly string[] }): string {
  const short = (type: string): string => type.replace(STRINGS, 'string[]').replace(STRING, 'string')
  return `(${parameters.map(short).join(', ')}): ${short(returnType)}`
}

class BoundPanel implements FrontPanel {
  constructor(private readonly bound: BoundModule) {}

  identify(): string {
    return this.text('panelIdentify')
  }

  settingNames(): string[] {
    return this.lines('panelSettingNames')
  }

  configure(name: string, value: string): string {
    return this.text('panelConfigure', name, value)
  }

  status(): string[] {
    return this.lines('panelStatus')
  }

  log(): string[] {
    return this.lines('panelLog')
  }

  private text(name: PanelFunction, ...values: string[]): string {
    const found = this.call(name, values)
    if (typeof found !== 'string') throw new PanelFault(`${name}: found null, expected a string`)
    return found
  }

  private lines(name: PanelFunction): string[] {
    const found = this.call(name, [])
    if (!Array.isArray(found)) throw new PanelFault(`${name}: found null, expected an array of strings`)
    const index = found.findIndex((line) => typeof line !== 'string')
    if (index >= 0) throw new PanelFault(`${name}: found null at [${index}], expected a string`)
    return found as string[]
  }

  private call(name: PanelFunction, values: readonly string[]): unknown {
    try {
      return this.bound.functions.get(name)!(...values)
    } catch (error) {
      if (error instanceof LayoutError || error instanceof BindingsError)
        throw new PanelFault(`${name}: ${error.message}`)
      throw error
    }
  }
}
