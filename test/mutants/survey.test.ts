// What the survey says of a campaign: which units come to a place, and that nothing but telling has changed.
import { describe, expect, it } from 'vitest'
import { PROGRESS_WORDS } from '../../host/controller/progressCell'
import { isValid, readBuilt } from '../controller/wasm/modules'
import { mutantsOf } from './mutate'
import { survey, tellingModule } from './survey'
import { tryMutant } from './trial'

const bytes = readBuilt('mirror')
const mutants = mutantsOf(bytes)
const offsets = [...new Set(mutants.map(({ offset }) => offset))]
const STATES = 60

const statesOf = (module: Uint8Array, known?: Int32Array): number =>
  tryMutant(
    { bytes: module, campaignSeed: 1, states: STATES, ...(known && { known }) },
    new Int32Array(PROGRESS_WORDS),
    () => {},
  ).states

describe('a survey', () => {
  it('is made with a valid module, whatever is to be told', () => {
    expect(isValid(tellingModule(bytes, offsets))).toBe(true)
  })

  it('judges the states that the module itself is judged by, and tells who comes where', () => {
    const complete = mutants.find(({ detail, functionName }) => detail === 'hal.complete' && functionName === null)!
    const units = survey(bytes, [complete.offset], 1, STATES)
    expect(units.reduce((sum, { states }) => sum + states, 0)).toBe(statesOf(bytes))
    expect(units.every(({ reached }) => reached.every((place) => place === 0))).toBe(true)
    // Commands end in every run.
    expect(units[0].reached).toEqual([0])
  })
})

describe('a trial that knows which units do not come to its place', () => {
  it('leaves them out, and counts their states', () => {
    const silent = mutants.find(({ detail }) => detail === 'hal.complete')!
    const nowhere = Int32Array.from({ length: STATES }, () => 1)
    const fate = tryMutant(
      { bytes: silent.make(), campaignSeed: 1, states: STATES, known: nowhere },
      new Int32Array(PROGRESS_WORDS),
      () => {},
    )
    expect(fate).toEqual({ kind: 'survived', states: STATES })
    const first = Int32Array.from({ length: STATES }, (_, unit) => (unit === 2 ? -1 : 1))
    expect(
      tryMutant(
        { bytes: silent.make(), campaignSeed: 1, states: STATES, known: first },
        new Int32Array(PROGRESS_WORDS),
        () => {},
      ).kind,
    ).toBe('killed')
  })
})
