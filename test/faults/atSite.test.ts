// Faults of one array at either of two sites: what a scenario says, how it is told, and what it waits for.

import { describe, expect, it } from 'vitest'
import { describeFault } from '../../host/faults/describeFault'
import { EVENT_DRIVE_WRITE } from '../../host/faults/eventNames'
import { FaultEngine, type FaultTarget } from '../../host/faults/faultEngine'
import { FaultFilter } from '../../host/faults/faultFilter'
import type { FaultAction, FaultSpec } from '../../host/faults/faultSpec'
import { formatScenario } from '../../host/scenario/format'
import { parseScenario } from '../../host/scenario/parse'

const REMOTE = 'remote: {}\n'

function faultOf(fault: string, remote = REMOTE): FaultSpec {
  const parsed = parseScenario(`${remote}faults: [ { ${fault} } ]`, 'two.yaml')
  if (!parsed.ok) throw new Error(parsed.errors.map(({ found, expected }) => `${found}: ${expected}`).join('\n'))
  return parsed.scenario.faults[0]!
}

const filter = new FaultFilter({ seed: 1, driveId: 1, sectorBytes: 512, sectorCount: 1000 })

/** Notes which site each request was for. */
class Sites implements FaultTarget {
  readonly calls: string[] = []
  readonly #call = (...what: unknown[]): true => {
    this.calls.push(what.join(' '))
    return true
  }
  powerCut = ({ site }: { site?: string }): void => void this.#call('power-cut', site)
  loseNvram = (_content: string, site?: string): void => void this.#call('nvram-loss', site)
  pull = (bay: number, site?: string): boolean => this.#call('pull', bay, site)
  insert = (bay: number, _drive: string, site?: string): boolean => this.#call('insert', bay, site)
  operate = (_request: number, bay: number, site?: string): boolean => this.#call('operate', bay, site)
  siteLoss = (): boolean => true
  failover = (): boolean => true
  operateAt = (): boolean => true
  linkFault = (): boolean => true
  filterOf = (bay: number, site?: string): FaultFilter => {
    this.#call('filter', bay, site)
    return filter
  }
  driveLbaOf = (lunLba: number, site?: string): number => {
    this.#call('place', site)
    return lunLba
  }
}

const OF_ONE_ARRAY = [
  ['pull: { site: b, bay: 1 }', 'pull 1 b', 'the drive in bay 1 of site b is pulled'],
  ['insert: { site: b, bay: 1, drive: new }', 'insert 1 b', 'a new drive is inserted into bay 1 of site b'],
  ['operator-detach: { site: b, bay: 0 }', 'operate 0 b', 'an operator detaches the drive in bay 0 of site b'],
  ['operator-scrub: { site: b }', 'operate 0 b', 'an operator asks for a scrub at site b'],
  ['power-cut: { site: b }', 'power-cut b', 'power fails at site b for 1 s'],
  [
    'nvram-loss: { site: b, content: old }',
    'nvram-loss b',
    'the battery of the NVRAM at site b is empty: the next power cut leaves what was there when power came last in it',
  ],
  ['hang: { site: b, bay: 1 }', 'filter 1 b', 'the drive in bay 1 of site b hangs until its power is cycled'],
  [
    'latent-sector-error: { site: b, bay: 0, lunLba: 7 }',
    'place b',
    /^the drive in bay 0 of site b cannot read sector 7/,
  ],
  ['lost-write: { site: b, bay: 0 }', 'filter 0 b', 'the drive in bay 0 of site b loses the next write'],
] as const

describe('a fault of one array', () => {
  it.each(OF_ONE_ARRAY)('%s strikes there, and is told so', (fault, call, text) => {
    const spec = faultOf(`${fault}, at: start`)
    const target = new Sites()
    const engine = new FaultEngine([spec], 1)
    engine.start(target, 0)
    expect(target.calls).toContain(call)
    expect(describeFault(spec.action, 7)).toMatch(text)
    expect(engine.strikes[0]!.text).toContain(describeFault(spec.action, 7))
  })

  it('that names no site is what it was where there was one', () => {
    const action: FaultAction = { kind: 'pull', bay: 1 }
    for (const remote of ['', REMOTE]) {
      expect(faultOf('pull: { bay: 1 }, at: start', remote)).toEqual({
        name: 'pull in bay 1',
        action,
        trigger: { kind: 'start' },
      })
    }
    expect(describeFault(action, -1)).toBe('the drive in bay 1 is pulled')
  })

  it('is called by its site, too, and written down with it', () => {
    const fault = 'pull: { site: b, bay: 1 }, after: { event: drive-write, site: b, bay: 0 }'
    expect(faultOf(fault).name).toBe('pull in bay 1 of site b')
    const parsed = parseScenario(`${REMOTE}faults: [ { ${fault} } ]`, 'two.yaml')
    const text = parsed.ok ? formatScenario(parsed.scenario) : ''
    const again = parseScenario(text, 'two.yaml')
    expect(again.ok && again.scenario.faults).toEqual(parsed.ok && parsed.scenario.faults)
    expect(text.match(/site: b/g)).toHaveLength(2)
  })

  it.each([
    'pull: { site: b, bay: 1 }, at: start',
    'pull: { site: a, bay: 1 }, at: start',
    'pull: { bay: 1 }, after: { event: drive-write, site: b }',
    'pull: { bay: 1 }, rate: { event: drive-write, site: b, ratio: 1/2 }',
  ])('%s: refused where the scenario has one site', (fault) => {
    expect(() => faultOf(fault, '')).toThrow('no site: the scenario has no remote:')
  })

  it('knows no third site', () => {
    expect(() => faultOf('pull: { site: c, bay: 1 }, at: start')).toThrow('a or b')
  })
})

describe('a trigger', () => {
  const strikes = (site: string, at: { site: number; isUsual: boolean }): number => {
    const target = new Sites()
    const engine = new FaultEngine([faultOf(`pull: { bay: 1 }, after: { event: drive-write${site} }`)], 1)
    engine.start(target, 0)
    engine.observe(EVENT_DRIVE_WRITE, 0, 0, 8, 0, at)
    return target.calls.length
  }

  it.each([
    ['', [1, 0, 1, 0]],
    [', site: a', [1, 1, 0, 0]],
    [', site: b', [0, 0, 1, 1]],
  ])('{ event: drive-write%s } hears what happens there, and without a site where initiators are', (site, heard) => {
    const places = [0, 1].flatMap((index) => [true, false].map((isUsual) => ({ site: index, isUsual })))
    expect(places.map((place) => strikes(site, place))).toEqual(heard)
  })
})
