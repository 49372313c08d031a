// Images that QEMU writes, in all their variants, read here: the same bytes, the same extents, and nothing wrong with them.

import { describe, it } from 'vitest'
import { expectSameAsQemu, inFolder, makeRaw, qemuIo } from './qcow2Judge'
import { runToolOk } from './tools'

const KIB = 1024
const MIB = 1 << 20
const CLUSTERS = [512, 1024, 4 * KIB, 16 * KIB, 64 * KIB, MIB, 2 * MIB]

function convert(source: string, target: string, options: string, ...more: string[]): void {
  runToolOk('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', ...more, '-o', options, source, target])
}

describe('an image that qemu-img made', () => {
  it.for(CLUSTERS)('with clusters of %i bytes reads the same', async (clusterBytes, ctx) => {
    await inFolder(ctx, async (at) => {
      makeRaw(at('raw'), 3 * MIB + 5 * 512, clusterBytes)
      for (const compat of ['0.10', '1.1']) {
        for (const more of [[], ['-c']]) {
          convert(at('raw'), at('image'), `compat=${compat},cluster_size=${clusterBytes}`, ...more)
          await expectSameAsQemu(at('image'))
        }
      }
    })
  })

  it.for([0, 512, 64 * KIB - 512, 64 * KIB, 64 * KIB + 512])(
    'of a disk of %i bytes reads the same',
    async (bytes, ctx) => {
      await inFolder(ctx, async (at) => {
        makeRaw(at('raw'), bytes, 1, 5000)
        for (const more of [[], ['-c']]) {
          convert(at('raw'), at('image'), 'compat=1.1', ...more)
          await expectSameAsQemu(at('image'))
        }
      })
    },
  )

  it.for([1, 2, 4, 8, 16, 32, 64])('with refcounts of %i bits reads the same', async (bits, ctx) => {
    await inFolder(ctx, async (at) => {
      makeRaw(at('raw'), 3 * MIB)
      convert(at('raw'), at('image'), `refcount_bits=${bits},cluster_size=4096`)
      await expectSameAsQemu(at('image'))
    })
  })

  it.for(['4K', '64K', '2M'])('compressed with zstd in clusters of %s reads the same', async (clusterSize, ctx) => {
    await inFolder(ctx, async (at) => {
      for (const seed of [1, 2]) {
        makeRaw(at('raw'), 5 * MIB, seed, seed * 3000)
        convert(at('raw'), at('image'), `compression_type=zstd,cluster_size=${clusterSize}`, '-c')
        await expectSameAsQemu(at('image'))
      }
    })
  })

  it('with preallocated tables, or all of it, reads the same', async (ctx) => {
    await inFolder(ctx, async (at) => {
      for (const mode of ['metadata', 'falloc', 'full']) {
        runToolOk('qemu-img', ['create', '-f', 'qcow2', '-o', `preallocation=${mode}`, at(mode), '5M'])
        qemuIo(at(mode), 'write -P 7 100k 200k')
        await expectSameAsQemu(at(mode))
      }
    })
  })

  it('with an external data file, raw or not, reads the same', async (ctx) => {
    await inFolder(ctx, async (at) => {
      makeRaw(at('raw'), 3 * MIB + 512)
      for (const raw of ['on', 'off']) {
        convert(at('raw'), at('image'), `data_file=${at('data')},data_file_raw=${raw}`)
        qemuIo(at('image'), 'write -P 9 1M 100k', 'write -z 64k 128k')
        await expectSameAsQemu(at('image'))
      }
    })
  })
})

describe('an image that qemu-io wrote into', () => {
  it.for(['compat=0.10', 'compat=1.1', 'extended_l2=on,cluster_size=16k', 'extended_l2=on,cluster_size=128k'])(
    'with %s reads the same',
    async (options, ctx) => {
      await inFolder(ctx, async (at) => {
        runToolOk('qemu-img', ['create', '-f', 'qcow2', '-o', options, at('image'), '8M'])
        qemuIo(
          at('image'),
          'write -P 1 0 512',
          'write -P 2 70k 3k',
          'write -P 3 1M 200k',
          'write -z 1100k 40k',
          'write -z -u 1M 64k',
          'write -c -P 4 3M 128k',
          'discard 1216k 64k',
          'write -z 4M 1M',
          'write -P 5 4200k 1k',
          'write -P 6 8191k 1k',
        )
        await expectSameAsQemu(at('image'))
      })
    },
  )

  it('that has snapshots reads its active disk', async (ctx) => {
    await inFolder(ctx, async (at) => {
      makeRaw(at('raw'), 3 * MIB)
      convert(at('raw'), at('image'), 'cluster_size=4096', '-c')
      runToolOk('qemu-img', ['snapshot', '-c', 'first', at('image')])
      qemuIo(at('image'), 'write -P 1 0 1M', 'write -z 2M 100k')
      runToolOk('qemu-img', ['snapshot', '-c', 'second', at('image')])
      qemuIo(at('image'), 'write -P 2 512k 1M')
      await expectSameAsQemu(at('image'))
      runToolOk('qemu-img', ['snapshot', '-a', 'first', at('image')])
      await expectSameAsQemu(at('image'))
      runToolOk('qemu-img', ['snapshot', '-d', 'first', at('image')])
      await expectSameAsQemu(at('image'))
    })
  })

  it('that has bitmaps has no leaks', async (ctx) => {
    await inFolder(ctx, async (at) => {
      runToolOk('qemu-img', ['create', '-f', 'qcow2', at('image'), '80M'])
      runToolOk('qemu-img', ['bitmap', '--add', '-g', '512', at('image'), 'first'])
      runToolOk('qemu-img', ['bitmap', '--add', at('image'), 'second'])
      qemuIo(at('image'), 'write -P 1 5M 1M')
      await expectSameAsQemu(at('image'))
    })
  })
})

describe('an overlay that qemu-img made', () => {
  const create = (target: string, backing: string, format: string, size: string, options = ''): void => {
    runToolOk('qemu-img', ['create', '-f', 'qcow2', '-F', format, '-b', backing, ...option(options), target, size])
  }
  const option = (options: string): string[] => (options === '' ? [] : ['-o', options])

  it.for(['compat=0.10', 'compat=1.1', 'extended_l2=on', 'cluster_size=4096'])(
    'over images that are longer and shorter reads the same (%s)',
    async (options, ctx) => {
      await inFolder(ctx, async (at) => {
        makeRaw(at('base.raw'), 3 * MIB + 512)
        create(at('longer'), 'base.raw', 'raw', '5M', options)
        qemuIo(at('longer'), 'write -P 1 1M 100k', 'write -P 2 4M 70k', 'write -z 2M 100k', 'write -c -P 3 512k 64k')
        await expectSameAsQemu(at('longer'))
        create(at('shorter'), 'longer', 'qcow2', '2M', options)
        qemuIo(at('shorter'), 'write -P 4 1000k 64k', 'write -z 0 10k')
        await expectSameAsQemu(at('shorter'))
        create(at('top'), 'shorter', 'qcow2', '6M', options)
        await expectSameAsQemu(at('top'))
      })
    },
  )

  it('has extents of all its images', async (ctx) => {
    await inFolder(ctx, async (at) => {
      runToolOk('qemu-img', ['create', '-f', 'qcow2', at('base'), '4M'])
      qemuIo(at('base'), 'write -P 1 1M 1M')
      create(at('top'), 'base', 'qcow2', '6M')
      qemuIo(at('top'), 'write -z 1152k 128k', 'write -P 2 3M 64k', 'write -P 3 5M 64k')
      await expectSameAsQemu(at('top'))
    })
  })

  it('that is named in a way of a protocol, or with no format, reads the same', async (ctx) => {
    await inFolder(ctx, async (at) => {
      makeRaw(at('base.raw'), MIB)
      create(at('top'), `file:${at('base.raw')}`, 'raw', '1M')
      await expectSameAsQemu(at('top'))
    })
  })
})
