// Consistency groups: all LUNs of an array have one order of writes, also at the other site, in every mode. Told by what an initiator finds
// there, not by the judge: every write goes to a place of its own, so that what is not zeros has arrived.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { JudgedRun } from '../../host/scenario/judgedRun'
import { parseScenario } from '../../host/scenario/parse'
import { REMOTE_MODES } from '../../host/scenario/scenario'
import { IO_READ, IO_WRITE } from '../../host/workload/io'
import { at } from './play'

vi.setConfig({ testTimeout: 240_000 })

const bytes = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
const module = new WebAssembly.Module(bytes)
const LUNS = 3
const WRITES = 240
const PLACES = WRITES / LUNS

interface Written {
  readonly lun: number
  readonly submitNs: number
  readonly doneNs: number
  isThere: boolean
}

/** What goes with a mode: points in time that come often; a journal that hosts do not wait for, however long it gets. */
const MORE: Readonly<Record<string, string>> = {
  scheduled: 'interval: 25 ms, ',
  async: 'rpo: 100 ms, overflow: track, ',
}

interface Play {
  readonly mode: string
  readonly seed: number
  readonly depth: number
  readonly lostMs: number
  readonly bandwidth?: string
  readonly faults?: string
}

/** Writes of 4 KiB, each to the next place of a LUN: log, data, data, and so on. */
function loadOf(depth: number): string {
  const list = Array.from({ length: WRITES }, (_, i) => `'lun ${i % LUNS}: write ${8 * Math.floor(i / LUNS)}+8'`)
  return `operations: { depth: ${depth}, list: [${list.join(', ')}] }`
}

/** What was acknowledged before the site was lost, in order, and what is found of it after the failover. */
function failOver({ mode, seed, depth, lostMs, bandwidth = 'off', faults = '' }: Play) {
  const text = `
name: group
array: { members: 2, driveCapacity: 8 MiB, luns: [${4 * PLACES} KiB, 1 MiB, rest] }
remote: { mode: ${mode}, ${MORE[mode] ?? ''}link: { latency: 3 ms, bandwidth: ${bandwidth} } }
workload: [ { ${loadOf(depth)} } ]
faults:
${faults}  - link-cut: {}${at(lostMs)}  - site-loss: { site: a }${at(lostMs)}  - failover: {}${at(lostMs)}
limits: { simulatedTime: 30 s }
`
  const parsed = parseScenario(text, 'group.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const run = new JudgedRun(parsed.scenario, { microcode: bytes, texts: new Map(), bytes: new Map() }, seed, module)
  expect(run.begin()).toBe(true)
  const { initiator, events, rig, twoSites } = run.runner
  const written = new Map<number, Written>()
  const sentNs: number[] = []
  let isReadBack = false
  initiator.onSent = (_io, slot) => {
    sentNs[slot] = events.nowNs
  }
  initiator.onDone = (io, good, _latencyNs, slot) => {
    if (!good) return
    if (io.op === IO_WRITE && rig.activeIndex === 0) {
      const lun = initiator.luns.lunAt(io.lba)
      written.set(io.lba, { lun, submitNs: sentNs[slot]!, doneNs: events.nowNs, isThere: false })
    }
    if (io.op !== IO_READ || rig.activeIndex !== 1) return
    isReadBack = true
    const from = rig.site.controller.hostBufferAddress(slot)
    for (let sector = 0; sector < io.sectors; sector++) {
      const one = written.get(io.lba + sector)
      const data = rig.site.controller.bytes.subarray(from + 512 * sector, from + 512 * sector + 512)
      if (one) one.isThere = data.some((byte) => byte !== 0)
    }
  }
  if (run.workload(run.jobs())) run.recover(false)
  expect(twoSites.changedNs).toBeGreaterThan(0)
  return { run, isReadBack, written: [...written.values()].sort((a, b) => a.doneNs - b.doneNs) }
}

/** A write that is there, and one that is not, although it was acknowledged before the other was submitted. */
function outOfOrder(written: readonly Written[]): string | null {
  for (const later of written) {
    if (!later.isThere) continue
    const missing = written.find((one) => !one.isThere && one.doneNs <= later.submitNs)
    if (missing) return `LUN ${later.lun} has what was written after what LUN ${missing.lun} lacks`
  }
  return null
}

describe('a group of three LUNs after the loss of its primary', () => {
  it('no LUN has a write without those to other LUNs that were acknowledged before: in any mode, at any time', () => {
    const losers = new Set<string>()
    const play = fc.record({
      mode: fc.constantFrom(...REMOTE_MODES),
      seed: fc.integer({ min: 1, max: 1000 }),
      depth: fc.constantFrom(1, 2, 6),
      lostMs: fc.integer({ min: 4, max: 120 }),
      bandwidth: fc.constantFrom('off', '4 MB'),
    })
    fc.assert(
      fc.property(play, (one) => {
        const { run, written, isReadBack } = failOver(one)
        expect(outOfOrder(written)).toBeNull()
        expect(run.violations).toEqual([])
        expect(isReadBack).toBe(true)
        if (written.some(({ isThere }) => !isThere)) losers.add(one.mode)
      }),
      { seed: 7, numRuns: 60 },
    )
    // Where nothing is ever lost there is no order to be seen.
    expect([...losers].sort()).toEqual(['async', 'one-behind', 'scheduled'])
  })

  it('has one point in time, not one for each LUN, in mode scheduled', () => {
    let inBetween = 0
    for (const lostMs of [36, 44, 52, 60]) {
      const { written } = failOver({ mode: 'scheduled', seed: 3, depth: 1, lostMs })
      const kept = written.filter(({ isThere }) => isThere)
      // At depth 1 an order is a sequence: what is there is the beginning of it.
      expect(written.slice(0, kept.length).every(({ isThere }) => isThere)).toBe(true)
      if (new Set(kept.map(({ lun }) => lun)).size === LUNS && kept.length < written.length) inBetween++
    }
    expect(inBetween).toBeGreaterThan(0)
  })

  it('has one write behind in mode one-behind, not one for each LUN', () => {
    for (const lostMs of [20, 41, 60, 83]) {
      const { written } = failOver({ mode: 'one-behind', seed: 1, depth: 6, lostMs })
      expect(written.filter(({ isThere }) => !isThere).length).toBeLessThanOrEqual(1)
    }
  })

  it('keeps its order when the line was away for a while before', () => {
    const faults = `  - link-cut: { duration: 30 ms }${at(10)}`
    for (const mode of REMOTE_MODES) {
      const { run, written } = failOver({ mode, seed: 2, depth: 4, lostMs: 150, faults })
      expect(run.violations, mode).toEqual([])
      expect(outOfOrder(written), mode).toBeNull()
    }
  })
})
