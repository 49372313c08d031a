// Mechanical mutants of a WebAssembly module: each one a small change that compiles, of the kind that a tired programmer makes. Tests
// that pass on a mutant have not looked there. Running them is somebody else's work.
//
// Kinds, each one change at one instruction:
//   drop-call       a call of an imported function is left out; its result is zero
//   negate-branch   the condition of a br_if, an if or a select is turned round
//   drop-store      a store, or a memory.fill, copy or init, is left out
//   off-by-one      an integer constant is one more
// Not here: mutants that change what a module is (imports, exports, data), and any promise that a mutant differs in what it does.
import { encodeSigned, Reader, replaceSections, SECTION_CODE } from '../../host/controller/wasm/binary'
import * as op from '../../host/controller/wasm/instructions'
import * as layout from '../../host/controller/wasm/moduleLayout'
import { RandomStream } from '../../host/sim/random'

export const MUTANT_KINDS = ['drop-call', 'negate-branch', 'drop-store', 'off-by-one'] as const
export type MutantKind = (typeof MUTANT_KINDS)[number]

export interface Mutant {
  /** `negate-branch:f37:+0x1a2`: kind, function, and place behind the start of the function's entry. The same for the same bytes. */
  readonly id: string
  readonly kind: MutantKind
  /** Among all functions of the module, the imported ones counted first. */
  readonly functionIndex: number
  /** From the name section, if there is one. */
  readonly functionName: string | null
  /** Of the changed instruction, in the module. */
  readonly offset: number
  /** What was changed: `4 -> 5`, `address + 1`, `hal.complete`, `opcode 0x36`. */
  readonly detail: string
  /** The mutated module. */
  make(): Uint8Array<ArrayBuffer>
}

export interface MutantOptions {
  readonly kinds?: readonly MutantKind[]
  /** Only in these functions. Default: all. */
  readonly functions?: ReadonlySet<number>
  /** Names by function index, for a module without a name section. */
  readonly names?: ReadonlyMap<number, string>
}

interface Change {
  readonly kind: MutantKind
  readonly detail: string
  readonly removedBytes: number
  readonly inserted: readonly number[]
}

/** Constants from here up to the size of the memory look like addresses: every other one is left alone. */
const ADDRESS_MIN = 4096
const PAGE_BYTES = 65536

/** All mutants, in the order of the code. */
export function mutantsOf(bytes: Uint8Array, options: MutantOptions = {}): Mutant[] {
  const module = layout.readModule(bytes)
  const { kinds = MUTANT_KINDS, functions, names = functionNames(bytes) } = options
  return module.bodies.flatMap((body, i) => {
    const { functionIndex, start } = body
    if (functions && !functions.has(functionIndex)) return []
    return layout.instructionsOf(module, body).flatMap((instruction) => {
      const change = changeOf(module, instruction, instruction.offset - start + 65537 * functionIndex)
      if (change === null || !kinds.includes(change.kind)) return []
      const { kind, detail, removedBytes, inserted } = change
      const { offset } = instruction
      const id = `${kind}:f${functionIndex}:+0x${(offset - start).toString(16)}`
      const make = (): Uint8Array<ArrayBuffer> => {
        const changed = layout.spliceBody(module, body, [{ offset, removedBytes, inserted }])
        const code = layout.writeBodies(module, new Map([[i, changed]]))
        return replaceSections(module.sections, new Map([[SECTION_CODE, code]]))
      }
      return [{ id, kind, functionIndex, functionName: names.get(functionIndex) ?? null, offset, detail, make }]
    })
  })
}

/** At most one: the kinds exclude each other. `salt` decides, always alike, which addresses are left alone. */
function changeOf(module: layout.ModuleLayout, instruction: op.Instruction, salt: number): Change | null {
  const { opcode, operands, length } = instruction
  const detail = `opcode 0x${opcode.toString(16)}`
  if (opcode === op.CALL && operands[0] < module.importedFunctionCount) {
    const { parameters, results } = layout.typeOfFunction(module, operands[0])
    const inserted = [...parameters.map(() => op.DROP), ...results.flatMap(layout.zeroOf)]
    return { kind: 'drop-call', detail: importName(module, operands[0]), removedBytes: length, inserted }
  }
  if (opcode === op.BR_IF || opcode === op.IF || opcode === op.SELECT || opcode === op.SELECT_TYPED) {
    return { kind: 'negate-branch', detail, removedBytes: 0, inserted: [op.I32_EQZ] }
  }
  if (op.isStore(opcode)) return { kind: 'drop-store', detail, removedBytes: length, inserted: [op.DROP, op.DROP] }
  if (opcode === op.MEMORY_FILL || opcode === op.MEMORY_COPY || opcode === op.MEMORY_INIT) {
    return { kind: 'drop-store', detail, removedBytes: length, inserted: [op.DROP, op.DROP, op.DROP] }
  }
  if (opcode === op.I32_CONST || opcode === op.I64_CONST) {
    const value = op.constantOf(module.bytes, instruction)
    const isAddress = opcode === op.I32_CONST && looksLikeAddress(module, value)
    if (isAddress && isOdd(salt)) return null
    const next = BigInt.asIntN(opcode === op.I32_CONST ? 32 : 64, value + 1n)
    return {
      kind: 'off-by-one',
      detail: isAddress ? 'address + 1' : `${value} -> ${next}`,
      removedBytes: length,
      inserted: [opcode, ...encodeSigned(next)],
    }
  }
  return null
}

function importName(module: layout.ModuleLayout, functionIndex: number): string {
  const found = module.imports.filter(({ kind }) => kind === layout.KIND_FUNCTION)[functionIndex]
  return `${found.module}.${found.name}`
}

const looksLikeAddress = (module: layout.ModuleLayout, value: bigint): boolean =>
  value >= ADDRESS_MIN && value < (module.memories[0]?.min ?? 0) * PAGE_BYTES

/** Of a well-mixed hash: the numbers themselves have a rhythm. */
const isOdd = (salt: number): boolean => ((Math.imul(salt, 0x9e3779b1) >>> 16) & 1) === 1

/**
 * `count` of them (or all), the same for the same seed: kinds take turns, and within a kind the function that has given the fewest so far
 * is next.
 */
export function sample(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = RandomStream.fromSeed(seed, 'mutants')
  const queues = MUTANT_KINDS.map((kind) =>
    shuffle(
      mutants.filter((mutant) => mutant.kind === kind),
      random,
    ),
  )
  const taken = new Map<number, number>()
  const chosen: Mutant[] = []
  for (let turn = 0; chosen.length < Math.min(count, mutants.length); turn++) {
    const queue = queues[turn % queues.length]
    if (queue.length === 0) continue
    const takenFrom = ({ functionIndex }: Mutant): number => taken.get(functionIndex) ?? 0
    let best = 0
    for (let i = 1; i < queue.length; i++) if (takenFrom(queue[i]) < takenFrom(queue[best])) best = i
    const [mutant] = queue.splice(best, 1)
    taken.set(mutant.functionIndex, takenFrom(mutant) + 1)
    chosen.push(mutant)
  }
  return chosen
}

function shuffle<T>(items: readonly T[], random: RandomStream): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
  }
  return shuffled
}

/** Of the name section (appendix 7.4.1, subsection 1); empty without one. */
export function functionNames(bytes: Uint8Array): Map<number, string> {
  const names = new Map<number, string>()
  const reader = layout.customSection(layout.readModule(bytes), 'name')
  while (reader && !reader.isAtEnd) {
    const subsection = reader.byte()
    const end = reader.u32() + reader.at
    if (subsection === 1) {
      const list = new Reader(reader.bytes, reader.at, end)
      list.vector(() => names.set(list.u32(), list.name()))
    }
    reader.skip(end - reader.at)
  }
  return names
}
