// The instructions of a WebAssembly function body or constant expression, one after the other (core specification 2.0, section 5.4).
//
// Known: the first edition, sign extension, saturating truncation, bulk memory, multiple values, references, tail calls, SIMD (0xfd).
// Not known: relaxed SIMD, threads (0xfe), exceptions, garbage collection, several memories; these throw UnsupportedWasm.
// Code is walked, not validated: that is the engine's business.
import { Reader, UnsupportedWasm } from './binary'

export const UNREACHABLE = 0x00
export const BLOCK = 0x02
export const LOOP = 0x03
export const IF = 0x04
export const END = 0x0b
export const BR_IF = 0x0d
export const RETURN = 0x0f
export const CALL = 0x10
export const CALL_INDIRECT = 0x11
export const RETURN_CALL = 0x12
export const RETURN_CALL_INDIRECT = 0x13
export const DROP = 0x1a
export const SELECT = 0x1b
export const SELECT_TYPED = 0x1c
export const LOCAL_GET = 0x20
export const LOCAL_SET = 0x21
export const LOCAL_TEE = 0x22
export const GLOBAL_GET = 0x23
export const GLOBAL_SET = 0x24
export const TABLE_SET = 0x26
export const I32_STORE = 0x36
export const I64_STORE32 = 0x3e
export const I32_CONST = 0x41
export const I64_CONST = 0x42
export const F32_CONST = 0x43
export const F64_CONST = 0x44
export const I32_EQZ = 0x45
export const I32_GE_U = 0x4f
export const I32_ADD = 0x6a
export const I32_SUB = 0x6b
export const I32_AND = 0x71
export const I32_SHR_U = 0x76
export const I64_SUB = 0x7d
export const I64_OR = 0x84
export const I64_SHL = 0x86
export const I64_SHR_U = 0x88
export const I64_ROTL = 0x89
export const I32_WRAP_I64 = 0xa7
export const I64_EXTEND_I32_U = 0xad
export const REF_NULL = 0xd0
export const REF_FUNC = 0xd2
/** Instructions behind the prefix 0xfc: prefix * 256 + number. */
export const MEMORY_INIT = 0xfc08
export const DATA_DROP = 0xfc09
export const MEMORY_COPY = 0xfc0a
export const MEMORY_FILL = 0xfc0b
export const TABLE_INIT = 0xfc0c
export const ELEM_DROP = 0xfc0d
export const TABLE_COPY = 0xfc0e
export const TABLE_GROW = 0xfc0f
export const TABLE_FILL = 0xfc11

/** Those behind 0xfd, in the same way. */
export const V128_CONST = 0xfd0c
export const V128_STORE = 0xfd0b
export const V128_STORE8_LANE = 0xfd58
export const V128_STORE64_LANE = 0xfd5b

const PREFIX_BULK = 0xfc
const PREFIX_SIMD = 0xfd
/** The last number that is given behind it in edition 2.0. */
const SIMD_MAX = 0xff

export interface Instruction {
  /** 0x00 to 0xd2, or 0xfc00 or 0xfd00 plus the number behind the prefix. */
  readonly opcode: number
  /** Of its first byte, in the bytes that were walked. */
  readonly offset: number
  /** Of all of it, in bytes. */
  readonly length: number
  /**
   * In the order of the binary. A block has its type (-64: none); br_table its labels, the default last; a load or store its
   * alignment and offset; i32.const its value. The values of i64.const (constantOf), of floats and vectors, and lanes are left out.
   */
  readonly operands: readonly number[]
}

/** What follows an opcode. */
type Operands =
  | 'none'
  | 'block'
  | 'index'
  | 'two'
  | 'labels'
  | 'types'
  | 'memory'
  | 'lane'
  | 'memory and lane'
  | 'vector'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'heap'

/** First and last opcode of each run that is followed by the same. */
const OPERANDS: readonly (readonly [number, number, Operands])[] = [
  [UNREACHABLE, 0x01, 'none'],
  [BLOCK, IF, 'block'],
  [0x05, 0x05, 'none'],
  [END, END, 'none'],
  [0x0c, BR_IF, 'index'],
  [0x0e, 0x0e, 'labels'],
  [RETURN, RETURN, 'none'],
  [CALL, CALL, 'index'],
  [CALL_INDIRECT, CALL_INDIRECT, 'two'],
  [RETURN_CALL, RETURN_CALL, 'index'],
  [RETURN_CALL_INDIRECT, RETURN_CALL_INDIRECT, 'two'],
  [DROP, SELECT, 'none'],
  [SELECT_TYPED, SELECT_TYPED, 'types'],
  [LOCAL_GET, TABLE_SET, 'index'],
  [0x28, I64_STORE32, 'memory'],
  [0x3f, 0x40, 'index'],
  [I32_CONST, I32_CONST, 'i32'],
  [I64_CONST, I64_CONST, 'i64'],
  [F32_CONST, F32_CONST, 'f32'],
  [F64_CONST, F64_CONST, 'f64'],
  [I32_EQZ, 0xc4, 'none'],
  [REF_NULL, REF_NULL, 'heap'],
  [0xd1, 0xd1, 'none'],
  [REF_FUNC, REF_FUNC, 'index'],
  [0xfc00, 0xfc07, 'none'],
  [MEMORY_INIT, MEMORY_INIT, 'two'],
  [DATA_DROP, DATA_DROP, 'index'],
  [MEMORY_COPY, MEMORY_COPY, 'two'],
  [MEMORY_FILL, MEMORY_FILL, 'index'],
  [TABLE_INIT, TABLE_INIT, 'two'],
  [ELEM_DROP, ELEM_DROP, 'index'],
  [TABLE_COPY, TABLE_COPY, 'two'],
  [TABLE_GROW, TABLE_FILL, 'index'],
  [0xfd00, V128_STORE, 'memory'],
  [0xfd0c, 0xfd0d, 'vector'],
  [0xfd0e, 0xfd14, 'none'],
  [0xfd15, 0xfd22, 'lane'],
  [0xfd23, 0xfd53, 'none'],
  [0xfd54, V128_STORE64_LANE, 'memory and lane'],
  [0xfd5c, 0xfd5d, 'memory'],
  [0xfd5e, 0xfdff, 'none'],
]

const OPERANDS_OF = new Map<number, Operands>()
for (const [first, last, operands] of OPERANDS) {
  for (let opcode = first; opcode <= last; opcode++) OPERANDS_OF.set(opcode, operands)
}

/** A memory operand with this bit in its alignment names one of several memories. */
const ALIGNMENT_MAX = 0x3f

/** Reads instructions up to and including the `end` that matches no block; the reader then stands behind it. */
export function readExpression(reader: Reader): Instruction[] {
  const instructions: Instruction[] = []
  let depth = 0
  for (;;) {
    const instruction = readInstruction(reader)
    instructions.push(instruction)
    const { opcode } = instruction
    if (opcode >= BLOCK && opcode <= IF) depth++
    else if (opcode === END && depth-- === 0) return instructions
  }
}

export function readInstruction(reader: Reader): Instruction {
  const offset = reader.at
  let opcode = reader.byte()
  if (opcode === PREFIX_BULK) opcode = PREFIX_BULK * 256 + reader.u32()
  else if (opcode === PREFIX_SIMD) opcode = PREFIX_SIMD * 256 + Math.min(reader.u32(), SIMD_MAX + 0x100)
  const kind = OPERANDS_OF.get(opcode)
  if (kind === undefined) throw new UnsupportedWasm(`byte ${offset}: instruction 0x${opcode.toString(16)}`)
  const operands = readOperands(reader, kind)
  return { opcode, offset, length: reader.at - offset, operands }
}

function readOperands(reader: Reader, kind: Operands): number[] {
  switch (kind) {
    case 'none':
      return []
    case 'index':
      return [reader.u32()]
    case 'two':
      return [reader.u32(), reader.u32()]
    case 'memory':
      return readMemoryOperand(reader)
    case 'memory and lane': {
      const operands = readMemoryOperand(reader)
      reader.skip(1)
      return operands
    }
    case 'lane':
      reader.skip(1)
      return []
    case 'vector':
      reader.skip(16)
      return []
    case 'block':
    case 'heap':
    case 'i32':
      return [reader.s33()]
    case 'labels':
      return [...reader.vector(() => reader.u32()), reader.u32()]
    case 'types':
      return reader.vector(() => reader.byte())
    case 'i64':
      reader.s64()
      return []
    case 'f32':
      reader.skip(4)
      return []
    case 'f64':
      reader.skip(8)
      return []
  }
}

function readMemoryOperand(reader: Reader): number[] {
  const alignment = reader.u32()
  if (alignment > ALIGNMENT_MAX) throw new UnsupportedWasm(`byte ${reader.at}: a load or store in a second memory`)
  return [alignment, reader.u32()]
}

export const isStore = (opcode: number): boolean =>
  (opcode >= I32_STORE && opcode <= I64_STORE32) || isVectorStore(opcode)

/** Of all 16 bytes of a vector, or of a part. */
export const isVectorStore = (opcode: number): boolean =>
  opcode === V128_STORE || (opcode >= V128_STORE8_LANE && opcode <= V128_STORE64_LANE)

/** The value of an i32.const or i64.const that was read from these bytes. */
export function constantOf(bytes: Uint8Array, constant: Instruction): bigint {
  return new Reader(bytes, constant.offset + 1).s64()
}
