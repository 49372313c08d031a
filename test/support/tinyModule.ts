// WebAssembly modules from a list of names, put together byte by byte: for tests of what a module is made of, not what it does.

export interface TinyModule {
  /** Imported functions, as [module, name]. */
  readonly imports?: readonly (readonly [string, string])[]
  /** Imported memories, as [module, name]. */
  readonly importedMemories?: readonly (readonly [string, string])[]
  /** Exported functions, all () -> i32 with the same body. */
  readonly functions?: readonly string[]
  /** Exports the memory (one page) under these names. */
  readonly memories?: readonly string[]
  /** Body of each function; without `end`. Default: i32.const 0. */
  readonly body?: readonly number[]
}

const FUNCTION = 0
const MEMORY = 2
const I32 = 0x7f
const END = 0x0b

export function tinyModule(shape: TinyModule): Uint8Array<ArrayBuffer> {
  const { imports = [], importedMemories = [], functions = [], memories = [], body = [0x41, 0] } = shape
  const importEntries = [
    ...imports.map(([from, name]) => [...text(from), ...text(name), FUNCTION, 0]),
    ...importedMemories.map(([from, name]) => [...text(from), ...text(name), MEMORY, 0, 1]),
  ]
  const exportEntries = [
    ...functions.map((name, index) => [...text(name), FUNCTION, imports.length + index]),
    ...memories.map((name) => [...text(name), MEMORY, 0]),
  ]
  const code = [0, ...body, END]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 0, 1, I32]]),
    ...section(2, importEntries),
    ...section(
      3,
      functions.map(() => [0]),
    ),
    ...(importedMemories.length > 0 ? [] : section(5, [[0, 1]])),
    ...section(7, exportEntries),
    ...section(
      10,
      functions.map(() => [...leb(code.length), ...code]),
    ),
  ])
}

function section(id: number, entries: number[][]): number[] {
  const content = [...leb(entries.length), ...entries.flat()]
  return [id, ...leb(content.length), ...content]
}

const text = (name: string): number[] => [...leb(name.length), ...[...name].map((letter) => letter.charCodeAt(0))]

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}
