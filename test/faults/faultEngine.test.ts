import { describe, expect, it } from 'vitest'
import { EVENT_BITMAP_DONE } from '../../assembly/abi/events'
import {
  OPERATOR_DEMOTE,
  OPERATOR_DISCARD,
  OPERATOR_POINT,
  OPERATOR_PROMOTE,
  OPERATOR_PROMOTE_FORCED,
} from '../../assembly/abi/operator'
import {
  EVENT_CODES,
  EVENT_DRIVE_FLUSH,
  EVENT_DRIVE_WRITE,
  EVENT_HOST_ACK,
  eventCodeOf,
} from '../../host/faults/eventNames'
import { FaultEngine, type FaultTarget, type PowerCutAction } from '../../host/faults/faultEngine'
import { FaultFilter } from '../../host/faults/faultFilter'
import type { FaultAction, FaultSpec, LinkFaultAction, Trigger } from '../../host/faults/faultSpec'

class Recorder implements FaultTarget {
  readonly calls: string[] = []
  constructor(readonly hasTwoSites = true) {}
  readonly filters = [0, 1].map((driveId) => new FaultFilter({ seed: 1, driveId, sectorBytes: 512, sectorCount: 1000 }))

  powerCut({ durationNs, tearSector }: PowerCutAction): void {
    this.calls.push(`power-cut ${durationNs} ${tearSector}`)
  }
  loseNvram(content: string): void {
    this.calls.push(`nvram-loss ${content}`)
  }
  pull(bay: number): boolean {
    this.calls.push(`pull ${bay}`)
    return bay < 2
  }
  insert(bay: number, drive: string): boolean {
    this.calls.push(`insert ${bay} ${drive}`)
    return bay < 2
  }
  operate(request: number, bay: number): boolean {
    this.calls.push(`operate ${request} ${bay}`)
    return bay < 2
  }
  siteLoss(site: string, durationNs: number): boolean {
    this.calls.push(`site-loss ${site} ${durationNs}`)
    return this.hasTwoSites
  }
  failover(): boolean {
    this.calls.push('failover')
    return this.hasTwoSites
  }
  operateAt(site: string, request: number): boolean {
    this.calls.push(`operate at ${site} ${request}`)
    return this.hasTwoSites
  }
  linkFault(action: LinkFaultAction): boolean {
    this.calls.push(`${action.kind} ${action.direction}`)
    return this.hasTwoSites
  }
  filterOf(bay: number): FaultFilter | null {
    return this.filters[bay] ?? null
  }
  driveLbaOf(lunLba: number): number {
    return lunLba === 999 ? -1 : lunLba + 100
  }
}

const PULL: FaultAction = { kind: 'pull', bay: 1 }
const fault = (action: FaultAction, trigger: Trigger, name = 'f'): FaultSpec => ({ name, action, trigger })
const nthWrite = (n: number, filter = {}): Trigger => ({ kind: 'nth', n, event: 'drive-write', filter })

function started(
  specs: FaultSpec[],
  seed = 1,
  nowNs = 0,
  target = new Recorder(),
): { engine: FaultEngine; target: Recorder } {
  const engine = new FaultEngine(specs, seed)
  engine.start(target, nowNs)
  return { engine, target }
}

describe('event names', () => {
  it('have distinct numbers, the trace codes for what the microcode says', () => {
    expect(new Set(EVENT_CODES.values()).size).toBe(EVENT_CODES.size)
    expect(eventCodeOf('microcode:bitmap-done')).toBe(EVENT_BITMAP_DONE)
    expect(() => eventCodeOf('microcode:no-such-thing')).toThrow('must be known')
  })
})

describe('triggers', () => {
  it('at the n-th matching event, once', () => {
    const { engine, target } = started([fault(PULL, nthWrite(3))])
    expect(engine.interested[EVENT_DRIVE_WRITE]).toBe(1)
    expect(engine.interested[EVENT_HOST_ACK]).toBe(0)
    for (let i = 1; i <= 6; i++) {
      engine.observe(EVENT_DRIVE_WRITE, 0, 0, 1, i)
      expect(target.calls).toHaveLength(i < 3 ? 0 : 1)
    }
    expect(engine.strikes).toEqual([{ timeNs: 3, text: 'f: the drive in bay 1 is pulled' }])
    expect(engine.interested[EVENT_DRIVE_WRITE]).toBe(0)
  })

  it('count only what the filter lets through', () => {
    const { engine, target } = started([fault(PULL, nthWrite(1, { bay: 1, lbaFirst: 10, lbaLast: 19 }))])
    engine.observe(EVENT_DRIVE_WRITE, 0, 10, 8, 0)
    engine.observe(EVENT_DRIVE_WRITE, 1, 2, 8, 0)
    engine.observe(EVENT_DRIVE_WRITE, 1, 20, 8, 0)
    engine.observe(EVENT_DRIVE_FLUSH, 1, 0, 0, 0)
    expect(target.calls).toEqual([])
    engine.observe(EVENT_DRIVE_WRITE, 1, 3, 8, 0)
    expect(target.calls).toEqual(['pull 1'])
  })

  it('with an LBA never match an event without sectors', () => {
    const flush: Trigger = { kind: 'nth', n: 1, event: 'drive-flush', filter: { lbaFirst: 0, lbaLast: 9 } }
    const { engine, target } = started([fault(PULL, flush)])
    engine.observe(EVENT_DRIVE_FLUSH, 1, 5, 0, 0)
    expect(target.calls).toEqual([])
  })

  it('by time are appointments from the start of the workload', () => {
    const { engine, target } = started([fault(PULL, { kind: 'at', timeNs: 30 })], 1, 1000)
    expect(engine.timed()).toEqual([{ timeNs: 1030, index: 0 }])
    engine.strike(0, 1030)
    expect(target.calls).toEqual(['pull 1'])
  })

  it('at the start strike before any event', () => {
    const { target } = started([fault(PULL, { kind: 'start' })])
    expect(target.calls).toEqual(['pull 1'])
  })

  it('by rate strike about as often as the ratio says, at most so often as the limit, equally for equal seeds', () => {
    const rate = (limit: number): Trigger => ({
      kind: 'rate',
      rate: { numerator: 1, denominator: 20 },
      event: 'drive-write',
      filter: {},
      limit,
    })
    const times = (seed: number, limit: number, others: FaultSpec[] = []) => {
      const { engine } = started([fault(PULL, rate(limit), 'r'), ...others], seed)
      for (let i = 0; i < 4000; i++) engine.observe(EVENT_DRIVE_WRITE, 0, 0, 1, i)
      return engine.strikes.filter(({ text }) => text.startsWith('r:')).map(({ timeNs }) => timeNs)
    }
    const free = times(1, Number.POSITIVE_INFINITY)
    expect(free.length).toBeGreaterThan(140)
    expect(free.length).toBeLessThan(260)
    expect(times(1, 3)).toEqual(free.slice(0, 3))
    expect(times(2, 3)).not.toEqual(free.slice(0, 3))
    // Another fault with draws of its own moves none of these.
    expect(times(1, 3, [fault(PULL, rate(100), 's')])).toEqual(free.slice(0, 3))
  })

  it('two of one event strike both', () => {
    const { engine, target } = started([
      fault(PULL, nthWrite(1)),
      fault({ kind: 'insert', bay: 0, drive: 'new' }, nthWrite(1)),
    ])
    engine.observe(EVENT_DRIVE_WRITE, 0, 0, 1, 0)
    expect(target.calls).toEqual(['pull 1', 'insert 0 new'])
  })
})

describe('faults', () => {
  it('of an operator are requests; nobody to take one is told', () => {
    const at: Trigger = { kind: 'start' }
    const { engine, target } = started([
      fault({ kind: 'operator-scrub' }, at),
      fault({ kind: 'operator-detach', bay: 1 }, at),
      fault({ kind: 'operator-attach', bay: 5 }, at),
      fault({ kind: 'operator-stop' }, at),
    ])
    expect(target.calls).toEqual(['operate 1 0', 'operate 2 1', 'operate 3 5', 'operate 4 0'])
    expect(engine.missed.map(({ text }) => text)).toEqual([
      'did not strike at 0 ns (no microcode runs that takes requests of an operator): f: an operator attaches the drive in bay 5',
    ])
  })

  it('of a drive reach the filter of the drive in the bay, at the place that the LUN sector has there', () => {
    const at: Trigger = { kind: 'start' }
    const { engine, target } = started([
      fault({ kind: 'latent-sector-error', bay: 0, range: { lunLba: 5, sectors: 2 } }, at),
      fault({ kind: 'latent-sector-error', bay: 1, range: { lba: 5, sectors: 1 } }, at),
      fault({ kind: 'hang', bay: 1, durationNs: 10 }, at),
    ])
    expect(target.filters[0]!.firstUnreadable(0, 1000)).toBe(105)
    expect(target.filters[1]!.firstUnreadable(0, 1000)).toBe(5)
    expect(target.filters[1]!.hungSince(9)).toBe(true)
    expect(engine.strikes[0]!.text).toBe('f: the drive in bay 0 cannot read sectors 105 to 106 (LUN sector 5) any more')
  })

  it('that cannot strike are told, not dropped', () => {
    const at: Trigger = { kind: 'start' }
    const { engine } = started([
      fault({ kind: 'pull', bay: 5 }, at),
      fault({ kind: 'hang', bay: 5, durationNs: 1 }, at),
      fault({ kind: 'bit-rot', bay: 0, bits: 1, range: { lunLba: 999, sectors: 1 } }, at),
    ])
    expect(engine.strikes).toEqual([])
    expect(engine.missed.map(({ text }) => text)).toEqual([
      'did not strike at 0 ns (the bay is empty): f: the drive in bay 5 is pulled',
      'did not strike at 0 ns (the bay is empty): f: the drive in bay 5 hangs for 1 ns',
      expect.stringContaining('the array does not say where this sector of the LUN lies'),
    ])
  })

  it('all have words', () => {
    const range = { lba: 1, sectors: 2 }
    const actions: FaultAction[] = [
      { kind: 'power-cut', durationNs: 1_000_000, tearSector: true, survival: null, final: false, late: -1 },
      { kind: 'transient-read-error', bay: 0, count: 1 },
      { kind: 'transient-write-error', bay: 0, count: 2 },
      { kind: 'write-error', bay: 0, range, count: Number.POSITIVE_INFINITY },
      { kind: 'write-error', bay: 0, range: null, count: 1 },
      { kind: 'fail-slow', bay: 0, factor: 10, durationNs: Number.POSITIVE_INFINITY },
      { kind: 'torn-write', bay: 0, count: 1 },
      { kind: 'lost-write', bay: 0, count: 1 },
      { kind: 'misdirected-write', bay: 0, count: 1, offsetSectors: -8 },
      { kind: 'bit-rot', bay: 0, range, bits: 2 },
      { kind: 'ignored-flush', bay: 0, durationNs: 5 },
      { kind: 'failing-flush', bay: 0, count: 3 },
    ]
    const { engine } = started(actions.map((action) => fault(action, { kind: 'start' })))
    expect(engine.missed).toEqual([])
    expect(engine.strikes.map(({ text }) => text.slice(3)).join('\n')).toMatchInlineSnapshot(`
      "power fails for 1 ms, and tears a sector of a write in progress
      the drive in bay 0 aborts the next read
      the drive in bay 0 aborts the next 2 writes
      the drive in bay 0 refuses every write to sectors 1 to 2
      the drive in bay 0 refuses the next write
      the drive in bay 0 is 10 times slower from now on
      the drive in bay 0 tears a sector of the next write
      the drive in bay 0 loses the next write
      the drive in bay 0 stores the next write 8 sectors before where it belongs
      the drive in bay 0 has 2 flipped bits in sectors 1 to 2
      the drive in bay 0 ignores flushes and FUA for 5 ns
      the drive in bay 0 fails the next 3 flushes"
    `)
  })
})

describe('faults of two sites', () => {
  const FOREVER = Number.POSITIVE_INFINITY
  const ACTIONS: FaultAction[] = [
    { kind: 'site-loss', site: 'a', durationNs: FOREVER },
    { kind: 'site-loss', site: 'b', durationNs: 1_000_000 },
    { kind: 'failover' },
    { kind: 'operator-promote', site: 'b', force: false },
    { kind: 'operator-promote', site: 'b', force: true },
    { kind: 'operator-demote', site: 'a' },
    { kind: 'operator-discard', site: 'a' },
    { kind: 'operator-point', site: 'a' },
    { kind: 'link-cut', direction: 'both', durationNs: FOREVER },
    { kind: 'link-stall', direction: 'a-to-b', durationNs: 1_000_000 },
    { kind: 'link-slow', direction: 'b-to-a', factor: 10, durationNs: FOREVER },
    { kind: 'link-drop', direction: 'both', count: 1 },
    { kind: 'link-duplicate', direction: 'a-to-b', count: 1 },
    { kind: 'link-reorder', direction: 'b-to-a', count: 3 },
    { kind: 'link-corrupt', direction: 'both', count: 2 },
  ]
  const specs = ACTIONS.map((action) => fault(action, { kind: 'start' }))

  it('reach the rig, requests with their number', () => {
    const { engine, target } = started(specs)
    expect(engine.missed).toEqual([])
    expect(target.calls).toEqual([
      'site-loss a Infinity',
      'site-loss b 1000000',
      'failover',
      `operate at b ${OPERATOR_PROMOTE}`,
      `operate at b ${OPERATOR_PROMOTE_FORCED}`,
      `operate at a ${OPERATOR_DEMOTE}`,
      `operate at a ${OPERATOR_DISCARD}`,
      `operate at a ${OPERATOR_POINT}`,
      'link-cut both',
      'link-stall a-to-b',
      'link-slow b-to-a',
      'link-drop both',
      'link-duplicate a-to-b',
      'link-reorder b-to-a',
      'link-corrupt both',
    ])
    expect([...engine.kindsStruck]).toEqual([...new Set(ACTIONS.map(({ kind }) => kind))])
  })

  it('have words', () => {
    const { engine } = started(specs)
    expect(engine.strikes.map(({ text }) => text.slice(3)).join('\n')).toMatchInlineSnapshot(`
      "site a loses its power for good
      site b loses its power for 1 ms
      the initiators go to the other site, whose operator promotes it
      an operator promotes site b
      an operator promotes site b, whatever is there
      an operator demotes site a
      an operator gives up what site a has and the other one has not
      an operator asks site a for a point in time
      the link is cut for good
      the link from a to b stalls for 1 ms
      the link from b to a is 10 times slower from now on
      the link loses the next frame each way
      the link from a to b delivers the next frame twice
      the link from b to a delivers each of the next 3 frames after the one behind it
      the link flips a bit in each of the next 2 frames each way"
    `)
  })

  it('are told where there is no second site', () => {
    const { engine } = started(specs, 1, 0, new Recorder(false))
    expect(engine.strikes).toEqual([])
    expect(engine.kindsStruck.size).toBe(0)
    const reasons = engine.missed.map(({ text }) => /\((.*?)\)/.exec(text)![1])
    expect([...new Set(reasons)]).toEqual([
      'there is no such site',
      'the other site is not there, or it has not caught up since the initiators left it',
      'no microcode runs there that takes requests of an operator, or it is asked to give up what the initiators use',
      'there is no link',
    ])
    expect(reasons).toHaveLength(ACTIONS.length)
  })
})
