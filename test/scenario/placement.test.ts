// Where the microcode runs, and what crosses the bus of the initiators' machine.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))

interface Options {
  readonly array?: string
  readonly remote?: string
  readonly load?: string
  readonly faults?: string
  readonly seed?: number
}

function run({ array = '', remote = '', load = 'rw: randwrite', faults = '', seed = 1 }: Options) {
  const text = `
name: placement
array: { members: 2, driveCapacity: 4 MiB${array} }
${remote && `remote: { ${remote} }`}
workload: [ { pattern: { ${load}, bs: 4 KiB, count: 50, size: 1 MiB } } ]
${faults && `faults:\n${faults}`}
`
  return runText(text, mirror, { seed }).verdict
}

const writeNs = (options: Options): number => run(options).figures.writeLatencyNs!.p50
const readNs = (options: Options): number => run({ ...options, load: 'rw: randread' }).figures.readLatencyNs!.p50

/** 4 KiB take 102.4 µs. */
const BUS = ', hostBus: 40 MB'
const CROSSING_NS = 102_400

describe('the bus of the initiators’ machine', () => {
  const alone = writeNs({})

  it('is crossed by a write once on the way to a controller', () => {
    expect(Math.abs(writeNs({ array: BUS }) - alone - CROSSING_NS)).toBeLessThan(5000)
  })

  it('is crossed by a write once for each member when the host mirrors', () => {
    expect(Math.abs(writeNs({ array: `${BUS}, placement: host` }) - alone - 2 * CROSSING_NS)).toBeLessThan(5000)
  })

  it('is crossed by what goes to the other site, too, when the host mirrors', () => {
    const remote = 'mode: received, link: { latency: 1 ms }'
    const [far, inHost] = [writeNs({ remote }), writeNs({ remote, array: `${BUS}, placement: host` })]
    expect(inHost - far).toBeGreaterThan(2 * CROSSING_NS)
    expect(inHost - far).toBeLessThan(6 * CROSSING_NS)
  })

  it('is crossed by what is read once, wherever that is done', () => {
    const read = readNs({})
    for (const array of [BUS, `${BUS}, placement: host`]) {
      expect(Math.abs(readNs({ array }) - read - CROSSING_NS)).toBeLessThan(5000)
    }
  })

  it.each(['controller', 'host'])('breaks no law when power fails while something is on it (%s)', (placement) => {
    for (let i = 0; i < 30; i++) {
      const faults = `  - power-cut: {}\n    at: ${1_000_000 + 37_003 * i} ns`
      const load = 'rw: randrw, depth: 4'
      const verdict = run({ array: `${BUS}, placement: ${placement}`, load, faults, seed: i })
      expect(verdict.verdict === 'fail' ? verdict.violations : [], `cut ${i}`).toEqual([])
    }
  })
})
