// Damaged images of the kinds that only QEMU makes: each byte of all that is no data changed, every length that the file may be cut to. It is
// found, or the active disk is what it was, or it is at one of the places where the format has nothing by which it could be found.

import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ImageFile } from '../../host/formats/imageFile'
import { ClusterMap } from '../../host/formats/qcow2/clusterMap'
import { readHeader } from '../../host/formats/qcow2/header'
import { qcow2Format } from '../../host/formats/qcow2/qcow2Format'
import { contentOf, cutFile, flipBytes, range } from '../formats/imageHarness'
import { inFolder, makeRaw, qemuIo } from './qcow2Judge'
import { runToolOk } from './tools'

type Place = readonly [startBytes: number, endBytes: number]
type Names = (name: string) => string

const DISK_SIZE: Place = [24, 32]
const isIn = (places: readonly Place[], offset: number): boolean =>
  places.some(([start, end]) => offset >= start && offset < end)

/** Where the active disk is in the file; `blind` are the places at which a change cannot be found. */
function placesOf(path: string): { readonly data: Place[]; readonly blind: Place[] } {
  const file = ImageFile.open(path)
  const header = readHeader(file)
  const map = new ClusterMap(file, header)
  const data: Place[] = []
  for (let disk = 0; disk < header.diskBytes; ) {
    const piece = map.pieceAt(disk)
    if (piece.kind === 'data' && !header.hasDataFile) {
      data.push([piece.hostOffset, piece.hostOffset + piece.endBytes - disk])
    }
    disk = piece.endBytes
  }
  // Which subclusters are there, and which are zeros, is in the second half of an extended entry and nowhere else.
  const subclusters: Place[] = []
  const l1 = Buffer.from(file.readBytes(header.l1.offset, header.l1.entries * 8, 'L1 table'))
  for (let entry = 0; entry < header.l1.entries && header.hasExtendedL2; entry++) {
    const table = l1.readUInt32BE(entry * 8 + 4)
    for (let at = table; at < table + header.clusterBytes; at += 16) subclusters.push([at + 8, at + 16])
  }
  file.close()
  return { data, blind: [DISK_SIZE, ...data, ...subclusters] }
}

/** All bytes of a file but that of data only some are tried, and of the zeros in long tables. */
function* offsetsOf(path: string, data: readonly Place[]): Generator<number> {
  const file = ImageFile.open(path)
  const bytes = file.readBytes(0, file.sizeBytes, 'file')
  file.close()
  const zeroStep = bytes.length > 50_000 ? 331 : 1
  for (let at = 0; at < bytes.length; at++) {
    if (isIn(data, at) ? at % 173 === 0 : bytes[at] !== 0 || at < 1024 || at % zeroStep === 0) yield at
  }
}

async function sweep(image: string, victim = image): Promise<{ found: number; right: number; blind: number }> {
  const content = await contentOf(qcow2Format, image)
  const { data, blind } = placesOf(victim)
  const counts = await flipBytes(qcow2Format, image, content, offsetsOf(victim, data), victim)
  expect(counts.wrong.filter((offset) => !isIn(blind, offset))).toEqual([])
  return { found: counts.found, right: counts.right, blind: counts.wrong.length }
}

async function expectCutsFound(image: string, step = 7): Promise<void> {
  const { size } = statSync(image)
  const lengths = [...range(0, 600), ...range(600, size, step), size - 1]
  expect(await cutFile(qcow2Format, image, await contentOf(qcow2Format, image), lengths)).toEqual([])
}

const CLUSTERS = 'cluster_size=512'

function convert(at: Names, name: string, options: string): void {
  makeRaw(at('raw'), 5120, 3, 1500)
  runToolOk('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-o', options, at('raw'), at(name)])
}

it('with snapshots is not wrong in silence', async (ctx) => {
  await inFolder(ctx, async (at) => {
    convert(at, 'image', CLUSTERS)
    runToolOk('qemu-img', ['snapshot', '-c', 'one', at('image')])
    qemuIo(at('image'), 'write -P 7 512 1024')
    runToolOk('qemu-img', ['snapshot', '-c', 'two', at('image')])
    qemuIo(at('image'), 'write -P 9 1024 1024')
    const { found, blind } = await sweep(at('image'))
    expect(found).toBeGreaterThan(1500)
    expect(blind).toBeLessThan(60)
    await expectCutsFound(at('image'))
  })
})

it('with bitmaps is not wrong in silence', async (ctx) => {
  await inFolder(ctx, async (at) => {
    convert(at, 'image', CLUSTERS)
    runToolOk('qemu-img', ['bitmap', '--add', '-g', '512', at('image'), 'changes'])
    qemuIo(at('image'), 'write -P 7 512 1024')
    const { found, blind } = await sweep(at('image'))
    expect(found).toBeGreaterThan(1000)
    expect(blind).toBeLessThan(60)
    await expectCutsFound(at('image'))
  })
})

it('over a backing file is not wrong in silence, whichever of the two is damaged', async (ctx) => {
  await inFolder(ctx, async (at) => {
    convert(at, 'base', CLUSTERS)
    runToolOk('qemu-img', ['create', '-f', 'qcow2', '-o', CLUSTERS, '-b', 'base', '-F', 'qcow2', at('image')])
    qemuIo(at('image'), 'write -P 7 512 1024', 'write -z 2048 1024')
    expect((await sweep(at('image'))).found).toBeGreaterThan(1000)
    expect((await sweep(at('image'), at('base'))).found).toBeGreaterThan(800)
    await expectCutsFound(at('image'))
  })
})

it('with extended L2 entries is not wrong in silence', async (ctx) => {
  await inFolder(ctx, async (at) => {
    runToolOk('qemu-img', ['create', '-f', 'qcow2', '-o', 'extended_l2=on,cluster_size=16k', at('image'), '64k'])
    qemuIo(at('image'), 'write -P 7 512 1024', 'write -z 2048 1024', 'write -P 5 16k 16k')
    const { found, blind } = await sweep(at('image'))
    expect(found).toBeGreaterThan(150)
    expect(blind).toBeGreaterThan(0)
    await expectCutsFound(at('image'), 197)
  })
})

it('with an external data file is not wrong in silence', async (ctx) => {
  await inFolder(ctx, async (at) => {
    convert(at, 'image', `${CLUSTERS},data_file=${at('data')}`)
    const content = await contentOf(qcow2Format, at('image'))
    const { found, blind } = await sweep(at('image'))
    expect(found).toBeGreaterThan(700)
    // The disk's size, of which more or fewer bytes would fit into its last cluster.
    expect(blind).toBeLessThanOrEqual(2)
    // Of the data there is no checksum; that some are not there is seen.
    const { size } = statSync(at('data'))
    const file = ImageFile.open(at('data'))
    const end = file.readBytes(0, size, 'data').findLastIndex((byte) => byte !== 0)
    file.close()
    const lengths = range(0, end, 31)
    expect(await cutFile(qcow2Format, at('image'), content, lengths, at('data'))).toEqual([])
  })
})
