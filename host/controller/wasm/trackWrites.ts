// The body of one function, with a note before each write to memory of where it goes (resettable.ts says what for). Appends locals,
// where it needs some, to hold the operands meanwhile; adds no block, so that labels keep their meaning.
import { encodeSigned, encodeU32 } from './binary'
import * as op from './instructions'
import {
  type Body,
  type Edit,
  F32,
  F64,
  I32,
  I64,
  type ModuleLayout,
  spliceBody,
  typeOfFunction,
  V128,
} from './moduleLayout'

/** An i64 global in which bit ((address >> shift) mod 64) is set for what is written. */
export interface Marks {
  readonly shift: number
  readonly global: number
}

export interface Tracking {
  readonly marks: readonly Marks[]
  /** The function (address, bytes) that sets all these bits for a range. */
  readonly markRange: number
}

/** Locals of a function, appended when first asked for. */
class Scratch {
  readonly types: number[] = []
  readonly #indices = new Map<string, number>()

  constructor(readonly firstIndex: number) {}

  /** The operand of local.get, for a local with this name and type. */
  local(name: string, type: number): number[] {
    const key = `${name}:${type}`
    let index = this.#indices.get(key)
    if (index === undefined) {
      index = this.firstIndex + this.types.length
      this.types.push(type)
      this.#indices.set(key, index)
    }
    return encodeU32(index)
  }
}

/** The new entry of the code section, without its size, or null where nothing is written to memory. */
export function trackWrites(
  module: ModuleLayout,
  body: Body,
  instructions: readonly op.Instruction[],
  tracking: Tracking,
): Uint8Array | null {
  const ownCount = body.localGroups.reduce((sum, { count }) => sum + count, 0)
  const scratch = new Scratch(typeOfFunction(module, body.functionIndex).parameters.length + ownCount)
  const edits: Edit[] = []
  for (const { opcode, offset, operands } of instructions) {
    if (op.isStore(opcode))
      edits.push({ offset, removedBytes: 0, inserted: noteStore(opcode, operands[1], scratch, tracking) })
    else if (isBulkWrite(opcode)) edits.push({ offset, removedBytes: 0, inserted: noteBulk(scratch, tracking) })
  }
  if (edits.length === 0) return null
  return spliceBody(module, body, edits, scratch.types)
}

const isBulkWrite = (opcode: number): boolean =>
  opcode === op.MEMORY_INIT || opcode === op.MEMORY_COPY || opcode === op.MEMORY_FILL

/** On the stack: address, value. */
function noteStore(opcode: number, addressOffset: number, scratch: Scratch, tracking: Tracking): number[] {
  const value = scratch.local('value', typeOfStored(opcode))
  const address = scratch.local('address', I32)
  // i32.const takes the offset, which is unsigned, by its bits. An address that wraps around is one that traps.
  const effective = addressOffset === 0 ? [] : [op.I32_CONST, ...encodeSigned(addressOffset | 0), op.I32_ADD]
  const mark = ({ shift, global }: Marks): number[] => [
    // i64.shl takes its count modulo 64.
    ...[op.I64_CONST, 1, op.LOCAL_GET, ...address, ...effective],
    ...[op.I32_CONST, ...encodeSigned(shift), op.I32_SHR_U, op.I64_EXTEND_I32_U, op.I64_SHL],
    ...[op.GLOBAL_GET, ...encodeU32(global), op.I64_OR, op.GLOBAL_SET, ...encodeU32(global)],
  ]
  return [
    ...[op.LOCAL_SET, ...value, op.LOCAL_SET, ...address],
    ...tracking.marks.flatMap(mark),
    ...[op.LOCAL_GET, ...address, op.LOCAL_GET, ...value],
  ]
}

/** On the stack: where to, what (a byte, or where from), how many bytes. */
function noteBulk(scratch: Scratch, tracking: Tracking): number[] {
  const address = scratch.local('address', I32)
  const what = scratch.local('value', I32)
  const byteCount = scratch.local('byteCount', I32)
  return [
    ...[op.LOCAL_SET, ...byteCount, op.LOCAL_SET, ...what, op.LOCAL_TEE, ...address],
    ...[op.LOCAL_GET, ...byteCount, op.CALL, ...encodeU32(tracking.markRange)],
    ...[op.LOCAL_GET, ...address, op.LOCAL_GET, ...what, op.LOCAL_GET, ...byteCount],
  ]
}

/** Section 5.4.6 (and 5.4.8 for vectors): 0x36 i32, 0x37 i64, 0x38 f32, 0x39 f64, then parts of i32 (2) and of i64 (3). */
function typeOfStored(opcode: number): number {
  if (op.isVectorStore(opcode)) return V128
  return [I32, I64, F32, F64, I32, I32, I64, I64, I64][opcode - op.I32_STORE]
}
