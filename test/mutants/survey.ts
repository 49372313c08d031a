// Which units of a campaign come to which places of a module. A mutant goes through a unit that does not come to its place exactly as the
// unchanged module does: such a unit need not be tried, and the states that it judges are known.
//
// The places are found with a module that says where it is: in front of each place it calls the import that traces, with a code that no
// microcode has. Nobody but this file hears of that.

import type { SocketSource } from '../../host/controller/socket'
import { encodeSigned, encodeU32, replaceSections, SECTION_CODE } from '../../host/controller/wasm/binary'
import * as op from '../../host/controller/wasm/instructions'
import * as layout from '../../host/controller/wasm/moduleLayout'
import { Explorer } from '../../host/explore/explorer'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'

export interface SurveyedUnit {
  readonly states: number
  /** Indices of the places that it came to. */
  readonly reached: readonly number[]
}

const CODE_OF_FIRST_PLACE = 0x4000_0000

/** The module, telling when it is about to carry out the instruction at one of these offsets. */
export function tellingModule(bytes: Uint8Array, places: readonly number[]): Uint8Array<ArrayBuffer> {
  const module = layout.readModule(bytes)
  const functions = module.imports.filter(({ kind }) => kind === layout.KIND_FUNCTION)
  const trace = functions.findIndex(({ name }) => name === 'trace')
  if (trace < 0) throw new Error('the module does not import trace')
  const numbers = new Map(places.map((offset, place) => [offset, place]))
  const bodies = new Map<number, Uint8Array>()
  for (const [i, body] of module.bodies.entries()) {
    const edits = layout.instructionsOf(module, body).flatMap(({ offset }) => {
      const place = numbers.get(offset)
      return place === undefined ? [] : [{ offset, removedBytes: 0, inserted: callOf(trace, place) }]
    })
    if (edits.length > 0) bodies.set(i, layout.spliceBody(module, body, edits))
  }
  return replaceSections(module.sections, new Map([[SECTION_CODE, layout.writeBodies(module, bodies)]]))
}

function callOf(trace: number, place: number): number[] {
  const code = [op.I32_CONST, ...encodeSigned(CODE_OF_FIRST_PLACE + place)]
  return [...code, ...[op.I32_CONST, 0, op.I32_CONST, 0, op.I32_CONST, 0], op.CALL, ...encodeU32(trace)]
}

/** `places`: different offsets of instructions. Until so many states are judged; the unit in which they are is finished. */
export function survey(
  bytes: Uint8Array,
  places: readonly number[],
  campaignSeed: number,
  states: number,
): SurveyedUnit[] {
  const loaded = loadMicrocode(tellingModule(bytes, places))
  const reached = new Set<number>()
  const sockets: SocketSource = {
    open: (hal, progress, nowNs) => {
      const trace = (code: number, ...more: number[]): void => {
        if (code >= CODE_OF_FIRST_PLACE) reached.add(code - CODE_OF_FIRST_PLACE)
        else hal.trace!(code, ...more)
      }
      return loaded.sockets.open({ ...hal, trace: trace as (...args: number[]) => unknown }, progress, nowNs)
    },
  }
  const units: SurveyedUnit[] = []
  for (let index = 0, judged = 0; judged < states; index++) {
    const run = { kind: 'drawn', campaignSeed, index } as const
    reached.clear()
    const explorer = new Explorer({ ...exploreInput(run, { ...loaded, sockets }), slice: 0, slices: 1 })
    explorer.run()
    if (explorer.violations.length > 0)
      throw new Error(`unit ${index} of seed ${campaignSeed}: the module itself breaks a law`)
    judged += explorer.coverage.states
    units.push({ states: explorer.coverage.states, reached: [...reached].sort((a, b) => a - b) })
  }
  return units
}
