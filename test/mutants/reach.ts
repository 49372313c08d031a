// Which functions of a module can run at all when only some of its exports are called. What is not among them (the runtime's
// allocator, the front panel) cannot change what the array does, and a mutant of it says nothing about the tests.
import * as op from '../../host/controller/wasm/instructions'
import * as layout from '../../host/controller/wasm/moduleLayout'

/**
 * Indices, imported functions included. Followed are direct calls and ref.func; an indirect call reaches every function that an element
 * segment names, whatever its type: more than can happen, never less. The start function always runs.
 */
export function functionsReachableFrom(bytes: Uint8Array, exportNames: readonly string[]): Set<number> {
  const module = layout.readModule(bytes)
  const reached = new Set<number>()
  const waiting = module.start === null ? [] : [module.start]
  for (const name of exportNames) {
    const found = module.exports.find((entry) => entry.name === name && entry.kind === layout.KIND_FUNCTION)
    if (!found) throw new Error(`no exported function ${name}`)
    waiting.push(found.index)
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    const body = module.bodies[next - module.importedFunctionCount]
    if (!body) continue
    for (const { opcode, operands } of layout.instructionsOf(module, body)) {
      if (opcode === op.CALL || opcode === op.RETURN_CALL || opcode === op.REF_FUNC) waiting.push(operands[0])
      else if (opcode === op.CALL_INDIRECT || opcode === op.RETURN_CALL_INDIRECT)
        waiting.push(...module.elementFunctions)
    }
  }
  return reached
}

/** The exported functions but for those of the front panel and of the runtime: what an array does begins there. */
export function entryExports(bytes: Uint8Array): string[] {
  const functions = layout.readModule(bytes).exports.filter(({ kind }) => kind === layout.KIND_FUNCTION)
  return functions.map(({ name }) => name).filter((name) => !/^(panel|__)/.test(name))
}
