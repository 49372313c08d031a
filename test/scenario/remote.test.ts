// What a scenario says of a second site: what it means, and what is refused with which words at which place.

import { describe, expect, it } from 'vitest'
import type { FaultSpec } from '../../host/faults/faultSpec'
import { formatScenario } from '../../host/scenario/format'
import { formatInputError, type InputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'
import type { ResolvedScenario } from '../../host/scenario/scenario'
import { FAULT_KINDS, isOfTwoSites } from '../../host/scenario/schemaFaults'

function parsed(text: string): ResolvedScenario {
  const result = parseScenario(text, 'two.yaml')
  if (!result.ok) throw new Error(result.errors.map(formatInputError).join('\n'))
  return result.scenario
}

function onlyError(text: string): InputError {
  const result = parseScenario(text, 'two.yaml')
  const errors = result.ok ? [] : result.errors
  expect(errors.map(formatInputError)).toHaveLength(1)
  return errors[0]!
}

const DEFAULTS = {
  mode: 'sync',
  onLinkLoss: 'go-on',
  linkTimeoutMs: 100,
  rpoMs: 1000,
  intervalMs: 0,
  cron: '',
  areaPercent: 50,
  overflow: 'throttle',
  nvramBytes: 4096,
  resyncSums: false,
  resyncKibPerSecond: 0,
  link: {
    latencyNs: 1_000_000,
    bytesPerSecond: 0,
    windowBytes: 16 << 20,
    frameBytesMax: 0,
    paths: 1,
    fragmentBytes: 64 << 10,
  },
}

describe('a second site', () => {
  it('goes with the write cache', () => {
    expect(parsed('remote: {}\narray: { members: 2, writeCache: on }').array.writeCache).toBe(true)
  })

  it('is not there unless the scenario says so', () => {
    expect(parsed('seed: 1').remote).toBeNull()
    expect(formatScenario(parsed('seed: 1'))).not.toContain('remote')
  })

  it.each([['remote: {}'], ['remote: { link: {} }'], ['remote: { link: { bandwidth: off } }']])(
    'has defaults for all that %j leaves out',
    (text) => {
      expect(parsed(text).remote).toEqual(DEFAULTS)
    },
  )

  it('comes in the units of people, and becomes the integers of the hardware', () => {
    const { remote } = parsed(`
remote:
  mode: one-behind
  onLinkLoss: stop
  linkTimeout: 1.5 s
  link: { latency: 250 µs, bandwidth: 1 GB, window: 1 MiB, mtu: 8 KiB, paths: 4, fragment: 8 KiB }
`)
    expect(remote).toEqual({
      mode: 'one-behind',
      onLinkLoss: 'stop',
      linkTimeoutMs: 1500,
      rpoMs: 1000,
      intervalMs: 0,
      cron: '',
      areaPercent: 50,
      overflow: 'throttle',
      nvramBytes: 4 << 20,
      resyncSums: false,
      resyncKibPerSecond: 0,
      link: {
        latencyNs: 250_000,
        bytesPerSecond: 1e9,
        windowBytes: 1 << 20,
        frameBytesMax: 8192,
        paths: 4,
        fragmentBytes: 8192,
      },
    })
    expect(JSON.parse(JSON.stringify(remote))).toEqual(remote)
  })

  it.each([
    ['64 MiB', 64 << 20],
    ['100 MB', 1e8],
    ['12345678', 12_345_678],
  ])('has a bandwidth of %s', (text, bytesPerSecond) => {
    const scenario = parsed(`remote: { link: { bandwidth: ${text} } }`)
    expect(scenario.remote!.link.bytesPerSecond).toBe(bytesPerSecond)
    expect(parsed(formatScenario(scenario)).remote).toEqual(scenario.remote)
  })

  it.each([
    ['mode: scheduled', { intervalMs: 1000, cron: '', rpoMs: 2000, areaPercent: 50 }],
    ['mode: scheduled, interval: 50 ms, area: 25', { intervalMs: 50, cron: '', rpoMs: 100, areaPercent: 25 }],
    ['mode: scheduled, cron: "*/5 * * * *"', { intervalMs: 0, cron: '*/5 * * * *', rpoMs: 0, areaPercent: 50 }],
  ])('with %s has its points in time when that says', (text, expected) => {
    const scenario = parsed(`remote: { ${text} }`)
    expect(scenario.remote).toMatchObject(expected)
    expect(parsed(formatScenario(scenario)).remote).toEqual(scenario.remote)
  })

  it.each([
    ['mode: async', { areaPercent: 10, overflow: 'throttle', nvramBytes: 4 << 20 }],
    ['mode: async, area: 3, overflow: track', { areaPercent: 3, overflow: 'track' }],
    ['mode: received, nvram: 512 KiB', { nvramBytes: 512 << 10 }],
    ['resyncSums: on, resyncRate: 1 MiB', { resyncSums: true, resyncKibPerSecond: 1024 }],
  ])('with %s has a journal, and resyncs, like that', (text, expected) => {
    const scenario = parsed(`remote: { ${text} }`)
    expect(scenario.remote).toMatchObject(expected)
    expect(parsed(formatScenario(scenario)).remote).toEqual(scenario.remote)
  })

  it('is printed with every default filled in', () => {
    const text = formatScenario(parsed('remote: {}'))
    for (const line of ['mode: sync', 'onLinkLoss: go-on', 'linkTimeout: 100 ms', 'bandwidth: off', 'window: 16 MiB'])
      expect(text).toContain(line)
    expect(parsed(text).remote).toEqual(DEFAULTS)
  })
})

describe('what makes no sense of a second site', () => {
  it('is refused with its place', () => {
    expect(formatInputError(onlyError('remote:\n  link: { bandwith: 1 GB }\n'))).toBe(
      [
        'two.yaml:2:11: remote.link: found the key "bandwith", expected one of latency, bandwidth, window, mtu, paths, fragment',
        '  1 | remote:',
        '  2 |   link: { bandwith: 1 GB }',
        '    |           ^^^^^^^^',
        '  did you mean bandwidth?',
      ].join('\n'),
    )
  })

  it.each([
    ['remote: on', 'remote', 'a map'],
    ['remote:', 'remote', 'a map'],
    ['remote: { mode: later }', 'remote.mode', 'sync, received, one-behind, async or scheduled'],
    ['remote: { rpo: 1 s }', 'remote.rpo', 'mode: async or scheduled with it; the other modes promise more'],
    ['remote: { mode: async, rpo: 0 }', 'remote.rpo', 'a whole number of milliseconds above 0'],
    ['remote: { interval: 1 s }', 'remote.interval', 'mode: scheduled with it'],
    ['remote: { mode: received, area: 20 }', 'remote.area', 'mode: scheduled or async with it'],
    ['remote: { overflow: track }', 'remote.overflow', 'mode: async with it'],
    ['remote: { mode: async, overflow: spill }', 'remote.overflow', 'throttle or track'],
    ['remote: { nvram: 1 MiB }', 'remote.nvram', 'mode: received, one-behind or async with it'],
    ['remote: { mode: async, nvram: 128 KiB }', 'remote.nvram', '384 KiB to 4 MiB'],
    ['remote: { mode: scheduled, resyncSums: on }', 'remote.resyncSums', 'another mode than scheduled with it'],
    ['remote: { resyncRate: 512 }', 'remote.resyncRate', 'a size of 1 KiB or more, or off'],
    ['remote: { mode: async, nvram: 8 MiB }', 'remote.nvram', '384 KiB to 4 MiB'],
    ['remote: { mode: scheduled, area: 91 }', 'remote.area', 'a whole number from 1 to 90'],
    ['remote: { mode: scheduled, interval: 0 }', 'remote.interval', 'a whole number of milliseconds above 0'],
    ['remote: { mode: scheduled, cron: tomorrow }', 'remote.cron', 'a cron expression such as */10 * * * * *'],
    ['remote: { mode: scheduled, cron: "* * * * *", interval: 1 s }', 'remote.cron', 'one of interval and cron'],
    ['remote: { onLinkLoss: halt }', 'remote.onLinkLoss', 'go-on or stop'],
    ['remote: { linkTimeout: 10 us }', 'remote.linkTimeout', 'a whole number of milliseconds above 0'],
    ['remote: { linkTimeout: 0 }', 'remote.linkTimeout', 'a whole number of milliseconds above 0'],
    ['remote: { link: { bandwidth: 0 } }', 'remote.link.bandwidth', 'a size above 0, or off'],
    ['remote: { link: { bandwidth: on } }', 'remote.link.bandwidth', /^a size such as/],
    ['remote: { link: { bandwidth: 1 GB/s } }', 'remote.link.bandwidth', /^a size such as/],
    ['remote: { link: { window: 0 } }', 'remote.link.window', 'a size above 0'],
    ['remote: { link: { paths: 0 } }', 'remote.link.paths', 'a whole number from 1 to 16'],
    ['remote: { link: { paths: 17 } }', 'remote.link.paths', 'a whole number from 1 to 16'],
    ['remote: { link: { fragment: 0 } }', 'remote.link.fragment', 'a size above 0'],
    ['remote: { link: { latency: 1 } }', 'remote.link.latency', /^a duration with its unit/],
  ])('%j is refused', (text, where, expected) => {
    const error = onlyError(text)
    expect(error.where).toBe(where)
    if (typeof expected === 'string') expect(error.expected).toBe(expected)
    else expect(error.expected).toMatch(expected)
  })
})

const FAULTS: readonly (readonly [text: string, action: FaultSpec['action']])[] = [
  ['site-loss: { site: a }', { kind: 'site-loss', site: 'a', durationNs: Infinity }],
  ['site-loss: { site: b, duration: 1 s }', { kind: 'site-loss', site: 'b', durationNs: 1e9 }],
  ['failover: {}', { kind: 'failover' }],
  ['operator-promote: { site: b }', { kind: 'operator-promote', site: 'b', force: false }],
  ['operator-promote: { site: b, force: on }', { kind: 'operator-promote', site: 'b', force: true }],
  ['operator-demote: { site: a }', { kind: 'operator-demote', site: 'a' }],
  ['operator-discard: { site: a }', { kind: 'operator-discard', site: 'a' }],
  ['operator-point: { site: b }', { kind: 'operator-point', site: 'b' }],
  ['link-cut: {}', { kind: 'link-cut', direction: 'both', durationNs: Infinity }],
  ['link-cut: { duration: 50 ms, direction: both }', { kind: 'link-cut', direction: 'both', durationNs: 5e7 }],
  ['link-stall: { duration: 5 ms }', { kind: 'link-stall', direction: 'both', durationNs: 5e6 }],
  ['link-slow: {}', { kind: 'link-slow', direction: 'both', factor: 10, durationNs: Infinity }],
  [
    'link-slow: { factor: 3, duration: 1 s, direction: b-to-a }',
    { kind: 'link-slow', direction: 'b-to-a', factor: 3, durationNs: 1e9 },
  ],
  ['link-drop: { count: 2, direction: a-to-b }', { kind: 'link-drop', direction: 'a-to-b', count: 2 }],
  ['link-duplicate: {}', { kind: 'link-duplicate', direction: 'both', count: 1 }],
  ['link-reorder: { count: 3 }', { kind: 'link-reorder', direction: 'both', count: 3 }],
  ['link-corrupt: { direction: b-to-a }', { kind: 'link-corrupt', direction: 'b-to-a', count: 1 }],
]

describe('faults of two sites', () => {
  it('are all tried here', () => {
    const tried = new Set(FAULTS.map(([, { kind }]) => kind))
    expect([...tried]).toEqual(FAULT_KINDS.filter(isOfTwoSites))
  })

  it.each(FAULTS)('%s: with its defaults, and printed so that it reads the same', (text, action) => {
    const scenario = parsed(
      `remote: { link: { bandwidth: 1 GB } }\nfaults:\n  - ${text}\n    after: { event: host-write, n: 3 }\n`,
    )
    expect(scenario.faults[0]!.action).toEqual(action)
    expect(parsed(formatScenario(scenario)).faults).toEqual(scenario.faults)
  })

  it.each(FAULTS)('%s: refused at its line where there is one site', (text, { kind }) => {
    const error = onlyError(`faults:\n  - pull: { bay: 1 }\n    at: 1 ms\n  - ${text}\n    at: start\n`)
    expect(error).toMatchObject({
      line: 4,
      where: `faults[1].${kind}`,
      found: kind,
      expected: 'a second site for it: the scenario has no remote:',
    })
  })

  it.each([
    ['site-loss: {}', 'a or b'],
    ['site-loss: { site: c }', 'a or b'],
    ['site-loss: { site: a, duration: 5 }', /^a duration with its unit/],
    ['operator-promote: { force: on }', 'a or b'],
    ['operator-promote: { site: b, force: maybe }', 'on or off'],
    ['link-cut: { direction: up }', 'both, a-to-b or b-to-a'],
    ['link-stall: {}', /^a duration with its unit/],
    // Nothing would ever leave again, nor be lost: that is a cut.
    ['link-stall: { duration: forever }', /^a duration with its unit/],
    ['link-slow: { factor: 1 }', /^a whole number from 2/],
    ['link-drop: { count: 0 }', 'a whole number of at least 1'],
    ['failover: { site: b }', /^one of /],
    ['link-slow: {}', 'a bandwidth of the link, which this could lower'],
  ])('%s is refused', (text, expected) => {
    const { line, expected: told } = onlyError(`remote: {}\nfaults:\n  - ${text}\n    at: start\n`)
    expect(line).toBe(3)
    if (typeof expected === 'string') expect(told).toBe(expected)
    else expect(told).toMatch(expected)
  })
})
