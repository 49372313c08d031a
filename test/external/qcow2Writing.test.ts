// Images that are written here, judged by qemu-img: it finds no error and no leak, reads the same, and can work on them.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../host/formats/formats'
import { hasZstdPacking } from '../../host/formats/qcow2/codec'
import { qcow2Format } from '../../host/formats/qcow2/qcow2Format'
import {
  expectQemuCheckClean,
  expectQemuSame,
  expectSameAsQemu,
  inFolder,
  makeRaw,
  qemuIo,
  writeImage,
} from './qcow2Judge'
import { runToolOk } from './tools'

const KIB = 1024
const MIB = 1 << 20
const CLUSTERS = ['512', '1K', '4K', '64K', '1M', '2M']

async function expectGood(image: string, raw: string): Promise<void> {
  expectQemuCheckClean(image)
  expectQemuSame(raw, image)
  await expectSameAsQemu(image)
}

describe('an image that is written here', () => {
  it.for(CLUSTERS)('with clusters of %s is what QEMU expects', async (clusterSize, ctx) => {
    await inFolder(ctx, async (at) => {
      const content = makeRaw(at('raw'), 5 * MIB + 5 * 512, 7)
      for (const compat of ['0.10', '1.1']) {
        for (const compression of ['none', 'zlib']) {
          await writeImage(at('image'), content, { compat, compression, cluster_size: clusterSize }, 300_032)
          await expectGood(at('image'), at('raw'))
        }
      }
    })
  })

  it.skipIf(!hasZstdPacking())('compressed with zstd is what QEMU expects', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const content = makeRaw(at('raw'), 5 * MIB + 5 * 512, 7)
      for (const clusterSize of CLUSTERS) {
        await writeImage(at('image'), content, { compression: 'zstd', cluster_size: clusterSize }, 300_032)
        await expectGood(at('image'), at('raw'))
      }
    })
  })

  it.for([0, 512, 64 * KIB - 512, 64 * KIB, 64 * KIB + 512, 3 * MIB + 512])(
    'of a disk of %i bytes is what QEMU expects',
    async (bytes, ctx) => {
      await inFolder(ctx, async (at) => {
        const content = makeRaw(at('raw'), bytes, 1, 5000)
        for (const compression of ['none', 'zlib']) {
          for (const pieceBytes of [512, 10_000, MIB]) {
            await writeImage(at('image'), content, { compression }, pieceBytes)
            await expectGood(at('image'), at('raw'))
          }
        }
      })
    },
  )

  it('of a disk that is no multiple of a sector is filled up with zeros', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const content = makeRaw(at('raw'), 70_001, 1, 5000)
      await writeImage(at('image'), content)
      expectQemuCheckClean(at('image'))
      writeFileSync(at('raw'), Buffer.concat([content, Buffer.alloc(512 - (70_001 % 512))]))
      await expectGood(at('image'), at('raw'))
    })
  })

  it('of many small clusters has refcount blocks among them', async (ctx) => {
    await inFolder(ctx, async (at) => {
      // 40 MiB in clusters of 512 bytes: 80000 clusters in 320 blocks, and a refcount table of several clusters.
      const content = Buffer.alloc(40 * MIB, 'not zero')
      writeFileSync(at('raw'), content)
      await writeImage(at('image'), content, { cluster_size: '512' })
      expectQemuCheckClean(at('image'))
      expectQemuSame(at('raw'), at('image'))
    })
  })

  it.for(['none', 'zlib'])('of 5 GiB with data at both ends is small (compression %s)', async (compression, ctx) => {
    await inFolder(ctx, async (at) => {
      const bytes = 5 * 1024 * MIB
      for (const clusterSize of ['512', '64K', '2M']) {
        const options = new Map(Object.entries({ compression, cluster_size: clusterSize }))
        const writer = await qcow2Format.create!(at('image'), { diskBytes: bytes, sectorBytes: 512, options })
        await writer.write(0, Buffer.alloc(70_000, 1))
        await writer.unread(80_000, 1 << 30)
        await writer.write(bytes - 70_000, Buffer.alloc(70_000, 2))
        await writer.finish()
        expect(statSync(at('image')).size).toBeLessThan(20 * MIB)
        expectQemuCheckClean(at('image'))
        runToolOk('qemu-io', ['-r', '-c', 'read -P 1 0 70000', '-c', `read -P 2 ${bytes - 70_000} 70000`, at('image')])
        const image = await openImage(at('image'))
        const end = Buffer.alloc(512)
        await image.read(bytes - 512, end)
        expect(end.every((byte) => byte === 2)).toBe(true)
        expect(image.extentAt(1 << 30).kind).toBe('zero')
        image.close()
      }
    })
  })

  it('is the same file each time', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const content = makeRaw(at('raw'), 3 * MIB)
      await writeImage(at('one'), content, { compression: 'zlib' }, 512)
      await writeImage(at('two'), content, { compression: 'zlib' }, MIB, true)
      expect(readFileSync(at('one')).equals(readFileSync(at('two')))).toBe(true)
    })
  })

  it('can be written into, resized, and have snapshots', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const content = makeRaw(at('raw'), 3 * MIB)
      for (const compression of ['none', 'zlib']) {
        await writeImage(at('image'), content, { compression, cluster_size: '4K' })
        runToolOk('qemu-img', ['snapshot', '-c', 'first', at('image')])
        qemuIo(at('image'), 'write -P 1 100k 1M', 'write -z 2M 100k')
        expectQemuCheckClean(at('image'))
        await expectSameAsQemu(at('image'))
        runToolOk('qemu-img', ['snapshot', '-a', 'first', at('image')])
        expectQemuSame(at('raw'), at('image'))
        runToolOk('qemu-img', ['snapshot', '-d', 'first', at('image')])
        runToolOk('qemu-img', ['resize', at('image'), '100M'])
        expectQemuCheckClean(at('image'))
        await expectSameAsQemu(at('image'))
      }
    })
  })
})

describe('an overlay that is written here', () => {
  it.for(['1.1', '0.10'])('stores only what differs (compat %s)', async (compat, ctx) => {
    await inFolder(ctx, async (at) => {
      const base = makeRaw(at('base.raw'), 4 * MIB, 3)
      await writeImage(at('base.qcow2'), base)
      const content = Buffer.concat([base, Buffer.alloc(MIB)])
      content.fill(0x11, 100_000, 101_000)
      content.fill(0, 2 * MIB, 2 * MIB + 300_000)
      content.fill(0x22, 4 * MIB + 10_000, 4 * MIB + 20_000)
      writeFileSync(at('raw'), content)
      for (const backing of ['base.raw', 'base.qcow2']) {
        for (const isSparse of [false, true]) {
          for (const compression of ['none', 'zlib']) {
            await writeImage(at('image'), content, { compat, backing, compression }, 64 * KIB, isSparse)
            await expectGood(at('image'), at('raw'))
            expect(statSync(at('image')).size).toBeLessThan(MIB)
          }
        }
      }
    })
  })

  it('over an image that is longer, or that it shortens, is what QEMU expects', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const base = makeRaw(at('base.raw'), 4 * MIB, 3)
      const content = makeRaw(at('raw'), MIB + 512, 4)
      base.copy(content, 0, 0, 600_000)
      writeFileSync(at('raw'), content)
      await writeImage(at('image'), content, { backing: 'base.raw', cluster_size: '2M' })
      await expectGood(at('image'), at('raw'))
      await writeImage(at('image'), content, { backing: 'base.raw', cluster_size: '512' })
      await expectGood(at('image'), at('raw'))
    })
  })

  it('can be rebased, and committed into its backing file', async (ctx) => {
    await inFolder(ctx, async (at) => {
      const base = makeRaw(at('base.raw'), 4 * MIB, 3)
      await writeImage(at('base.qcow2'), base)
      const content = Buffer.from(base)
      content.fill(0x33, 3 * MIB, 3 * MIB + 100_000)
      content.fill(0, MIB, MIB + 100_000)
      writeFileSync(at('raw'), content)
      await writeImage(at('image'), content, { backing: 'base.qcow2' })
      makeRaw(at('other.raw'), 4 * MIB, 9)
      runToolOk('qemu-img', ['rebase', '-b', 'other.raw', '-F', 'raw', at('image')])
      await expectGood(at('image'), at('raw'))
      await writeImage(at('image'), content, { backing: 'base.qcow2' })
      runToolOk('qemu-img', ['commit', at('image')])
      await expectGood(at('base.qcow2'), at('raw'))
    })
  })
})
