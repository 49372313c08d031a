// Live images as files: what was read at its place, holes elsewhere, and a map that says which is which.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { liveImageNotes, writeLiveImages } from '../../host/cli/liveImageFiles'
import { Medium } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import type { LiveImage } from '../../host/scenario/runTypes'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'platterlab-live-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** 64 sectors, each full of its number + 1; 16 to 31 were read, of which 20 and 21 could not be. */
function incremental(state: LiveImage['state'] = 'complete'): LiveImage {
  const content = Medium.blank(new PageArena(4096), 512, 64)
  for (let lba = 0; lba < 64; lba++) content.write(lba, new Uint8Array(512).fill(lba + 1))
  content.makeUnreadable(20, 2)
  return { kind: 'incremental', state, snapshot: 3, takenNs: 1e6, doneNs: 3e6, content, runs: [[16, 16]] }
}

const file = () => ({ image: join(folder, 'a.img'), map: join(folder, 'a.map') })

it('the image has what was read, zeros where that was not possible, and nothing of the image before', () => {
  expect(writeLiveImages([incremental()], [file()])).toEqual([0])
  const bytes = readFileSync(file().image)
  const expected = Array.from({ length: 64 }, (_, lba) =>
    lba < 16 || lba > 31 || lba === 20 || lba === 21 ? 0 : lba + 1,
  )
  expect(Array.from({ length: 64 }, (_, lba) => bytes[lba * 512 + 511])).toEqual(expected)
  expect(bytes.length).toBe(64 * 512)
})

it('the map accounts for every sector', () => {
  writeLiveImages([incremental()], [file()])
  const extents = readFileSync(file().map, 'latin1').split('\n').slice(4, -1)
  expect(extents).toEqual([
    '0x00000000  0x00002000  ?',
    '0x00002000  0x00000800  +',
    '0x00002800  0x00000400  -',
    '0x00002C00  0x00001400  +',
    '0x00004000  0x00004000  ?',
  ])
})

it('an image that did not come about leaves no file, and is told of', () => {
  expect(writeLiveImages([incremental('invalid')], [file()])).toEqual([])
  expect(liveImageNotes([incremental('invalid')])).toEqual([
    'live image 1 (incremental): invalid, 8 KiB of snapshot 3 read in 2 ms, 2 sectors of it could not be',
  ])
})
