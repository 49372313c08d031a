import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MEDIA_BYTES } from '../../../host/formats/ewf/media'
import { segmentPath } from '../../../host/formats/ewf/segmentNames'
import { SegmentWriter } from '../../../host/formats/ewf/segmentWriter'
import { NewFiles } from '../../../host/formats/newFiles'
import { at, useDirectory } from '../../image/files'

useDirectory()

/** The lengths of the files for so many chunks of a length, with so many unread ranges. */
function lengthsOf(chunkBytes: number, chunkCount: number, segmentBytes: number, rangeCount: number): number[] {
  for (const name of readdirSync(at('.'))) rmSync(at(name))
  const files = new NewFiles()
  const headers = [['header', new Uint8Array(50)]] as const
  const writer = new SegmentWriter(files, at('disk.E01'), segmentBytes, headers, new Uint8Array(MEDIA_BYTES))
  for (let chunk = 0; chunk < chunkCount; chunk++) writer.addChunk(new Uint8Array(chunkBytes), true, rangeCount)
  const sectors = Array.from({ length: 2 * rangeCount }, (_, index) => index)
  writer.finish(new Uint8Array(16), new Uint8Array(20), sectors, new Uint8Array(MEDIA_BYTES).fill(7))
  files.commit()
  const lengths: number[] = []
  for (let number = 1; existsSync(segmentPath(at('disk.E01'), number)); number++) {
    lengths.push(statSync(segmentPath(at('disk.E01'), number)).size)
  }
  return lengths
}

it.each([1, 40, 100, 333])(
  'fills files of chunks of %i bytes up to the length asked for, and never beyond',
  (chunkBytes) => {
    for (const segmentBytes of [9000, 9001, 9010, 9099]) {
      for (const rangeCount of [0, 3]) {
        const lengths = lengthsOf(chunkBytes, 900, segmentBytes, rangeCount)
        expect(Math.max(...lengths)).toBeLessThanOrEqual(segmentBytes)
        // What is kept free is the end of the last file; other files end with `next` alone.
        const kept = 76 + MEDIA_BYTES + 156 + 112 + (rangeCount > 0 ? 76 + 524 + 8 * rangeCount : 0)
        for (const length of lengths.slice(0, -1)) expect(length + kept + chunkBytes + 8).toBeGreaterThan(segmentBytes)
      }
    }
  },
)

it('begins another table when one is full, and says in all files what the disk is', () => {
  lengthsOf(1, 16376, 1 << 20, 0)
  const text = readFileSync(at('disk.E01')).toString('latin1')
  expect(text.split('sectors\0')).toHaveLength(3)
  expect(text.split('\x07'.repeat(MEDIA_BYTES))).toHaveLength(3)
})
