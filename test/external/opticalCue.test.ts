// BIN/CUE, both ways. What we write: bchunk takes the same ISO out of it, cdrdao and libcdio see the tracks that we see, and read all of it.
// What others write: cue sheets by toc2cue, sectors by vcdimager, whose codes are right by our check, and samples by bchunk.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { cueFormat } from '../../host/formats/cue/cueFormat'
import { isoFormat } from '../../host/formats/iso/isoFormat'
import { readVolume } from '../../host/formats/iso/volume'
import { audioTrack, mode1Track, RAW } from '../formats/discFiles'
import { findingsOf, readAll } from '../formats/imageAccess'
import { withImage, writeAll } from '../formats/imageTrials'
import { makeRealIso } from './iso'
import { requireTool, runTool, runToolOk, type ToolResult, withTemporaryFolder } from './tools'
import { makeVideoCd } from './videoCd'

const cdInfo = (cue: string): string =>
  runTool('cd-info', [`--cue-file=${cue}`, '--no-header', '--no-device-info', '--no-cddb']).stdout

/** `number kind first` of each track, and of the lead-out, by libcdio. */
function tracksByLibcdio(cue: string): string[] {
  return [...cdInfo(cue).matchAll(/^ *(\d+): \d\d:\d\d:\d\d +(\d{6}) (\w+)/gm)].map(
    ([, number, first, kind]) => `${number} ${kind} ${Number(first)}`,
  )
}

/** It looks for the files of a sheet where it is started. */
function cdrdao(command: string, sheet: string): ToolResult {
  return runTool('env', ['-C', dirname(sheet), 'cdrdao', command, sheet])
}

/** The same by cdrdao, with the ends of the tracks. */
function tracksByCdrdao(sheet: string): string[] {
  const { stdout, stderr, exitCode } = cdrdao('show-toc', sheet)
  expect(exitCode, stderr).toBe(0)
  const tracks = stdout.matchAll(/^TRACK +(\d+) +Mode (\w+)[\s\S]*?START.*?\( *(\d+)\)[\s\S]*?END.*?\( *(\d+)\)/gm)
  return [...tracks].map(([, number, mode, start, end]) => `${number} ${mode} ${start} ${end}`)
}

const ourTracks = (cue: string): Promise<string[]> =>
  withImage(cueFormat, cue, ({ details }) =>
    details.flatMap(([what, value]) => {
      const [, kind, length, first] = /^(audio|mode \d), (\d+) sectors from (\d+)/.exec(value) ?? []
      if (kind === undefined) return []
      const mode = { audio: 'AUDIO', 'mode 1': 'MODE1_RAW', 'mode 2': 'MODE2_RAW' }[kind]
      return [`${what.replace('track ', '')} ${mode} ${first} ${Number(first) + Number(length)}`]
    }),
  )

const iso = async (folder: string): Promise<Buffer> => {
  await makeRealIso(join(folder, 'real.iso'))
  return readFileSync(join(folder, 'real.iso'))
}

describe('a cue sheet that we write', () => {
  it.for(['mode1/2352', 'mode1/2048'])(
    'holds the ISO, say bchunk, cdrdao, libcdio and xorriso: %s',
    async (track, ctx) => {
      for (const tool of ['bchunk', 'cdrdao', 'cd-info', 'xorriso']) requireTool(ctx, tool)
      await withTemporaryFolder(async (folder) => {
        const source = await iso(folder)
        const cue = join(folder, 'a.cue')
        await writeAll(cueFormat, cue, source, { sectorBytes: 2048, options: { track } })
        // bchunk knows raw sectors only.
        if (track === 'mode1/2352') runToolOk('bchunk', [join(folder, 'a.bin'), cue, join(folder, 'out')])
        else copyFileSync(join(folder, 'a.bin'), join(folder, 'out01.iso'))
        expect(readFileSync(join(folder, 'out01.iso')).equals(source)).toBe(true)
        const sectors = source.length / 2048
        // libcdio counts all sectors as raw ones.
        const leadOut = Math.floor(track === 'mode1/2352' ? sectors : source.length / RAW)
        expect(tracksByLibcdio(cue)).toEqual(['1 data 0', `170 leadout ${leadOut}`])
        expect(tracksByCdrdao(cue)).toEqual([`1 ${track === 'mode1/2352' ? 'MODE1_RAW' : 'MODE1'} 0 ${sectors}`])
        expect(cdrdao('read-test', cue).stderr).toContain(`Read ${sectors} blocks.`)
        if (track === 'mode1/2352') expect(cdInfo(cue)).toContain('label `PLATTERLAB')
        const list = runToolOk('xorriso', ['-indev', join(folder, 'out01.iso'), '-find', '/', '-type', 'f'])
        expect(list).toContain("'/_tsc.js'")
      })
    },
  )

  it('has the tracks that are in raw sectors, as cdrdao sees them', async (ctx) => {
    for (const tool of ['bchunk', 'cdrdao', 'cd-info']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const source = await iso(folder)
      const audio = audioTrack(400)
      const cue = join(folder, 'a.cue')
      await writeAll(cueFormat, cue, Buffer.concat([mode1Track(source), audio]), { sectorBytes: RAW })
      const first = source.length / 2048
      expect(await ourTracks(cue)).toEqual([`1 MODE1_RAW 0 ${first}`, `2 AUDIO ${first} ${first + 400}`])
      expect(tracksByCdrdao(cue)).toEqual(await ourTracks(cue))
      expect(tracksByLibcdio(cue)).toEqual(['1 data 0', `2 audio ${first}`, `170 leadout ${first + 400}`])
      runToolOk('bchunk', ['-w', join(folder, 'a.bin'), cue, join(folder, 'out')])
      expect(readFileSync(join(folder, 'out01.iso')).equals(source)).toBe(true)
      // bchunk's WAVE file, read again through a sheet.
      writeFileSync(join(folder, 'w.cue'), 'FILE "out02.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n')
      await withImage(cueFormat, join(folder, 'w.cue'), async (image) => {
        expect((await readAll(image)).equals(audio)).toBe(true)
      })
    })
  })
})

describe('what others write', () => {
  it('is read as cdrdao reads it: a sheet by toc2cue, with a gap that is in no file', async (ctx) => {
    for (const tool of ['cdrdao', 'toc2cue']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const source = await iso(folder)
      const data = mode1Track(source)
      writeFileSync(join(folder, 'x.bin'), Buffer.concat([data, audioTrack(800)]))
      const toc = [
        'CD_ROM',
        'TRACK MODE1_RAW',
        `DATAFILE "${join(folder, 'x.bin')}" ${time(source.length / 2048)}`,
        'TRACK AUDIO',
        `FILE "${join(folder, 'x.bin')}" #${data.length} 0 00:05:25`,
        'TRACK AUDIO',
        'PREGAP 00:01:00',
        `FILE "${join(folder, 'x.bin')}" #${data.length} 00:05:25 00:05:25`,
      ]
      writeFileSync(join(folder, 'x.toc'), `${toc.join('\n')}\n`)
      const cue = join(folder, 'x.cue')
      runToolOk('toc2cue', [join(folder, 'x.toc'), cue])
      expect(await ourTracks(cue)).toHaveLength(3)
      expect(await ourTracks(cue)).toEqual(tracksByCdrdao(cue))
      expect(await ourTracks(cue)).toEqual(tracksByCdrdao(join(folder, 'x.toc')))
      await withImage(cueFormat, cue, async (image) => {
        expect(await findingsOf(image)).toEqual([])
        expect((await readAll(dataTrackOf(image))).equals(source)).toBe(true)
      })
    })
  })

  it("has codes that are right: the sectors of vcdimager's Video CD, and each damage in them is found", async (ctx) => {
    for (const tool of ['vcdimager', 'cd-info']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      makeVideoCd(folder, 'v')
      const cue = join(folder, 'v.cue')
      await withImage(cueFormat, cue, async (image) => {
        expect(await findingsOf(image)).toEqual([])
        expect((await readVolume(dataTrackOf(image, 1))).iso.primary?.label).toBe('VIDEOCD')
      })
      const [first, second] = await ourTracks(cue)
      expect(tracksByLibcdio(cue)).toEqual(
        [first, second]
          .map((track, index) => `${index + 1} XA ${track!.split(' ')[2]}`)
          .concat(`170 leadout ${second!.split(' ')[3]}`),
      )
      const bin = readFileSync(join(folder, 'v.bin'))
      for (const [sector, byte] of [
        [16, 30],
        [16, 2072],
        [16, 2076],
        [16, 2351],
        [500, 24],
        [500, 2350],
        [500, 18],
        [500, 14],
      ] as const) {
        bin[sector * RAW + byte]! ^= 1
        writeFileSync(join(folder, 'v.bin'), bin)
        const told = await withImage(cueFormat, cue, findingsOf)
        expect(
          told.some(({ text }) => text.startsWith(`sector ${sector}:`)),
          `${sector}, ${byte}`,
        ).toBe(true)
        bin[sector * RAW + byte]! ^= 1
      }
    })
  })
})

function time(frames: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(frames / 4500))}:${two(Math.floor(frames / 75) % 60)}:${two(frames % 75)}`
}

it('an ISO that bchunk took out is one for us', async (ctx) => {
  requireTool(ctx, 'bchunk')
  await withTemporaryFolder(async (folder) => {
    await writeAll(cueFormat, join(folder, 'a.cue'), await iso(folder), { sectorBytes: 2048 })
    runToolOk('bchunk', [join(folder, 'a.bin'), join(folder, 'a.cue'), join(folder, 'out')])
    await withImage(isoFormat, join(folder, 'out01.iso'), async (image) => expect(await findingsOf(image)).toEqual([]))
  })
})
