import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { MicrocodeRefused } from '../../host/controller/microcodeRefused'
import { checkModule, compileModule, HAL_FUNCTIONS, REQUIRED_EXPORTS } from '../../host/controller/moduleCheck'
import { type TinyModule, tinyModule } from '../support/tinyModule'

const ENTRIES = Object.entries(REQUIRED_EXPORTS).flatMap(([name, kind]) => (kind === 'function' ? [name] : []))
const WHOLE: TinyModule = { functions: ENTRIES, memories: ['memory'] }

describe('a whole module', () => {
  it('is compiled, whatever part of the hardware it imports', () => {
    compileModule(tinyModule(WHOLE))
    compileModule(
      tinyModule({ ...WHOLE, imports: [...HAL_FUNCTIONS.map((name) => ['hal', name] as const), ['env', 'abort']] }),
    )
  })

  it('may import just what assembly/hal declares', () => {
    const file = new URL('../../assembly/hal/hal.ts', import.meta.url)
    const source = ts.createSourceFile('hal.ts', readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022)
    const declared = source.statements.filter(ts.isFunctionDeclaration).map((node) => node.name!.text)
    expect([...HAL_FUNCTIONS]).toEqual(declared)
  })
})

describe('a module that does not fit', () => {
  it.each<[string, TinyModule, string]>([
    [
      'unknown hal function',
      { ...WHOLE, imports: [['hal', 'erase']] },
      'import hal.erase: found an unknown function, expected a function of "hal"',
    ],
    [
      'the outside world',
      { ...WHOLE, imports: [['wasi_snapshot_preview1', 'fd_write']] },
      'import wasi_snapshot_preview1.fd_write',
    ],
    ['another part of env', { ...WHOLE, imports: [['env', 'seed']] }, 'import env.seed: found an unknown function'],
    [
      'memory from outside',
      { functions: ENTRIES, importedMemories: [['env', 'memory']], memories: ['memory'] },
      'import env.memory: found an unknown memory',
    ],
    [
      'hal as a memory',
      { functions: ENTRIES, importedMemories: [['hal', 'issue']], memories: ['memory'] },
      'import hal.issue: found a memory, expected a function',
    ],
    ['no memory', { functions: ENTRIES }, 'export memory: found no such export, expected a memory'],
    ['memory as function', { functions: [...ENTRIES, 'memory'] }, 'export memory: found a function, expected a memory'],
    [
      'timer as memory',
      { functions: ENTRIES.filter((name) => name !== 'timer'), memories: ['memory', 'timer'] },
      'export timer: found a memory, expected a function',
    ],
    [
      'operator as memory',
      { functions: ENTRIES, memories: ['memory', 'operator'] },
      'export operator: found a memory, expected a function, or none',
    ],
  ])('is refused: %s', (_, shape, message) => {
    const check = (): void => checkModule(new WebAssembly.Module(tinyModule(shape)))
    expect(check).toThrow(MicrocodeRefused)
    expect(check).toThrow(message)
  })

  it.each(ENTRIES)('is refused without %s', (missing) => {
    const shape = { ...WHOLE, functions: ENTRIES.filter((name) => name !== missing) }
    expect(() => compileModule(tinyModule(shape))).toThrow(
      `export ${missing}: found no such export, expected a function`,
    )
  })
})

describe('a file that is no module', () => {
  const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))

  it.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['empty', bytesOf(''), "byte 0: found the end of the file, expected WebAssembly's magic number 00 61 73 6d"],
    ['text', bytesOf('(module)'), 'byte 0: found 28 6d 6f 64 75 6c 65 29 ("(module)"), expected'],
    ['an ELF program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1), 'found 7f 45 4c 46 02 01 (".ELF..")'],
    ['half a magic number', Uint8Array.of(0, 0x61), 'byte 2: found the end of the file'],
    ['no version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1), 'byte 5: found the end of the file, expected a version'],
    ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0), 'byte 4: found version 65549, expected version 1'],
    ['an unknown section', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99, 0), 'byte 8: found section id 99'],
    [
      'an endless size',
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 128, 128, 128, 128, 128),
      'byte 9: found a number that does not end',
    ],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => compileModule(bytes)).toThrow(MicrocodeRefused)
    expect(() => compileModule(bytes)).toThrow(message)
  })

  it('is refused with the place of the cut, wherever it is cut', () => {
    const whole = tinyModule(WHOLE)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(() => compileModule(whole.slice(0, length))).toThrow(MicrocodeRefused)
      }),
    )
    const message = `byte 50: found the end of the file after`
    expect(() => compileModule(whole.slice(0, 50))).toThrow(message)
  })

  it('is refused when its code is invalid', () => {
    expect(() => compileModule(tinyModule({ ...WHOLE, body: [] }))).toThrow(
      /WebAssembly module: found invalid code: .*, expected a valid module/,
    )
  })
})
