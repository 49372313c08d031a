// Scenarios, explored: power cuts at their crash points, seeds and orders.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { unitsOf } from '../../host/cli/exploreCommand'
import { readScenario } from '../../host/cli/readScenario'
import { scenarioDigest, scenarioRunOf } from '../../host/cli/scenarioRun'
import { campaign, folderWith, startCampaign, writeBug } from './campaigns'

const CUT = `
seed: 1
array: { driveCapacity: 2 MiB, assumeClean: on }
workload:
  - operations: { depth: 2, list: [write 0+8, write 8+8, flush, write 4+8, read 0+16] }
`
/** Without a power cut all is well: there is nothing to copy. */
const ONE_WRITE = `
seed: 1
array: { driveCapacity: 1152 KiB, assumeClean: on, bitmapChunk: 32 KiB, dataOffset: 128 KiB }
drives: { volatileCache: off }
workload:
  - operations: { depth: 1, list: [write 1627+32] }
`

function file(text: string, name = 's.yaml'): string {
  return join(folderWith({ [name]: text }), name)
}

describe('explore', () => {
  it('gives equal bytes with one thread and with two', async () => {
    const scenario = file(CUT)
    const one = await campaign('explore', scenario, '--json', '--jobs', '1', '--crash-points', '20')
    const two = await campaign('explore', scenario, '--json', '--jobs', '2', '--crash-points', '20')
    expect(one).toMatchObject({ code: 0, err: 'seed 1\n' })
    expect(two.out).toBe(one.out)
    const { scenarios, ...head } = JSON.parse(one.out)
    expect(head).toMatchObject({ kind: 'exploration', bounds: { crashPoints: 20, choices: 12 }, verdict: 'pass' })
    expect(scenarios[0]).toMatchObject({ name: 's', file: scenario, units: 8, coverage: { pointsExplored: 20 } })
  })

  it('prints the coverage, and last the verdict', async () => {
    const { code, out } = await campaign('explore', file(CUT), '--crash-points', '5')
    expect(code).toBe(0)
    expect(out).toMatch(/^at most 5 crash points · at most 12 choices at each · depth 1\n/)
    expect(out).toMatch(/^crash points explored +5$/m)
    expect(out).toMatch(/\n✓ no law broken in [\d,]+ states\n$/)
  })

  it('finds a bug, and gives a token that replays to the same law while the scenario is the same', async () => {
    const scenario = file(ONE_WRITE)
    const module = await writeBug('copy-length-zero', join(scenario, '..'))
    expect((await campaign('run', scenario, '--microcode', module)).code).toBe(0)
    const argv = [scenario, '--microcode', module, '--bail', '--json']
    const { code, out } = await campaign('explore', ...argv)
    expect(code).toBe(1)
    const [{ law, token, replay }] = JSON.parse(out).scenarios[0].breaches
    expect(replay).toBe(`platterlab replay ${token} --microcode ${module}`)
    const replayed = await campaign('replay', token, '--microcode', module, '--json')
    expect(replayed.code).toBe(1)
    expect(JSON.parse(replayed.out).scenarios[0].violations.map((one: { law: string }) => one.law)).toContain(law)
    writeFileSync(scenario, ONE_WRITE.replace('1627+32', '1627+31'))
    const changed = await campaign('replay', token, '--microcode', module)
    expect(changed.code).toBe(2)
    expect(changed.err).toMatch(/found another content \([0-9a-f]{16}\), expected that of the token/)
  }, 60_000)

  it('ends with 130 at Ctrl-C, and says that it is incomplete', async () => {
    const { terminal, ended } = startCampaign('explore', file(CUT), '--seeds', '100000')
    setTimeout(() => terminal.interrupt(), 1500)
    expect(await ended).toBe(130)
    expect(terminal.printed.out).toMatch(/\? no law broken in [\d,]+ states? so far \(interrupted: incomplete\)\n$|^$/)
  })

  it.each([
    [['--crash-points', 'some'], /--crash-points: found "some"/],
    [['--depth', '0'], /--depth: found "0", expected a whole number from 1 to 8/],
    [['--orders', '-1'], /--orders: found "-1"/],
  ])('refuses %j', async (argv, message) => {
    const { code, out, err } = await campaign('explore', file(CUT), ...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it('lets sites fail at the crash points of a scenario with a second site, and says which', async () => {
    const two = file('seed: 1\nremote: {}\nworkload: [ { pattern: { rw: randwrite, count: 20 } } ]\n')
    const { code, out } = await campaign('explore', two, '--crash-points', '6', '--choices', '2', '--json')
    expect(code).toBe(0)
    const { coverage } = JSON.parse(out).scenarios[0]
    expect(coverage.pointsExplored).toBe(6)
    expect(Object.keys(coverage.cells)).toEqual(
      expect.arrayContaining(['site-loss', 'site-a-cut', 'site-b-cut', 'both-sites-cut']),
    )
  })

  it('tells a mistake that only shows in a run, with its place, before any exploring', async () => {
    const { code, err } = await campaign('explore', file('workload:\n  - job: |\n      [w]\n      iodeepth=4\n'))
    expect(code).toBe(2)
    expect(err).toContain('s.yaml:4:7: found "iodeepth"')
  })
})

describe('the units of an exploration', () => {
  const bounds = { crashPoints: 1, choices: 1, depth: 1, states: 1, absences: false }

  it('are seeds, in each the plain order and others, and of each the slices', () => {
    const run = scenarioRunOf(readScenario(file(CUT)), bounds)
    const unit = unitsOf(run, 7, { seeds: 2, orders: 5, slices: 2 })
    const all = Array.from({ length: 24 }, (_, index) => unit(index)!)
    expect(unit(24)).toBeNull()
    expect(all.map(({ slice }) => slice).slice(0, 4)).toEqual([0, 1, 0, 1])
    const orders = all.filter(({ slice }) => slice === 0).map((one) => one.run.changePoints)
    expect(orders).toEqual([-1, 0, 1, 2, 3, 0, -1, 0, 1, 2, 3, 0])
    const runs = all.filter(({ slice }) => slice === 0).map((one) => `${one.run.seed}/${one.run.changePoints}`)
    expect(new Set(runs).size).toBe(12)
    expect(all[0]!.run.seed).toBe(7)
    expect(all[12]!.run.seed).toBe(8)
  })

  it('are named by the content of the scenario, not by its file or its microcode', () => {
    const digest = (text: string) => scenarioDigest(scenarioRunOf(readScenario(file(text)), bounds))
    expect(digest(CUT)).toBe(digest(CUT))
    expect(digest(CUT)).not.toBe(digest(CUT.replace('read 0+16', 'read 0+8')))
  })

  it('cross as JSON, also with faults that last for ever', () => {
    const text = `${CUT}faults:\n  - hang: { bay: 0, duration: forever }\n    after: { event: host-ack, n: 1 }\n`
    const { scenario } = scenarioRunOf(readScenario(file(text)), bounds)
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario)
  })
})
