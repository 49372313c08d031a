// A real ISO on a mirror that is only read, under faults: the image afterwards is the ISO, byte by byte.

import { copyFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isoCompare, makeRealIso } from './iso'
import { requireLoopDevices } from './loopDevice'
import { disagreements } from './memberAgreement'
import { runForImages } from './runForImages'
import { requireTool, withTemporaryFolder } from './tools'

const JOB = `[global]
rw=randread
bs=2k
iodepth=8
loops=1

[reader]
size=8M
`

const SCENARIO = `name: iso
array: { members: 2, spares: 1, driveCapacity: 24 MiB }
image: real.iso
workload:
  - fio: reader.fio
faults:
  - { pull: { bay: 0 }, after: { event: host-read, n: 500 } }
  - { power-cut: {}, after: { event: host-read, n: 2000 } }
`

/** The LUN is larger than the ISO: beyond it there must be zeros only. */
async function isZeroFrom(file: string, offsetBytes: number): Promise<boolean> {
  const handle = await open(file, 'r')
  const rest = Buffer.alloc(statSync(file).size - offsetBytes)
  await handle.read(rest, 0, rest.length, offsetBytes)
  await handle.close()
  return rest.every((byte) => byte === 0)
}

describe('an ISO on a mirror', () => {
  it('is read back byte by byte after a pull, a rebuild and a power cut', async (ctx) => {
    for (const tool of ['xorriso', 'mdadm']) requireTool(ctx, tool)
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const [iso, copy] = [join(folder, 'real.iso'), join(folder, 'copy.iso')]
      await makeRealIso(iso)
      writeFileSync(join(folder, 'reader.fio'), JOB)
      const run = runForImages(SCENARIO, { folder })
      expect(run.verdict.verdict).toBe('pass')
      const isoBytes = statSync(iso).size
      expect(await isZeroFrom(run.lunImage, isoBytes)).toBe(true)
      copyFileSync(run.lunImage, copy)
      truncateSync(copy, isoBytes)
      expect(await isoCompare(iso, copy)).toMatchObject({ firstDifferenceBytes: null, differingFiles: [] })
      expect(await disagreements(run)).toEqual([])
    })
  })
})
