// Images of Nero, Alcohol 120% and CloneCD. One Nero image is by vcdxbuild, and libcdio sees the tracks in it that we see. The others are made
// by our own tests, and the tools that convert such images accept them, and take the same ISO out of them that we do.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ccdFormat } from '../../host/formats/ccd/ccdFormat'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import type { ImageFormat } from '../../host/formats/format'
import { readVolume } from '../../host/formats/iso/volume'
import { mdsFormat } from '../../host/formats/mds/mdsFormat'
import { nrgFormat } from '../../host/formats/nrg/nrgFormat'
import { makeCcd } from '../formats/ccdMaker'
import { mixedSubchannel, mode1Track, positionQ, RAW } from '../formats/discFiles'
import { findingsOf, readAll } from '../formats/imageAccess'
import { withImage } from '../formats/imageTrials'
import { makeMds } from '../formats/mdsMaker'
import { makeDaoNrg, makeEtnNrg } from '../formats/nrgMaker'
import { makeRealIso } from './iso'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'
import { makeVideoCdStream } from './videoCd'

async function withIso(work: (folder: string, iso: Buffer) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await makeRealIso(join(folder, 'real.iso'))
    await work(folder, readFileSync(join(folder, 'real.iso')))
  })
}

async function expectWhole(format: ImageFormat, path: string, iso: Buffer): Promise<void> {
  await withImage(format, path, async (image) => {
    expect(await findingsOf(image)).toEqual([])
    expect((await readAll(dataTrackOf(image))).equals(iso)).toBe(true)
  })
}

describe('a Nero image', () => {
  it('by vcdxbuild has the tracks that libcdio sees, and sectors whose codes are right', async (ctx) => {
    for (const tool of ['vcdxbuild', 'vcdxgen', 'cd-info']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const [stream, description, nrg] = ['stream.mpg', 'disc.xml', 'disc.nrg'].map((name) => join(folder, name))
      makeVideoCdStream(stream!)
      runToolOk('vcdxgen', ['-t', 'vcd2', '-o', description!, stream!])
      runToolOk('vcdxbuild', ['--image-type=nrg', `--image-option=nrg=${nrg}`, description!])
      const { stdout } = runTool('cd-info', [`--nrg-file=${nrg}`, '--no-header', '--no-device-info', '--no-cddb'])
      const theirs = [...stdout.matchAll(/^ *(\d+): \d\d:\d\d:\d\d +(\d{6}) XA/gm)].map((match) => Number(match[2]))
      const end = Number(/170: \S+ +(\d{6})/.exec(stdout)![1])
      await withImage(nrgFormat, nrg!, async (image) => {
        expect(await findingsOf(image)).toEqual([])
        const ours = image.details.flatMap(([, value]) => /^mode 2, \d+ sectors from (\d+)/.exec(value)?.[1] ?? [])
        expect(ours.map(Number)).toEqual(theirs)
        expect(ours).toHaveLength(2)
        expect(image.diskBytes).toBe(end * RAW)
        expect((await readVolume(dataTrackOf(image))).iso.primary?.label).toBe('VIDEOCD')
      })
    })
  })

  it('of our making is one to nrg2iso, to iat and to libcdio', async (ctx) => {
    for (const tool of ['nrg2iso', 'iat', 'cd-info']) requireTool(ctx, tool)
    await withIso(async (folder, iso) => {
      const [dao, etn, out] = ['dao.nrg', 'etn.nrg', 'out.iso'].map((name) => join(folder, name))
      const track = { mode: 0, sectorBytes: 2048, sectors: iso }
      writeFileSync(dao!, makeDaoNrg([{ ...track, gap: Buffer.alloc(150 * 2048) }]))
      await expectWhole(nrgFormat, dao!, iso)
      runToolOk('nrg2iso', [dao!, out!])
      // It takes the chunks for sectors, too.
      expect(readFileSync(out!).subarray(0, iso.length).equals(iso)).toBe(true)
      writeFileSync(etn!, makeEtnNrg([track], true))
      await expectWhole(nrgFormat, etn!, iso)
      const { stdout } = runTool('cd-info', [`--nrg-file=${etn}`, '--no-header', '--no-device-info', '--no-cddb'])
      expect(stdout).toMatch(/1: 00:02:00 +000000 data/)
      expect(stdout).toContain(`${String(iso.length / 2048).padStart(6, '0')} leadout`)
      runToolOk('iat', [dao!, out!])
      expect(readFileSync(out!).subarray(0, iso.length).equals(iso)).toBe(true)
    })
  })
})

describe('an Alcohol 120% image', () => {
  it.for([false, true])('of our making is one to mdf2iso, with a subchannel: %s', async (hasSubchannel, ctx) => {
    requireTool(ctx, 'mdf2iso')
    await withIso(async (folder, iso) => {
      const sectors = iso.length / 2048
      const sectorBytes = hasSubchannel ? RAW + 96 : RAW
      const raw = mode1Track(iso)
      const parts = Array.from({ length: sectors }, (_, sector) => [
        raw.subarray(sector * RAW, (sector + 1) * RAW),
        // mdf2iso knows a subchannel by P, which is set.
        hasSubchannel ? mixedSubchannel(positionQ(sector, 1, sector), true) : Buffer.alloc(0),
      ])
      const [mds, mdf, out] = ['a.mds', 'a.mdf', 'out.iso'].map((name) => join(folder, name))
      writeFileSync(mdf!, Buffer.concat(parts.flat()))
      writeFileSync(mds!, makeMds([{ mode: 0xaa, sectorBytes, hasSubchannel, gap: 150, sectors }]))
      await expectWhole(mdsFormat, mds!, iso)
      runToolOk('mdf2iso', [mdf!, out!])
      expect(readFileSync(out!).equals(iso)).toBe(true)
    })
  })
})

describe('a CloneCD image', () => {
  it('of our making is one to ccd2iso and to iat', async (ctx) => {
    for (const tool of ['ccd2iso', 'iat']) requireTool(ctx, tool)
    await withIso(async (folder, iso) => {
      const [ccd, img, out, other] = ['a.ccd', 'a.img', 'out.iso', 'other.iso'].map((name) => join(folder, name))
      writeFileSync(img!, mode1Track(iso))
      writeFileSync(ccd!, makeCcd([{ mode: 1, start: 0 }], iso.length / 2048))
      await expectWhole(ccdFormat, ccd!, iso)
      runToolOk('ccd2iso', [img!, out!])
      expect(readFileSync(out!).equals(iso)).toBe(true)
      runToolOk('iat', [img!, other!])
      expect(readFileSync(other!).equals(iso)).toBe(true)
    })
  })
})
