import { beforeAll, describe, expect, it } from 'vitest'
import { MicrocodeRefused } from '../../../host/controller/microcodeRefused'
import { type FrontPanel, openFrontPanel, PanelFault } from '../../../host/controller/panel/frontPanel'
import { compileFixture } from '../../support/compileFixture'

let module: WebAssembly.Module
let instance: WebAssembly.Instance
let panel: FrontPanel

beforeAll(async () => {
  module = new WebAssembly.Module(await compileFixture('panel'))
  instance = new WebAssembly.Instance(module)
  panel = openFrontPanel(module, instance)!
})

describe('front panel', () => {
  it('identifies the microcode', () => {
    expect(panel.identify()).toBe('panel fixture 1.0 ✓ 😀')
  })

  it('names its settings, takes values by name, and says why it refuses one', () => {
    expect(panel.settingNames()).toEqual(['greeting', 'größe'])
    expect(panel.configure('größe', '2 🐘')).toBe('')
    expect(panel.configure('grosse', '3')).toBe('no setting is called "grosse"')
    expect(panel.status()).toEqual(['greeting: hello', 'größe: 2 🐘'])
    expect(panel.log()).toEqual(['größe = 2 🐘'])
  })

  it('works on the instance that the caller made', () => {
    expect((instance.exports.lineCount as () => number)()).toBe(panel.log().length)
  })

  it('survives growth of the memory between two calls', () => {
    ;(instance.exports.memory as WebAssembly.Memory).grow(10)
    expect(panel.configure('greeting', 'x'.repeat(200_000))).toBe('')
    expect(panel.status()[0]).toHaveLength('greeting: '.length + 200_000)
  })
})

describe('a module without a panel', () => {
  it('has none when it lacks the section', () => {
    const bare = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    expect(openFrontPanel(bare, new WebAssembly.Instance(bare))).toBe(null)
  })

  it('has none when it has the section but no panel functions', async () => {
    const types = new WebAssembly.Module(await compileFixture('types'))
    const nothing = (): number => 0
    expect(
      openFrontPanel(types, new WebAssembly.Instance(types, { listener: { told: nothing, heard: nothing } })),
    ).toBe(null)
  })
})

describe('a module with a bad panel', () => {
  it('is refused when a function is missing or has another type', async () => {
    const half = new WebAssembly.Module(await compileFixture('halfPanel'))
    const open = (): unknown => openFrontPanel(half, new WebAssembly.Instance(half))
    expect(open).toThrow(MicrocodeRefused)
    expect(open).toThrow('front panel: panelSettingNames: found (): string, expected (): string[]')
  })

  it('faults when it returns null or garbage instead of text', async () => {
    const liar = new WebAssembly.Module(await compileFixture('lyingPanel'))
    const lying = openFrontPanel(liar, new WebAssembly.Instance(liar))!
    expect(() => lying.identify()).toThrow(PanelFault)
    expect(() => lying.settingNames()).toThrow('found null at [1]')
    expect(() => lying.status()).toThrow(PanelFault)
    expect(() => lying.log()).toThrow(PanelFault)
    expect(() => lying.configure('a', 'b')).toThrow(WebAssembly.RuntimeError)
  })
})
