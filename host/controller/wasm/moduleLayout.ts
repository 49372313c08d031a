// What a WebAssembly module consists of: types, imports, globals, exports, function bodies, as far as code here rewrites or follows
// them. Takes modules that an engine accepts; throws UnsupportedWasm for what it does not know (instructions.ts).
import {
  concat,
  encodeU32,
  Reader,
  readSections,
  SECTION_CODE,
  SECTION_CUSTOM,
  SECTION_ELEMENT,
  SECTION_EXPORT,
  SECTION_FUNCTION,
  SECTION_GLOBAL,
  SECTION_IMPORT,
  SECTION_MEMORY,
  SECTION_START,
  SECTION_TYPE,
  type Section,
  UnsupportedWasm,
} from './binary'
import {
  F32_CONST,
  F64_CONST,
  I32_CONST,
  I64_CONST,
  type Instruction,
  REF_FUNC,
  REF_NULL,
  readExpression,
} from './instructions'

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const V128 = 0x7b
export const FUNCTION_TYPE = 0x60
/** The type of a block that takes and leaves nothing. */
export const BLOCK_VOID = 0x40

/** Kinds of imports and exports. */
export const KIND_FUNCTION = 0
export const KIND_TABLE = 1
export const KIND_MEMORY = 2
export const KIND_GLOBAL = 3

export interface FunctionType {
  readonly parameters: readonly number[]
  readonly results: readonly number[]
}

export interface GlobalType {
  readonly type: number
  readonly isMutable: boolean
}

export interface Limits {
  readonly flags: number
  readonly min: number
}

export interface ModuleImport {
  readonly module: string
  readonly name: string
  readonly kind: number
  /** Of a function. */
  readonly typeIndex: number
  /** Of a global. */
  readonly global: GlobalType | null
}

export interface ModuleExport {
  readonly name: string
  readonly kind: number
  readonly index: number
}

/** A function's entry in the code section. Offsets are the module's. */
export interface Body {
  /** Among all functions, the imported ones counted first. */
  readonly functionIndex: number
  /** Behind its size. */
  readonly start: number
  readonly end: number
  /** Behind the declarations of locals. */
  readonly codeStart: number
  readonly localGroups: readonly { readonly count: number; readonly type: number }[]
}

export interface ModuleLayout {
  readonly bytes: Uint8Array
  readonly sections: readonly Section[]
  readonly types: readonly FunctionType[]
  readonly imports: readonly ModuleImport[]
  readonly importedFunctionCount: number
  /** Types of all functions, the imported ones first. */
  readonly functionTypes: readonly number[]
  /** Of memories that the module defines. */
  readonly memories: readonly Limits[]
  /** All globals, the imported ones first. */
  readonly globals: readonly GlobalType[]
  readonly exports: readonly ModuleExport[]
  readonly start: number | null
  /** Functions that element segments name. */
  readonly elementFunctions: ReadonlySet<number>
  readonly bodies: readonly Body[]
}

export function readModule(bytes: Uint8Array): ModuleLayout {
  const sections = readSections(bytes)
  const list = <T>(id: number, item: (reader: Reader) => T): T[] => {
    const reader = readerOf(bytes, sections, id)
    return reader ? reader.vector(() => item(reader)) : []
  }
  const imports = list(SECTION_IMPORT, readImport)
  const importedFunctions = imports.filter(({ kind }) => kind === KIND_FUNCTION).map(({ typeIndex }) => typeIndex)
  const importedGlobals = imports.flatMap(({ global }) => (global ? [global] : []))
  const elementFunctions = new Set<number>()
  list(SECTION_ELEMENT, (reader) => readElement(reader, elementFunctions))
  let functionIndex = importedFunctions.length
  return {
    bytes,
    sections,
    types: list(SECTION_TYPE, readFunctionType),
    imports,
    importedFunctionCount: importedFunctions.length,
    functionTypes: [...importedFunctions, ...list(SECTION_FUNCTION, (reader) => reader.u32())],
    memories: list(SECTION_MEMORY, readLimits),
    globals: [...importedGlobals, ...list(SECTION_GLOBAL, readGlobal)],
    exports: list(SECTION_EXPORT, (reader) => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() })),
    start: readerOf(bytes, sections, SECTION_START)?.u32() ?? null,
    elementFunctions,
    bodies: list(SECTION_CODE, (reader) => readBody(reader, functionIndex++)),
  }
}

/** The instructions of a function, to exactly its end. */
export function instructionsOf(module: ModuleLayout, body: Body): Instruction[] {
  const reader = new Reader(module.bytes, body.codeStart, body.end)
  const instructions = readExpression(reader)
  if (!reader.isAtEnd)
    throw new UnsupportedWasm(`byte ${reader.at}: code behind the end of function ${body.functionIndex}`)
  return instructions
}

export function typeOfFunction(module: ModuleLayout, functionIndex: number): FunctionType {
  return module.types[module.functionTypes[functionIndex]]
}

/** The instruction that puts a zero (or a null) of a type onto the stack. */
export function zeroOf(type: number): number[] {
  switch (type) {
    case I32:
      return [I32_CONST, 0]
    case I64:
      return [I64_CONST, 0]
    case F32:
      return [F32_CONST, 0, 0, 0, 0]
    case F64:
      return [F64_CONST, 0, 0, 0, 0, 0, 0, 0, 0]
    default:
      // Vectors are not known here: what is left are references, whose types are also what ref.null names.
      return [REF_NULL, type]
  }
}

export interface Edit {
  /** In the module. */
  readonly offset: number
  readonly removedBytes: number
  readonly inserted: readonly number[]
}

/** A body with some of its code replaced, and more locals behind its own. Edits come in the order of their offsets. */
export function spliceBody(
  module: ModuleLayout,
  body: Body,
  edits: readonly Edit[],
  addedLocals: readonly number[] = [],
): Uint8Array<ArrayBuffer> {
  const groups = [...body.localGroups, ...addedLocals.map((type) => ({ count: 1, type }))]
  const parts: ArrayLike<number>[] = [encodeU32(groups.length)]
  for (const { count, type } of groups) parts.push([...encodeU32(count), type])
  let at = body.codeStart
  for (const { offset, removedBytes, inserted } of edits) {
    parts.push(module.bytes.subarray(at, offset), inserted)
    at = offset + removedBytes
  }
  parts.push(module.bytes.subarray(at, body.end))
  return concat(parts)
}

/** The code section with other bodies, by their place in it; `added` come behind. */
export function writeBodies(
  module: ModuleLayout,
  replaced: ReadonlyMap<number, Uint8Array>,
  added: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const kept = module.bodies.map(({ start, end }, i) => replaced.get(i) ?? module.bytes.subarray(start, end))
  const bodies = [...kept, ...added]
  return concat([encodeU32(bodies.length), ...bodies.flatMap((body) => [encodeU32(body.length), body])])
}

/** A custom section's content behind its name, or null. */
export function customSection(module: ModuleLayout, wanted: string): Reader | null {
  for (const { id, content, offset } of module.sections) {
    if (id !== SECTION_CUSTOM) continue
    const reader = new Reader(module.bytes, offset, offset + content.length)
    if (reader.name() === wanted) return reader
  }
  return null
}

function readerOf(bytes: Uint8Array, sections: readonly Section[], id: number): Reader | null {
  const section = sections.find((candidate) => candidate.id === id)
  return section ? new Reader(bytes, section.offset, section.offset + section.content.length) : null
}

function readFunctionType(reader: Reader): FunctionType {
  const form = reader.byte()
  if (form !== FUNCTION_TYPE) throw new UnsupportedWasm(`type of form 0x${form.toString(16)}`)
  const type = (): number => reader.byte()
  return { parameters: reader.vector(type), results: reader.vector(type) }
}

function readImport(reader: Reader): ModuleImport {
  const module = reader.name()
  const name = reader.name()
  const kind = reader.byte()
  if (kind === KIND_FUNCTION) return { module, name, kind, typeIndex: reader.u32(), global: null }
  if (kind === KIND_GLOBAL) return { module, name, kind, typeIndex: -1, global: readGlobalType(reader) }
  if (kind === KIND_TABLE) reader.byte()
  else if (kind !== KIND_MEMORY) throw new UnsupportedWasm(`import ${module}.${name} of kind ${kind}`)
  readLimits(reader)
  return { module, name, kind, typeIndex: -1, global: null }
}

function readLimits(reader: Reader): Limits {
  const flags = reader.byte()
  if (flags > 1) throw new UnsupportedWasm(`limits with flags ${flags}: shared, or of 64 bits`)
  const min = reader.u32()
  if (flags === 1) reader.u32()
  return { flags, min }
}

const readGlobalType = (reader: Reader): GlobalType => ({ type: reader.byte(), isMutable: reader.byte() === 1 })

function readGlobal(reader: Reader): GlobalType {
  const type = readGlobalType(reader)
  readExpression(reader)
  return type
}

/** Section 5.5.12: bit 0 passive or declarative, bit 1 a table (or declarative), bit 2 expressions in place of indices. */
function readElement(reader: Reader, functions: Set<number>): void {
  const flags = reader.u32()
  if ((flags & 1) === 0) {
    if (flags & 2) reader.u32()
    readExpression(reader)
  }
  if (flags & 3) reader.byte()
  if (flags & 4) {
    for (const expression of reader.vector(() => readExpression(reader))) {
      for (const { opcode, operands } of expression) if (opcode === REF_FUNC) functions.add(operands[0])
    }
  } else for (const index of reader.vector(() => reader.u32())) functions.add(index)
}

function readBody(reader: Reader, functionIndex: number): Body {
  const byteCount = reader.u32()
  const start = reader.at
  const localGroups = reader.vector(() => ({ count: reader.u32(), type: reader.byte() }))
  const codeStart = reader.at
  reader.at = start
  reader.skip(byteCount)
  return { functionIndex, start, end: reader.at, codeStart, localGroups }
}
