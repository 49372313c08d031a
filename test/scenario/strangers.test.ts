// Two sites that refuse each other as strangers, though neither has lost what it knew.
import { describe, expect, it } from 'vitest'
import {
  ARRAY_OPTIMAL,
  REMOTE_REFUSED,
  REMOTE_SPLIT,
  STATUS_ARRAY_STATE,
  STATUS_REMOTE_STATE,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import type { Rig } from '../../host/rig/rig'
import { strangers } from '../../host/scenario/strangers'

interface Facts {
  readonly isPowered: boolean
  readonly nvramLosses: number
  readonly remoteState: number
}

const REFUSING: Facts = { isPowered: true, nvramLosses: 0, remoteState: REMOTE_REFUSED }

function siteOf({ isPowered, nvramLosses, remoteState }: Facts) {
  const status = new Uint32Array(STATUS_WORDS)
  status[STATUS_ARRAY_STATE] = ARRAY_OPTIMAL
  status[STATUS_REMOTE_STATE] = remoteState
  const controller = { isRunning: true, status, statusWord: (word: number) => status[word]! }
  return { isPowered, nvramLosses, isNvramOld: false, bays: [], controller }
}

function lawsOf(a: Partial<Facts>, b: Partial<Facts>, ups: readonly boolean[] = [true, true]): readonly string[] {
  const sites = [a, b].map((facts) => siteOf({ ...REFUSING, ...facts }))
  const rig = { sites, link: { directions: ups.map((isUp) => ({ isUp })) } }
  return strangers(rig as unknown as Rig, 7).map(({ law }) => law)
}

describe('sites that refuse each other in the end', () => {
  it('break LIVE, if one of them does and both have kept their NVRAM', () => {
    expect(lawsOf({}, {})).toEqual(['LIVE'])
    expect(lawsOf({ remoteState: REMOTE_SPLIT }, {})).toEqual(['LIVE'])
  })

  it('may do so when an NVRAM was lost', () => {
    expect(lawsOf({ nvramLosses: 1 }, {})).toEqual([])
  })

  it('say nothing while they cannot hear each other, or one has no power', () => {
    expect(lawsOf({}, {}, [true, false])).toEqual([])
    expect(lawsOf({ isPowered: false }, {})).toEqual([])
  })

  it('that say that they have gone apart wait for an operator', () => {
    expect(lawsOf({ remoteState: REMOTE_SPLIT }, { remoteState: REMOTE_SPLIT })).toEqual([])
  })
})
