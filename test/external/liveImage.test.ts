// What Linux's ext4 really wrote, imaged while it writes: a full image, then incremental ones, which GNU ddrescue puts into a copy of it by their
// maps. Each image must need no more than journal recovery, as after a power cut at its instant, and the chain must end with what a full image has.

import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { e2fsckJudge } from './e2fsck'
import { EXT4_FIXTURE_FOLDER } from './ext4Fixture'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** From how long after the start on; each chain hits other places of the recording. */
const STARTS_MS = [5, 15, 25, 40]

const scenario = (startMs: number): string => `name: ext4-live
array: { members: 2, driveCapacity: 64 MiB, snapshotArea: 50 }
image: start.img
workload:
  - trace: { file: writes.iolog, format: fio-iolog, payloads: payload.bin, closedLoop: 4 }
liveImages:
  - { kind: full, after: ${startMs} ms, depth: 8 }
  - { kind: incremental, after: 10 ms }
  - { kind: incremental, after: 10 ms }
  - { kind: incremental, after: 5 s }
  - { kind: full }
`

/** Runs it; returns the path of each image, without `.img` and `.map`. */
function imagesOf(folder: string, startMs: number): string[] {
  const file = join(folder, 'scenario.yaml')
  writeFileSync(file, scenario(startMs))
  const out = join(folder, `images-${startMs}`)
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'run', file, '--seed', '1', '--live-images-out', out], {
    encoding: 'utf8',
    timeout: 120_000,
  })
  expect(status, stderr).toBe(0)
  return ['1-full', '2-incremental', '3-incremental', '4-incremental', '5-full'].map((name) =>
    join(out, `ext4-live-${name}`),
  )
}

it('ext4, imaged live: each image of a chain needs journal recovery only', { timeout: 600_000 }, async (ctx) => {
  requireTool(ctx, 'e2fsck')
  requireTool(ctx, 'ddrescue')
  await withTemporaryFolder(async (folder) => {
    const read = (name: string): Buffer => readFileSync(EXT4_FIXTURE_FOLDER + name)
    writeFileSync(join(folder, 'start.img'), gunzipSync(read('start.img.gz')))
    writeFileSync(join(folder, 'payload.bin'), gunzipSync(read('payload.bin.gz')))
    writeFileSync(join(folder, 'writes.iolog'), read('writes.iolog'))
    const image = join(folder, 'restored.img')
    let replayed = 0
    for (const startMs of STARTS_MS) {
      const [last, ...others] = imagesOf(folder, startMs).reverse()
      for (const [index, name] of others.reverse().entries()) {
        if (index === 0) copyFileSync(`${name}.img`, image)
        else {
          const map = join(folder, `applied-${startMs}-${index}.map`)
          runToolOk('ddrescue', ['--quiet', `--domain-mapfile=${name}.map`, '--force', `${name}.img`, image, map])
        }
        const judgement = await e2fsckJudge(image)
        expect(judgement.damage, name).toEqual([])
        if (judgement.journalReplayed) replayed++
      }
      // Nothing was written between the last two.
      expect(readFileSync(image).equals(readFileSync(`${last}.img`)), `chain from ${startMs} ms`).toBe(true)
    }
    // The instants lie in the middle of things.
    expect(replayed).toBeGreaterThan(STARTS_MS.length)
  })
})
