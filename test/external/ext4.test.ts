// What Linux's ext4 really wrote, replayed on a mirror under faults, and judged by e2fsck.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { e2fsckJudge, e2fsckRepair, readFiles } from './e2fsck'
import { EXT4_FIXTURE_FOLDER, flushLines, keepsPromise, milestonesBy, readExt4Fixture } from './ext4Fixture'
import { requireLoopDevices } from './loopDevice'
import { disagreements } from './memberAgreement'
import { type RunImages, runForImages } from './runForImages'
import { requireTool, withTemporaryFolder } from './tools'

const fixture = readExt4Fixture()
const LAST_LINE = fixture.operations.at(-1)!.line

function scenario(faults: string, array = 'members: 3, spares: 1, driveCapacity: 32 MiB, writeCache: on'): string {
  return `name: ext4
array: { ${array} }
image: start.img
workload:
  - trace: { file: writes.iolog, format: fio-iolog, payloads: payload.bin, closedLoop: 1 }
faults:
${faults}`
}

/** Unpacks the recording into `folder`, its trace only up to `lastLine`. */
function unpack(folder: string, lastLine: number): void {
  const read = (name: string) => readFileSync(EXT4_FIXTURE_FOLDER + name)
  const lines = read('writes.iolog').toString().split('\n').slice(0, lastLine)
  const payload = gunzipSync(read('payload.bin.gz'))
  const kept = fixture.operations.filter((operation) => operation.line <= lastLine)
  const payloadBytes = kept.reduce((sum, operation) => sum + operation.payload.length, 0)
  writeFileSync(join(folder, 'writes.iolog'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'payload.bin'), payload.subarray(0, payloadBytes))
  writeFileSync(join(folder, 'start.img'), gunzipSync(read('start.img.gz')))
}

/** The LUN takes this much in one command (VPD B0h): longer writes go out in parts, and each part counts as an event. */
const COMMAND_BYTES_MAX = 128 * 1024

const commandsOf = (operation: (typeof fixture.operations)[number]) =>
  operation.kind === 'write' ? Math.ceil(operation.payload.length / COMMAND_BYTES_MAX) : 1

const sum = (operations: typeof fixture.operations) => operations.reduce((total, one) => total + commandsOf(one), 0)

const writesBefore = (line: number) =>
  sum(fixture.operations.filter((operation) => operation.kind === 'write' && operation.line < line))

const commandsUpTo = (line: number) => sum(fixture.operations.filter((operation) => operation.line <= line))

async function expectPromisesKept(run: RunImages, line: number): Promise<void> {
  const milestones = milestonesBy(fixture, line)
  const contents = await readFiles(
    run.lunImage,
    milestones.map((milestone) => milestone.path),
  )
  const broken = milestones.filter((milestone, index) => !keepsPromise(milestone, contents[index]!))
  expect(broken).toEqual([])
}

describe('ext4 on a mirror', () => {
  it('is clean after the last flush, with a member pulled and a power cut on the way', async (ctx) => {
    for (const tool of ['e2fsck', 'debugfs', 'mdadm']) requireTool(ctx, tool)
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      unpack(folder, LAST_LINE + 1)
      const lastFlush = flushLines(fixture).at(-1)!
      // The power fails after the last flush was acknowledged: nothing may be missing then, whatever the drives' caches lose.
      const faults = `  - { pull: { bay: 1 }, after: { event: host-write, n: 150 } }
  - { power-cut: {}, after: { event: host-ack, n: ${commandsUpTo(lastFlush)} } }
`
      const run = runForImages(scenario(faults), { folder })
      expect(run.verdict.verdict).toBe('pass')
      expect((await e2fsckJudge(run.lunImage)).clean).toBe(true)
      await expectPromisesKept(run, lastFlush)
      expect(await disagreements(run)).toEqual([])
    })
  })

  it('needs journal recovery only after a power cut in the middle, and keeps what was flushed', async (ctx) => {
    for (const tool of ['e2fsck', 'debugfs', 'mdadm']) requireTool(ctx, tool)
    requireLoopDevices(ctx)
    // The host dies with the power, so the trace ends in the burst of writes that the power cut strikes: no flush of that burst
    // was acknowledged, and any of its writes may be there or not.
    const flushes = flushLines(fixture)
    const bursts = flushes.filter((line, index) => (flushes[index + 1] ?? 0) - line > 2)
    for (const flush of [bursts[5]!, bursts[Math.floor(bursts.length / 2)]!, bursts.at(-2)!]) {
      await withTemporaryFolder(async (folder) => {
        const next = flushes[flushes.indexOf(flush) + 1]!
        unpack(folder, next - 1)
        const n = writesBefore(flush) + 1
        const run = runForImages(scenario(`  - { power-cut: {}, after: { event: host-write, n: ${n} } }\n`), { folder })
        expect(run.verdict.verdict).toBe('pass')
        expect(await disagreements(run)).toEqual([])
        const judgement = await e2fsckJudge(run.lunImage)
        expect(judgement.damage).toEqual([])
        expect(judgement.journalReplayed).toBe(true)
        e2fsckRepair(run.lunImage)
        await expectPromisesKept(run, flush)
      })
    }
  })
})
