// A module whose instances can be taken back to the state right after instantiation: rewritten so that it keeps note of what it
// writes. ResettableInstance (resettableInstance.ts) does the taking back. What the module computes stays the same.
//
// Added are, at the end of each index space, so that nothing is renumbered:
// - two mutable i64 globals of marks. Before each store to an address, bit ((address >> granuleShift) mod 64) of the first is set,
//   and bit ((address >> (granuleShift - 6)) mod 64) of the second: the granule, and which 64th of its granule. What has been written
//   to begins in one of the marked 64ths of one of the marked granules; it ends at most 15 bytes (STORE_OVERHANG_BYTES) behind it.
//   Bulk instructions set the bits of all that they write, before they do;
// - one shadow for each mutable global, with functions `platterlab:save` and `platterlab:restore` that copy there and back and clear
//   the marks, and `platterlab:marks(word)`, which gives 32 of the bits. So no value crosses one by one, nor as a BigInt, and a NaN
//   keeps its bits. The globals themselves are not exported: each would cost some microseconds at every instantiation;
// - an export `platterlab:memory`.
// Custom sections survive. Cost: some twenty instructions a store, without a branch or a call: one to two nanoseconds.
//
// Null is the answer for a module whose state is more than its own memory and globals, or cannot be put back: imported memories,
// imported mutable globals, globals of reference types; data.drop, elem.drop and whatever writes to tables; globals that are vectors, threads, several
// memories, no memory; or names of ours already there. memory.grow is let through: an instance whose memory has another size than
// after instantiation is not reusable, and ResettableInstance says so. Not seen: a table that the host writes to.
import {
  concat,
  encodeName,
  encodeSigned,
  encodeU32,
  Reader,
  replaceSections,
  SECTION_CODE,
  SECTION_EXPORT,
  SECTION_FUNCTION,
  SECTION_GLOBAL,
  SECTION_TYPE,
  UnsupportedWasm,
} from './binary'
import * as op from './instructions'
import * as layout from './moduleLayout'
import { type Marks, trackWrites } from './trackWrites'

export const RESERVED = 'platterlab:'
export const EXPORT_MEMORY = `${RESERVED}memory`
export const EXPORT_SAVE = `${RESERVED}save`
export const EXPORT_RESTORE = `${RESERVED}restore`
/** (word): 0 and 1 are the granules, 2 and 3 the 64ths; low halves first. */
export const EXPORT_MARKS = `${RESERVED}marks`

/** One bit each, of the granules of a memory and of the parts of a granule. */
export const GRANULES = 64
/** How far a store may reach behind the part in which it begins. */
export const STORE_OVERHANG_BYTES = 15

const PAGE_BYTES = 65536
/** Parts of 4 KiB. */
const GRANULE_SHIFT_MIN = 18
const PART_SHIFT = 6
const NUMBER_TYPES = [layout.I32, layout.I64, layout.F32, layout.F64]

/** These change what no reset puts back. */
const IRREVOCABLE = new Set([
  op.TABLE_SET,
  op.DATA_DROP,
  op.TABLE_INIT,
  op.ELEM_DROP,
  op.TABLE_COPY,
  op.TABLE_GROW,
  op.TABLE_FILL,
])

export interface ResettableModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** A granule has 2^granuleShift bytes. */
  readonly granuleShift: number
}

/** `bytes` is a valid module. Null: it has state that could not be taken back, or is not understood. */
export function makeResettable(bytes: Uint8Array): ResettableModule | null {
  try {
    return rewrite(layout.readModule(bytes))
  } catch (error) {
    if (error instanceof UnsupportedWasm) return null
    throw error
  }
}

function rewrite(module: layout.ModuleLayout): ResettableModule | null {
  if (!isSelfContained(module)) return null
  const granuleShift = granuleShiftFor(module.memories[0].min * PAGE_BYTES)
  const functionCount = module.functionTypes.length
  const granuleMarks = { shift: granuleShift, global: module.globals.length }
  const partMarks = { shift: granuleShift - PART_SHIFT, global: module.globals.length + 1 }
  const tracking = { marks: [granuleMarks, partMarks], markRange: functionCount }
  const bodies = new Map<number, Uint8Array>()
  for (const [i, body] of module.bodies.entries()) {
    const instructions = layout.instructionsOf(module, body)
    if (instructions.some(({ opcode }) => IRREVOCABLE.has(opcode))) return null
    const tracked = trackWrites(module, body, instructions, tracking)
    if (tracked) bodies.set(i, tracked)
  }
  const mutable = mutableGlobals(module)
  const types = module.types.length
  const added = [
    markRangeBody(tracking.marks),
    copyBody(module, mutable, 'save'),
    copyBody(module, mutable, 'restore'),
    marksBody(module),
  ]
  const contents = new Map<number, Uint8Array>([
    [SECTION_TYPE, append(module, SECTION_TYPE, TYPES)],
    [
      SECTION_FUNCTION,
      append(
        module,
        SECTION_FUNCTION,
        [0, 1, 1, 2].map((type) => encodeU32(types + type)),
      ),
    ],
    [SECTION_GLOBAL, append(module, SECTION_GLOBAL, addedGlobals(module, mutable))],
    [SECTION_EXPORT, append(module, SECTION_EXPORT, addedExports(functionCount))],
    [SECTION_CODE, layout.writeBodies(module, bodies, added)],
  ])
  return { bytes: replaceSections(module.sections, contents), granuleShift }
}

function isSelfContained({ imports, memories, globals, exports }: layout.ModuleLayout): boolean {
  if (memories.length !== 1) return false
  if (imports.some(({ kind, global }) => kind === layout.KIND_MEMORY || global?.isMutable === true)) return false
  if (globals.some(({ type, isMutable }) => isMutable && !NUMBER_TYPES.includes(type))) return false
  return !exports.some(({ name }) => name.startsWith(RESERVED))
}

/** The finest granules of which `memoryBytes` has no more than there are bits. */
function granuleShiftFor(memoryBytes: number): number {
  let shift = GRANULE_SHIFT_MIN
  while (GRANULES * 2 ** shift < memoryBytes) shift++
  return shift
}

/** Imported ones are immutable. */
const mutableGlobals = (module: layout.ModuleLayout): number[] =>
  module.globals.flatMap(({ isMutable }, index) => (isMutable ? [index] : []))

/** A section that is a vector, with more items. */
function append(module: layout.ModuleLayout, id: number, items: readonly number[][]): Uint8Array {
  const content = module.sections.find((section) => section.id === id)?.content ?? Uint8Array.of(0)
  const reader = new Reader(content)
  const count = reader.u32()
  return concat([encodeU32(count + items.length), content.subarray(reader.at), ...items])
}

/** Of markRange, save and restore, and marks. */
const TYPES = [
  [layout.FUNCTION_TYPE, 2, layout.I32, layout.I32, 0],
  [layout.FUNCTION_TYPE, 0, 0],
  [layout.FUNCTION_TYPE, 1, layout.I32, 1, layout.I32],
]

/** Marks, then shadows. */
function addedGlobals(module: layout.ModuleLayout, mutable: readonly number[]): number[][] {
  const types = [layout.I64, layout.I64, ...mutable.map((index) => module.globals[index].type)]
  return types.map((type) => [type, 1, ...layout.zeroOf(type), op.END])
}

function addedExports(functionCount: number): number[][] {
  const entry = (name: string, kind: number, index: number): number[] => [
    ...encodeName(name),
    kind,
    ...encodeU32(index),
  ]
  return [
    entry(EXPORT_MEMORY, layout.KIND_MEMORY, 0),
    entry(EXPORT_SAVE, layout.KIND_FUNCTION, functionCount + 1),
    entry(EXPORT_RESTORE, layout.KIND_FUNCTION, functionCount + 2),
    entry(EXPORT_MARKS, layout.KIND_FUNCTION, functionCount + 3),
  ]
}

/** From each mutable global to its shadow, or back; then no marks. */
function copyBody(module: layout.ModuleLayout, mutable: readonly number[], direction: 'save' | 'restore'): Uint8Array {
  const marks = module.globals.length
  const copies = mutable.flatMap((index, i) => {
    const shadow = marks + 2 + i
    const [from, to] = direction === 'save' ? [index, shadow] : [shadow, index]
    return [op.GLOBAL_GET, ...encodeU32(from), op.GLOBAL_SET, ...encodeU32(to)]
  })
  const clear = [marks, marks + 1].flatMap((index) => [op.I64_CONST, 0, op.GLOBAL_SET, ...encodeU32(index)])
  return Uint8Array.from([0, ...copies, ...clear, op.END])
}

/** (word): bit 1 selects the global, bit 0 its half; a shift takes its count modulo 64. */
function marksBody(module: layout.ModuleLayout): Uint8Array {
  const marks = module.globals.length
  return Uint8Array.from([
    0,
    ...[op.GLOBAL_GET, ...encodeU32(marks + 1), op.GLOBAL_GET, ...encodeU32(marks)],
    ...[op.LOCAL_GET, 0, op.I32_CONST, 2, op.I32_AND, op.SELECT],
    ...[op.LOCAL_GET, 0, op.I64_EXTEND_I32_U, op.I64_CONST, 5, op.I64_SHL, op.I64_SHR_U, op.I32_WRAP_I64],
    op.END,
  ])
}

/**
 * (address, bytes): sets the bits from the first to the last. A mask of so many bits is turned to its place, so that it wraps as the
 * bits of stores do; 64 and more are all. A range beyond the end of addresses traps afterwards: any bits will do.
 */
function markRangeBody(marks: readonly Marks[]): Uint8Array {
  const [address, byteCount, bitCount] = [0, 1, 2]
  const markOne = ({ shift, global }: Marks): number[] => {
    const shiftRight = [op.I32_CONST, ...encodeSigned(shift), op.I32_SHR_U]
    return [
      // bitCount is the number of bits behind the first one.
      ...[op.LOCAL_GET, address, op.LOCAL_GET, byteCount, op.I32_ADD, op.I32_CONST, 1, op.I32_SUB, ...shiftRight],
      ...[op.LOCAL_GET, address, ...shiftRight, op.I32_SUB, op.LOCAL_SET, bitCount],
      ...[op.I64_CONST, ...encodeSigned(-1)],
      ...[op.I64_CONST, 2, op.LOCAL_GET, bitCount, op.I64_EXTEND_I32_U, op.I64_SHL, op.I64_CONST, 1, op.I64_SUB],
      ...[op.LOCAL_GET, bitCount, op.I32_CONST, ...encodeSigned(GRANULES - 1), op.I32_GE_U, op.SELECT],
      ...[op.LOCAL_GET, address, ...shiftRight, op.I64_EXTEND_I32_U, op.I64_ROTL],
      ...[op.GLOBAL_GET, ...encodeU32(global), op.I64_OR, op.GLOBAL_SET, ...encodeU32(global)],
    ]
  }
  const nothing = [op.LOCAL_GET, byteCount, op.I32_EQZ, op.IF, layout.BLOCK_VOID, op.RETURN, op.END]
  return Uint8Array.from([1, 1, layout.I32, ...nothing, ...marks.flatMap(markOne), op.END])
}
