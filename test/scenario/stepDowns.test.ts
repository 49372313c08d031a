// A site that an operator asks to give its LUN up does so, whatever becomes of the other site: LIVE.
import { describe, expect, it } from 'vitest'
import { OPERATOR_DEMOTE, OPERATOR_DISCARD, OPERATOR_PROMOTE, OPERATOR_SCRUB } from '../../assembly/abi/operator'
import {
  ARRAY_FAILED,
  ARRAY_OPTIMAL,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_ARRAY_STATE,
  STATUS_REMOTE_ROLE,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import type { Rig } from '../../host/rig/rig'
import { StepDowns } from '../../host/scenario/stepDowns'

function siteOf() {
  const status = new Uint32Array(STATUS_WORDS)
  status[STATUS_ARRAY_STATE] = ARRAY_OPTIMAL
  status[STATUS_REMOTE_ROLE] = ROLE_PRIMARY
  const controller = { isRunning: true, status, statusWord: (word: number) => status[word]! }
  return { isPowered: true, life: 1, bays: [], status, controller }
}

/** Site a is asked for something, and then something comes of it. */
function lawsAfter(request: number, then: (a: ReturnType<typeof siteOf>, asked: StepDowns) => void = () => undefined) {
  const sites = [siteOf(), siteOf()]
  const stepDowns = new StepDowns({ sites } as unknown as Rig)
  stepDowns.asked(0, request)
  then(sites[0]!, stepDowns)
  return stepDowns.ignored(7).map(({ law }) => law)
}

describe('a site that is asked to step down, or to give up what it has', () => {
  it('is a secondary in the end, or breaks LIVE', () => {
    for (const request of [OPERATOR_DEMOTE, OPERATOR_DISCARD]) {
      expect(lawsAfter(request)).toEqual(['LIVE'])
      expect(lawsAfter(request, ({ status }) => (status[STATUS_REMOTE_ROLE] = ROLE_SECONDARY))).toEqual([])
    }
    expect(lawsAfter(OPERATOR_SCRUB)).toEqual([])
  })

  it('need not when it was asked for something else since', () => {
    expect(lawsAfter(OPERATOR_DEMOTE, (_, stepDowns) => stepDowns.asked(0, OPERATOR_PROMOTE))).toEqual([])
  })

  it('need not when its power has failed since, or its array', () => {
    expect(lawsAfter(OPERATOR_DEMOTE, (site) => site.life++)).toEqual([])
    expect(lawsAfter(OPERATOR_DEMOTE, (site) => (site.isPowered = false))).toEqual([])
    expect(lawsAfter(OPERATOR_DEMOTE, ({ status }) => (status[STATUS_ARRAY_STATE] = ARRAY_FAILED))).toEqual([])
  })
})
