import { describe, expect, it } from 'vitest'
import * as status from '../../assembly/abi/status'
import { formatInputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'
import { ARRAY_STATES, BAY_STATES, type ResolvedScenario } from '../../host/scenario/scenario'
import { scenarioPaths } from '../../host/scenario/scenarioPaths'
import { REMOTE_STATES, ROLES } from '../../host/scenario/stepTexts'

function parsed(text: string, file = 'dir/cut.yaml'): ResolvedScenario {
  const result = parseScenario(text, file)
  if (!result.ok) throw new Error(result.errors.map(formatInputError).join('\n'))
  return result.scenario
}

describe('defaults', () => {
  it('make two empty 16 MiB drives, mirrored, with nothing to do, out of an almost empty file', () => {
    const scenario = parsed('seed: 3')
    expect(scenario.name).toBe('cut')
    expect(scenario.seed).toBe(3)
    expect(scenario.array).toMatchObject({
      microcode: { kind: 'builtin', name: 'mirror' },
      members: 2,
      spares: 0,
      writeCache: false,
      assumeClean: true,
      commandDeadlineMs: 0,
    })
    expect(scenario.bays).toHaveLength(2)
    expect(scenario.bays[0]).toEqual({
      model: 'ideal',
      parameters: '',
      volatileCache: true,
      sectorBytes: 512,
      sectorCount: 32768,
      spinUpNs: 0,
      contents: 'zeros',
    })
    expect(scenario.limits).toEqual({ simulatedNs: 60e9, commandTimeoutNs: 30e9 })
    expect(scenario.expect).toMatchObject({ verdict: 'pass', laws: [], arrayState: null, faultsStruckMin: 0 })
  })

  it('expect that every fault strikes, unless it is drawn at a rate', () => {
    const faults = `faults:
  - pull: { bay: 1 }
    at: 3 ms
  - power-cut: {}
    after: host-ack
  - lost-write: { bay: 0 }
    rate: { event: drive-write, ratio: 1/2000 }
`
    expect(parsed(faults).expect.faultsStruckMin).toBe(2)
    expect(parsed(`${faults}expect: { faultsStruck: 1 }`).expect.faultsStruckMin).toBe(1)
  })

  it('do not assume that drives full of garbage are equal', () => {
    expect(parsed('drives: { contents: garbage }').array.assumeClean).toBe(false)
    expect(parsed('drives: { bays: { 1: { contents: garbage } } }').array.assumeClean).toBe(false)
  })
})

describe('units', () => {
  it('become the integers of the hardware', () => {
    const { array } = parsed(`array:
  driveCapacity: 1 MiB
  bitmapChunk: 64 KiB
  commandDeadline: 2 s
  discovery: 500 ms
  bitmapSweep: 50 ms
  resyncPause: 20 µs
  checkpoint: 128 KiB
  dataOffset: 1 MiB
  writeCache: on
  settings: { readPolicy: nearest, hedge: 3, loud: true }
`)
    expect(array).toMatchObject({
      writeCache: true,
      bitmapChunkSectors: 128,
      commandDeadlineMs: 2000,
      discoveryMs: 500,
      bitmapSweepMs: 50,
      resyncPauseUs: 20,
      checkpointSectors: 256,
      dataOffsetSectors: 2048,
      settings: { readPolicy: 'nearest', hedge: '3', loud: 'true' },
    })
  })

  it.each([
    ['off', false],
    ['no', false],
    ['false', false],
    ['on', true],
    ['yes', true],
    ['true', true],
  ])('a switch can be written %s', (word, value) => {
    expect(parsed(`array: { writeCache: ${word} }`).array.writeCache).toBe(value)
  })
})

describe('bays', () => {
  it('hold members, then spares, then nothing; single ones can differ', () => {
    const { bays } = parsed(`
array: { members: 2, spares: 1, bays: 5 }
drives:
  model: ssd
  bays:
    0: { empty: on }
    1: { model: { name: hdd, parameters: cheetah9lp-uncached }, capacity: 32 MiB, volatileCache: off }
`)
    expect(bays.map((drive) => drive?.model ?? null)).toEqual([null, 'hdd', 'ssd', null, null])
    expect(bays[1]).toMatchObject({ parameters: 'cheetah9lp-uncached', sectorCount: 65536, volatileCache: false })
  })

  it('can be filled with our own microcode or a user’s', () => {
    expect(parsed('array: { microcode: ./my.wasm }').array.microcode).toEqual({ kind: 'file', path: './my.wasm' })
  })
})

describe('the workload', () => {
  it('takes job files, inline jobs, traces and patterns', () => {
    const { workload } = parsed(`
workload:
  - fio: a.fio
  - job: |
      [global]
      rw=write
  - trace: t.csv
  - trace: { file: t.log, format: spc, payloads: p.bin, timeScale: 0.5, closedLoop: 8, device: 2, wrap: on }
  - pattern: { rw: randrw, bs: 8 KiB, depth: 4, count: 100, size: 1 MiB, readPercent: 30, flushEvery: 10, runtime: 2 s }
`)
    expect(workload[0]).toEqual({ kind: 'fio', path: 'a.fio' })
    expect(workload[1]).toEqual({ kind: 'fio-text', text: '[global]\nrw=write\n', firstLine: 5 })
    expect(workload[2]).toMatchObject({ kind: 'trace', path: 't.csv', format: 'auto', closedLoop: null, timeScale: 1 })
    expect(workload[3]).toMatchObject({ format: 'spc', payloadsPath: 'p.bin', closedLoop: 8, device: '2', wrap: true })
    expect(workload[4]).toMatchObject({
      kind: 'pattern',
      line: 9,
      options: {
        access: 'mixed',
        order: 'random',
        blockSizes: { kind: 'fixed', bytes: 8192 },
        queueDepth: 4,
        requests: 100,
        sizeBytes: 1 << 20,
        readPercent: 30,
        flushEveryWrites: 10,
        runtimeNs: 2e9,
        timeBased: false,
      },
    })
  })

  it('names the files that it needs, each once', () => {
    const scenario = parsed('image: i.img\nworkload: [{ fio: a }, { fio: a }, { trace: { file: t, payloads: p } }]')
    expect(scenarioPaths(scenario)).toEqual({ texts: ['a', 't'], bytes: ['i.img', 'p'] })
  })
})

describe('faults', () => {
  const fault = (text: string) => parsed(`faults:\n  - ${text.replaceAll('\n', '\n    ')}`).faults[0]!

  it.each([
    [
      'power-cut: {}',
      { kind: 'power-cut', durationNs: 1e9, tearSector: false, survival: null, final: false, late: -1 },
    ],
    [
      'power-cut: { duration: 5 ms, tearSector: true }',
      { kind: 'power-cut', durationNs: 5e6, tearSector: true, survival: null, final: false, late: -1 },
    ],
    ['pull: { bay: 1 }', { kind: 'pull', bay: 1 }],
    ['insert: { bay: 1, drive: new }', { kind: 'insert', bay: 1, drive: 'new' }],
    [
      'latent-sector-error: { bay: 0, lunLba: 128, sectors: 8 }',
      { kind: 'latent-sector-error', bay: 0, range: { lunLba: 128, sectors: 8 } },
    ],
    [
      'latent-sector-error: { bay: 0, lba: 8-15 }',
      { kind: 'latent-sector-error', bay: 0, range: { lba: 8, sectors: 8 } },
    ],
    ['transient-read-error: { bay: 0 }', { kind: 'transient-read-error', bay: 0, count: 1 }],
    ['transient-write-error: { bay: 0, count: 3 }', { kind: 'transient-write-error', bay: 0, count: 3 }],
    ['write-error: { bay: 0 }', { kind: 'write-error', bay: 0, range: null, count: 1 }],
    [
      'write-error: { bay: 0, lba: 7 }',
      { kind: 'write-error', bay: 0, range: { lba: 7, sectors: 1 }, count: Infinity },
    ],
    ['hang: { bay: 0 }', { kind: 'hang', bay: 0, durationNs: Infinity }],
    ['fail-slow: { bay: 0, factor: 20, duration: 1 s }', { kind: 'fail-slow', bay: 0, factor: 20, durationNs: 1e9 }],
    ['torn-write: { bay: 0 }', { kind: 'torn-write', bay: 0, count: 1 }],
    ['lost-write: { bay: 0 }', { kind: 'lost-write', bay: 0, count: 1 }],
    ['misdirected-write: { bay: 0 }', { kind: 'misdirected-write', bay: 0, count: 1, offsetSectors: 8 }],
    ['bit-rot: { bay: 0, lunLba: 5 }', { kind: 'bit-rot', bay: 0, range: { lunLba: 5, sectors: 1 }, bits: 1 }],
    ['ignored-flush: { bay: 0 }', { kind: 'ignored-flush', bay: 0, durationNs: Infinity }],
    ['failing-flush: { bay: 0 }', { kind: 'failing-flush', bay: 0, count: 1 }],
  ])('%s', (text, action) => {
    expect(fault(`${text}\nat: start`).action).toEqual(action)
  })

  it.each([
    ['at: start', { kind: 'start' }],
    ['at: 3 ms', { kind: 'at', timeNs: 3e6 }],
    ['at: 0', { kind: 'at', timeNs: 0 }],
    ['after: host-ack', { kind: 'nth', n: 1, event: 'host-ack', filter: {} }],
    [
      'after: { event: microcode:bitmap-begin, n: 2, bay: 1, lba: 8-15 }',
      { kind: 'nth', n: 2, event: 'microcode:bitmap-begin', filter: { bay: 1, lbaFirst: 8, lbaLast: 15 } },
    ],
    [
      'rate: { event: drive-write, ratio: 1/2000, limit: 3, lba: 7 }',
      {
        kind: 'rate',
        rate: { numerator: 1, denominator: 2000 },
        event: 'drive-write',
        filter: { lbaFirst: 7, lbaLast: 7 },
        limit: 3,
      },
    ],
  ])('%s', (text, trigger) => {
    expect(fault(`pull: { bay: 1 }\n${text}`).trigger).toEqual(trigger)
  })

  it('have a name in reports', () => {
    expect(fault('pull: { bay: 1 }\nat: start').name).toBe('pull in bay 1')
    expect(fault('power-cut: {}\nat: start').name).toBe('power-cut')
    expect(fault('name: the janitor\npull: { bay: 1 }\nat: start').name).toBe('the janitor')
  })
})

describe('names', () => {
  it('of states are those of the ABI, at their values', () => {
    const constants: Record<string, number> = { ...status }
    const value = (prefix: string, name: string) => constants[prefix + name.toUpperCase().replaceAll('-', '_')]
    for (const [index, name] of ARRAY_STATES.entries()) expect(value('ARRAY_', name)).toBe(index)
    for (const [index, name] of REMOTE_STATES.entries()) expect(value('REMOTE_', name)).toBe(index)
    for (const [index, name] of ROLES.entries()) expect(value('ROLE_', name)).toBe(index)
    for (const [index, name] of BAY_STATES.entries()) expect(value('BAY_STATE_', name)).toBe(index)
  })
})
