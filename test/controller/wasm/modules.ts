// Modules to try rewriting on: the real ones, and one made by hand that writes in every way there is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  concat,
  encodeName,
  encodeSigned,
  encodeU32,
  SECTION_CODE,
  SECTION_CUSTOM,
  SECTION_DATA,
  SECTION_DATA_COUNT,
  SECTION_EXPORT,
  SECTION_FUNCTION,
  SECTION_GLOBAL,
  SECTION_MEMORY,
  SECTION_TYPE,
  writeSections,
} from '../../../host/controller/wasm/binary'
import * as op from '../../../host/controller/wasm/instructions'
import {
  F32,
  F64,
  FUNCTION_TYPE,
  I32,
  I64,
  instructionsOf,
  readModule,
  zeroOf,
} from '../../../host/controller/wasm/moduleLayout'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export const readBuilt = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(ROOT, 'build', `${name}.wasm`)))

/** An instance whose imports do nothing. */
export function instantiateIdle(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Instance {
  const module = new WebAssembly.Module(bytes)
  const imports: WebAssembly.Imports = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = () => 0
  }
  return new WebAssembly.Instance(module, imports)
}

/** The types of Node do not know this function. */
export const isValid = (bytes: Uint8Array): boolean =>
  (WebAssembly as unknown as { validate(bytes: Uint8Array): boolean }).validate(bytes)

/** Reads all function bodies, each to exactly its end; how many instructions there are. */
export function walk(bytes: Uint8Array): number {
  const module = readModule(bytes)
  expect(module.bodies).toHaveLength(module.functionTypes.length - module.importedFunctionCount)
  let count = 0
  for (const body of module.bodies) {
    let at = body.codeStart
    for (const { offset, length } of instructionsOf(module, body)) {
      expect(offset).toBe(at)
      at += length
      count++
    }
    expect(at).toBe(body.end)
  }
  return count
}

export interface HandMadeFunction {
  readonly name: string
  readonly parameters: readonly number[]
  readonly results?: readonly number[]
  /** Without the last `end`. */
  readonly body: readonly number[]
}

/** Exported functions, over one memory with some data, a passive data segment, and a mutable global of each type (0 to 3). */
export function handMade(functions: readonly HandMadeFunction[], pages = 3): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly ArrayLike<number>[]) => ({
    id,
    content: concat([encodeU32(items.length), ...items]),
  })
  const types = functions.map(({ parameters, results = [] }) => [
    FUNCTION_TYPE,
    ...[parameters.length, ...parameters, results.length, ...results],
  ])
  const bodies = functions.map(({ body }) => [...encodeU32(body.length + 2), 0, ...body, op.END])
  const text = [...new TextEncoder().encode('not zero at first')]
  return writeSections([
    section(SECTION_TYPE, types),
    section(
      SECTION_FUNCTION,
      functions.map((_, index) => encodeU32(index)),
    ),
    section(SECTION_MEMORY, [[0, ...encodeU32(pages)]]),
    section(
      SECTION_GLOBAL,
      [I32, I64, F32, F64].map((type) => [type, 1, ...firstValue(type), op.END]),
    ),
    section(SECTION_EXPORT, [
      [...encodeName('memory'), 2, 0],
      ...functions.map(({ name }, index) => [...encodeName(name), 0, ...encodeU32(index)]),
    ]),
    { id: SECTION_DATA_COUNT, content: Uint8Array.of(3) },
    section(SECTION_CODE, bodies),
    section(SECTION_DATA, [
      ...[100, 8185].map((at) => [0, op.I32_CONST, ...encodeSigned(at), op.END, text.length, ...text]),
      [1, text.length, ...text],
    ]),
    { id: SECTION_CUSTOM, content: concat([encodeName('keepsake'), [1, 2, 3]]) },
  ])
}

const firstValue = (type: number): number[] =>
  type === I32 || type === I64 ? [type === I32 ? op.I32_CONST : op.I64_CONST, ...encodeSigned(-7)] : zeroOf(type)

const get = (index: number): number[] => [op.LOCAL_GET, index]

/** v128.store, and those of one lane: 8, 16, 32, 64 bits. */
const VECTOR_STORES = [
  ['v128', 0x0b],
  ['lane8', 0x58, 3],
  ['lane16', 0x59, 1],
  ['lane32', 0x5a, 2],
  ['lane64', 0x5b, 1],
] as const

const storeTo = ([opcode, ...lane]: readonly number[], offset: number): number[] => [
  ...[0xfd, ...encodeU32(opcode!), 0, ...encodeU32(offset)],
  ...lane,
]

/** `store_OPCODE_OFFSET(address, value)` for every store opcode, with and without offset; bulk operations; setters and getters of the globals. */
export const WRITERS: readonly HandMadeFunction[] = [
  ...Array.from({ length: op.I64_STORE32 - op.I32_STORE + 1 }, (_, i) => op.I32_STORE + i).flatMap((opcode) =>
    [0, 4093].map((offset) => ({
      name: `store_${opcode}_${offset}`,
      parameters: [I32, [I32, I64, F32, F64, I32, I32, I64, I64, I64][opcode - op.I32_STORE]],
      body: [...get(0), ...get(1), opcode, 0, ...encodeU32(offset)],
    })),
  ),
  ...VECTOR_STORES.flatMap(([name, ...instruction]) =>
    [0, 4093].map((offset) => ({
      name: `store_${name}_${offset}`,
      parameters: [I32, I32],
      // The value in each of four lanes: i32x4.splat.
      body: [...get(0), ...get(1), 0xfd, 0x11, ...storeTo(instruction, offset)],
    })),
  ),
  bulk('fill', [0xfc, 11, 0]),
  bulk('copy', [0xfc, 10, 0, 0]),
  bulk('init', [0xfc, 8, 2, 0]),
  ...[I32, I64, F32, F64].map((type, index) => ({
    name: `global_${index}`,
    parameters: [type],
    body: [...get(0), op.GLOBAL_SET, index],
  })),
  ...[I32, I64, F32, F64].map((type, index) => ({
    name: `valueOf_${index}`,
    parameters: [],
    results: [type],
    body: [op.GLOBAL_GET, index],
  })),
  { name: 'grow', parameters: [I32], results: [I32], body: [...get(0), 0x40, 0] },
]

function bulk(name: string, code: readonly number[]): HandMadeFunction {
  return { name, parameters: [I32, I32, I32], body: [...get(0), ...get(1), ...get(2), ...code] }
}
