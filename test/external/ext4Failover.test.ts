// What Linux's ext4 really wrote, on two sites: the primary is lost with its host and the line at many instants, and the other site's image
// must need no more than journal recovery. PLATTERLAB_INSTANTS says at how many instants for each mode.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { e2fsckJudge } from './e2fsck'
import { EXT4_FIXTURE_FOLDER, readExt4Fixture } from './ext4Fixture'
import { runForImages } from './runForImages'
import { requireTool, withTemporaryFolder } from './tools'

const fixture = readExt4Fixture()
const WRITES = fixture.operations.filter(({ kind }) => kind === 'write')
/** The LUN takes this much in one command (VPD B0h): longer writes go out in parts, and each part counts as an event. */
const COMMAND_BYTES_MAX = 128 * 1024
const INSTANTS = Number(process.env.PLATTERLAB_INSTANTS ?? 8)

/** In mode scheduled half of the members is for points in time. */
const scenario = (mode: string, write: number): string => `name: ext4-failover
array: { members: 2, driveCapacity: ${mode === 'scheduled' ? 64 : 32} MiB }
remote: { mode: ${mode}${mode === 'scheduled' ? ', interval: 10 ms' : ''}, link: { latency: 500 us } }
image: start.img
workload:
  - trace: { file: writes.iolog, format: fio-iolog, payloads: payload.bin, closedLoop: 4 }
faults:
${['link-cut: {}', 'site-loss: { site: a }', 'failover: {}'].map((fault) => `  - { ${fault}, after: { event: host-write, n: ${write} } }`).join('\n')}
`

const read = (name: string): Buffer => readFileSync(EXT4_FIXTURE_FOLDER + name)
const TRACE = read('writes.iolog').toString().split('\n')

/** The host dies with its site: its trace ends with the write at `lastLine`. */
function endTraceAt(folder: string, lastLine: number): void {
  writeFileSync(join(folder, 'writes.iolog'), `${TRACE.slice(0, lastLine).join('\n')}\n`)
}

/** Commands of writes before the one at a line. */
function commandsBefore(line: number): number {
  const before = WRITES.filter((write) => write.line < line)
  return before.reduce((sum, { payload }) => sum + Math.ceil(payload.length / COMMAND_BYTES_MAX), 0)
}

describe('ext4 on two sites', () => {
  it.for(['sync', 'received', 'one-behind', 'async', 'scheduled'])(
    'mode %s: wherever the primary is lost, the other site has an image that needs journal recovery only',
    { timeout: 1_800_000 },
    async (mode, ctx) => {
      requireTool(ctx, 'e2fsck')
      await withTemporaryFolder(async (folder) => {
        writeFileSync(join(folder, 'start.img'), gunzipSync(read('start.img.gz')))
        const payloads = gunzipSync(read('payload.bin.gz'))
        let replayed = 0
        for (let instant = 0; instant < INSTANTS; instant++) {
          const { line } = WRITES[Math.floor(((instant + 0.5) * WRITES.length) / INSTANTS)]!
          const write = commandsBefore(line) + 1
          endTraceAt(folder, line)
          const kept = WRITES.filter((one) => one.line <= line).reduce((sum, { payload }) => sum + payload.length, 0)
          writeFileSync(join(folder, 'payload.bin'), payloads.subarray(0, kept))
          const run = runForImages(scenario(mode, write), { folder })
          const { verdict } = run
          expect(verdict.verdict === 'fail' ? verdict.violations : [], `write ${write}`).toEqual([])
          const judgement = await e2fsckJudge(run.lunImage)
          expect(judgement.damage, `write ${write}`).toEqual([])
          if (judgement.journalReplayed) replayed++
        }
        // The instants lie in the middle of things.
        expect(replayed).toBeGreaterThan(INSTANTS / 4)
      })
    },
  )
})
