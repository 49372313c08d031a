import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedImage } from '../../../host/formats/damagedImage'
import type { DiskImage, Finding } from '../../../host/formats/format'
import { rawFormat } from '../../../host/formats/raw/rawFormat'
import { checkSums, makeSums } from '../../../host/formats/sums/diskSums'
import { parseSums, type Sums, sumsText } from '../../../host/formats/sums/sums'
import { readSumsOf, sumsPathOf, writeSums } from '../../../host/formats/sums/sumsFile'
import { defaultChunkBytes } from '../../../host/formats/sums/sumsMaker'
import { at, useDirectory } from '../../image/files'
import { MemoryImage } from '../../support/memoryImage'

useDirectory()

const CHUNK = 4096
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function findingsOf(image: DiskImage, sums: Sums): Promise<Finding[]> {
  const findings: Finding[] = []
  await checkSums(image, sums, (finding) => findings.push(finding))
  return findings
}

const disk = (): MemoryImage =>
  new MemoryImage([
    { kind: 'data', bytes: 3 * CHUNK + 512 },
    { kind: 'zero', bytes: 5 * CHUNK },
    { kind: 'unread', bytes: 1024 },
    { kind: 'data', bytes: 512 },
    { kind: 'zero', bytes: 3 * CHUNK },
    { kind: 'data', bytes: 700 },
  ])

describe('the sums of a disk', () => {
  it('are those of its bytes, whatever is known to be zeros', async () => {
    const image = disk()
    const sums = await makeSums(image, { chunkBytes: CHUNK })
    expect(sums.sha256).toBe(sha256(image.content))
    for (let chunk = 0; chunk * CHUNK < image.diskBytes; chunk++) {
      const bytes = image.content.subarray(chunk * CHUNK, (chunk + 1) * CHUNK)
      expect(Buffer.from(sums.chunks.subarray(chunk * 32, chunk * 32 + 32)).toString('hex')).toBe(sha256(bytes))
    }
    expect(await findingsOf(image, sums)).toEqual([])
  })

  it('are right for any row of pieces and any length of chunks', async () => {
    const piece = fc.record({
      kind: fc.constantFrom('data' as const, 'zero' as const, 'unread' as const),
      bytes: fc.integer({ min: 1, max: 5000 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.integer({ min: 100, max: 9000 }),
        async (pieces, chunkBytes) => {
          const image = new MemoryImage(pieces)
          const sums = await makeSums(image, { chunkBytes })
          expect(sums.sha256).toBe(sha256(image.content))
          const digests = Array.from({ length: Math.ceil(image.diskBytes / chunkBytes) }, (_, chunk) =>
            sha256(image.content.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes)),
          )
          expect(Buffer.from(sums.chunks).toString('hex')).toBe(digests.join(''))
          expect(await findingsOf(image, sums)).toEqual([])
          const again = parseSums(sumsText(sums), 'x')
          expect(sumsText(again).equals(sumsText(sums))).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('find the chunk in which a bit is wrong', async () => {
    const image = disk()
    const sums = await makeSums(image, { chunkBytes: CHUNK })
    for (const place of [0, CHUNK - 1, CHUNK, 3 * CHUNK + 100, image.diskBytes - 1]) {
      image.content[place]! ^= 0x10
      const startBytes = place - (place % CHUNK)
      const endBytes = Math.min(startBytes + CHUNK, image.diskBytes)
      const findings = await findingsOf(image, sums)
      expect(findings.map((finding) => finding.disk)).toEqual([{ startBytes, endBytes }])
      image.content[place]! ^= 0x10
    }
    expect(await findingsOf(image, sums)).toEqual([])
  })

  it('find what cannot be read, what is unread now, and a disk of another length', async () => {
    const pieces = (middle: 'data' | 'damaged' | 'unread', end = 900) =>
      new MemoryImage([
        { kind: 'data', bytes: CHUNK },
        { kind: middle, bytes: CHUNK },
        { kind: 'data', bytes: end },
      ])
    const sums = await makeSums(pieces('data'), { chunkBytes: CHUNK })
    const second = { startBytes: CHUNK, endBytes: 2 * CHUNK }
    const damaged = await findingsOf(pieces('damaged'), sums)
    expect(damaged.map(({ disk: where, text }) => [where, text])).toEqual([[second, 'a wrong sum']])
    expect((await findingsOf(pieces('unread'), sums)).map(({ disk: where }) => where)).toEqual([second, second])
    expect((await findingsOf(pieces('data', 800), sums))[0]!.text).toContain('bytes, and the sums are of one of')
    // Zeros are no proof that a sector was read.
    const zeros = new MemoryImage([{ kind: 'zero', bytes: CHUNK }])
    const lost = new MemoryImage([{ kind: 'unread', bytes: CHUNK }])
    expect(await findingsOf(lost, await makeSums(zeros))).toHaveLength(1)
    expect(await findingsOf(lost, await makeSums(lost))).toEqual([])
  })

  it('of an image that cannot be read are not made', async () => {
    const image = new MemoryImage([{ kind: 'damaged', bytes: 512 }])
    await expect(makeSums(image)).rejects.toThrow(DamagedImage)
    await expect(makeSums(disk(), { signal: AbortSignal.abort() })).rejects.toThrow()
  })

  it('have no more lines for a larger disk', () => {
    expect(defaultChunkBytes(1 << 30)).toBe(4 << 20)
    expect(defaultChunkBytes(2 ** 40)).toBe(4 << 20)
    expect(defaultChunkBytes(16 * 2 ** 40)).toBe(64 << 20)
  })

  it('are the same when a large disk is digested by a thread of its own', async () => {
    const image = new MemoryImage([
      { kind: 'data', bytes: 40 << 20 },
      { kind: 'zero', bytes: 3 << 20 },
      { kind: 'data', bytes: 777 },
    ])
    const sums = await makeSums(image)
    expect(sums.sha256).toBe(sha256(image.content))
    expect(await findingsOf(image, sums)).toEqual([])
  })
})

describe('a file of sums', () => {
  async function sumsOfFile(): Promise<Sums> {
    writeFileSync(at('disk.img'), Buffer.alloc(10_000, 3))
    const image = await rawFormat.open(at('disk.img'))
    const sums = await makeSums(image, { chunkBytes: CHUNK, withFiles: true })
    image.close()
    return sums
  }

  it('lies beside its image', async () => {
    const sums = await sumsOfFile()
    expect(readSumsOf(at('disk.img'))).toBeNull()
    writeSums(sumsPathOf(at('disk.img')), sums)
    expect(sumsText(readSumsOf(at('disk.img'))!).equals(sumsText(sums))).toBe(true)
    expect(sums.files).toEqual([{ name: 'disk.img', bytes: 10_000, sha256: sums.sha256 }])
  })

  it('is refused when any byte of it is flipped, and when it is cut', async () => {
    const text = sumsText(await sumsOfFile())
    for (let offset = 0; offset < text.length; offset++) {
      const damaged = Buffer.from(text)
      damaged[offset]! ^= 1 << (offset % 8)
      expect(() => parseSums(damaged, 'x'), `flipped at ${offset}`).toThrow(DamagedImage)
      expect(() => parseSums(text.subarray(0, offset), 'x'), `cut to ${offset}`).toThrow(DamagedImage)
    }
  })

  it('is found wrong by the image when somebody changed it and made its own sum right', async () => {
    const text = sumsText(await sumsOfFile())
    const end = text.lastIndexOf('# end ')
    const image = await rawFormat.open(at('disk.img'))
    const unseen = new Set<number>()
    for (let offset = 0; offset < end; offset++) {
      const body = Buffer.from(text.subarray(0, end))
      body[offset]! ^= 1
      const sealed = Buffer.concat([body, Buffer.from(`# end ${sha256(body)}\n`)])
      try {
        if ((await findingsOf(image, parseSums(sealed, 'x'))).length === 0) unseen.add(offset)
      } catch (error) {
        if (!(error instanceof DamagedImage)) throw error
      }
    }
    image.close()
    // The lines about files are for who checks files; and the same content may have sectors of another size in another format.
    const files = text.indexOf('# file ')
    const sectorSize = text.indexOf('512\n')
    expect([...unseen].filter((offset) => offset < files)).toEqual([sectorSize, sectorSize + 1, sectorSize + 2])
  })

  it('of another image of the same length is found to be that in every chunk', async () => {
    const sums = await sumsOfFile()
    writeFileSync(at('disk.img'), Buffer.alloc(10_000, 4))
    const image = await rawFormat.open(at('disk.img'))
    const starts = (await findingsOf(image, sums)).map(({ disk: where }) => where?.startBytes)
    image.close()
    expect(starts).toEqual([0, CHUNK, 2 * CHUNK])
  })

  it('is refused when it is hostile, with a right sum of its own', () => {
    const sealed = (body: string): Buffer => Buffer.from(`${body}# end ${sha256(Buffer.from(body))}\n`)
    const head = '# platterlab sums 1\n# disk 8192 bytes in sectors of 512\n'
    const digest = '0'.repeat(64)
    const cases = [
      '',
      'nonsense\n',
      `${head}# sha256 ${digest}\n# chunks of 0\n`,
      `${head}# sha256 ${digest}\n# chunks of 1\n`,
      `${head}# sha256 ${digest}\n# chunks of 4096\n# 0 ${digest}\n# 4095 ${digest}\n`,
      `${head}# sha256 ${digest}\n# unread 8000 4000\n# chunks of 8192\n# 0 ${digest}\n`,
      `${head}# sha256 ${digest}\n# chunks of 8192\n# 0 ${digest}\n# file 8192 ../x\n${digest}  ../x\n`,
      `${head}# sha256 ${digest}\n# chunks of 8192\n# 0 ${digest}\n# file 8192 a\n${digest}  b\n`,
      head.replace('8192', '9'.repeat(30)),
    ]
    for (const body of cases) expect(() => parseSums(sealed(body), 'x'), body).toThrow(DamagedImage)
  })
})
