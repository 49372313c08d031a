// A primary that says that the other site lags must have a reason, and points in time that are due must be taken. The test plays the status.
import { describe, expect, it } from 'vitest'
import {
  REMOTE_BEHIND,
  REMOTE_DATED,
  REMOTE_LOST,
  REMOTE_UP,
  STATUS_BUSY,
  STATUS_POINT_ARRIVED,
  STATUS_POINT_TAKEN,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_STATE,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import { Punctuality } from '../../host/oracle/punctuality'

const MS = 1_000_000

class Primary {
  readonly status = new Uint32Array(STATUS_WORDS)
  readonly watch: Punctuality

  constructor(mode: 'async' | 'scheduled', lagsByAge = true) {
    const inStep = mode === 'async' ? REMOTE_UP : REMOTE_DATED
    this.watch = new Punctuality({ mode, rpoNs: 100 * MS, intervalNs: 20 * MS, lagsByAge, stopsAlone: false }, inStep)
    this.says(0, { [STATUS_REMOTE_STATE]: inStep })
  }

  /** What the judge finds when the array says so at that time. */
  says(ms: number, words: Readonly<Record<number, number>>): string | null {
    for (const [word, value] of Object.entries(words)) this.status[Number(word)] = value
    return this.watch.look(this.status, ms * MS)?.found ?? null
  }
}

describe('that the other site lags behind', () => {
  it('may be said when it has lacked something for a while', () => {
    const primary = new Primary('async')
    expect(primary.says(1, { [STATUS_BUSY]: 1 })).toBeNull()
    expect(primary.says(80, { [STATUS_REMOTE_STATE]: REMOTE_BEHIND })).toBeNull()
  })

  it('may not be said right after it had everything', () => {
    const primary = new Primary('async')
    primary.says(70, { [STATUS_BUSY]: 0 })
    expect(primary.says(80, { [STATUS_BUSY]: 1, [STATUS_REMOTE_STATE]: REMOTE_BEHIND })).toMatch(
      'lacked nothing 10 ms ago',
    )
    expect(primary.says(81, {})).toBeNull()
  })

  it('may be said whenever the journal has no room, where that is the policy', () => {
    const primary = new Primary('async', false)
    primary.says(70, { [STATUS_BUSY]: 0 })
    expect(primary.says(80, { [STATUS_BUSY]: 1, [STATUS_REMOTE_STATE]: REMOTE_BEHIND })).toBeNull()
  })

  it('may be said after a boot: what was before that nobody remembers', () => {
    const primary = new Primary('scheduled')
    primary.watch.interrupted()
    const words = { [STATUS_REMOTE_STATE]: REMOTE_BEHIND, [STATUS_REMOTE_DIRTY_REGIONS]: 1 }
    expect(primary.says(10, words)).toBeNull()
  })
})

describe('a point in time that is due', () => {
  const LACKS = { [STATUS_REMOTE_DIRTY_REGIONS]: 1 }

  it('is missed when it is not taken for long', () => {
    const primary = new Primary('scheduled')
    expect(primary.says(10, LACKS)).toBeNull()
    expect(primary.says(149, LACKS)).toBeNull()
    expect(primary.says(151, LACKS)).toMatch('no point in time was taken for 141 ms')
  })

  it('is not missed when it was taken, or the one before it is on its way', () => {
    const primary = new Primary('scheduled')
    primary.says(10, LACKS)
    primary.says(100, { [STATUS_POINT_TAKEN]: 7 })
    primary.says(200, { [STATUS_REMOTE_STATE]: REMOTE_BEHIND })
    expect(primary.says(1000, {})).toBeNull()
    primary.says(1001, { [STATUS_POINT_ARRIVED]: 7 })
    expect(primary.says(1100, {})).toBeNull()
  })

  it('is not missed while the other site is lost, or lacks nothing', () => {
    const primary = new Primary('scheduled')
    primary.says(10, LACKS)
    primary.says(50, { [STATUS_REMOTE_STATE]: REMOTE_LOST })
    expect(primary.says(1000, { [STATUS_REMOTE_STATE]: REMOTE_DATED })).toBeNull()
    primary.says(1010, { [STATUS_REMOTE_DIRTY_REGIONS]: 0 })
    expect(primary.says(2000, LACKS)).toBeNull()
  })
})

describe('that the other site lags behind must be said, in mode scheduled', () => {
  const LACKS = { [STATUS_REMOTE_DIRTY_REGIONS]: 1 }
  const UNTOLD = 'does not say that the other site lags behind'

  it('when it has lacked something for long', () => {
    const primary = new Primary('scheduled')
    primary.says(10, { ...LACKS, [STATUS_POINT_TAKEN]: 7 })
    expect(primary.says(309, {})).toBeNull()
    expect(primary.says(311, {})).toMatch(UNTOLD)
    expect(primary.says(312, {})).toBeNull()
  })

  it('and has been said then', () => {
    const primary = new Primary('scheduled')
    primary.says(10, { ...LACKS, [STATUS_POINT_TAKEN]: 7 })
    primary.says(200, { [STATUS_REMOTE_STATE]: REMOTE_BEHIND })
    expect(primary.says(900, {})).toBeNull()
  })

  it('not while points arrive in time: what is lacking is younger than the last one', () => {
    const primary = new Primary('scheduled')
    primary.says(10, LACKS)
    for (let point = 1; point < 20; point++) {
      expect(primary.says(point * 100, { [STATUS_POINT_TAKEN]: point })).toBeNull()
      expect(primary.says(point * 100 + 90, { [STATUS_POINT_ARRIVED]: point })).toBeNull()
    }
    primary.says(2000, { [STATUS_POINT_TAKEN]: 20 })
    expect(primary.says(2199, {})).toBeNull()
    expect(primary.says(2201, {})).toMatch(UNTOLD)
  })

  it('not of an array whose initiators went elsewhere meanwhile, or that lacks nothing', () => {
    const primary = new Primary('scheduled')
    primary.says(10, { ...LACKS, [STATUS_POINT_TAKEN]: 7 })
    primary.watch.interrupted()
    expect(primary.says(400, {})).toBeNull()
    primary.says(500, { [STATUS_REMOTE_DIRTY_REGIONS]: 0 })
    expect(primary.says(2000, LACKS)).toBeNull()
  })
})
