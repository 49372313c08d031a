import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COPY_STOPPED, LOST_DIFFERS } from '../../assembly/abi/copier'
import { ImageInputError } from '../../host/formats/imageInputError'
import type { CopyProgress } from '../../host/image/copyJob'
import type { ImageOptions } from '../../host/image/imageJob'
import { at, holeFile, randomFile, run, storedBytes, useDirectory } from './files'

const MIB = 1 << 20

useDirectory()

/** Content, names and sizes of everything in the test's directory. */
function snapshot(): string {
  return JSON.stringify(
    readdirSync(at(''), { recursive: true }).map((name) => [name, statSync(at(String(name))).mtimeMs]),
  )
}

/** Aborts when a copy has done a part of its work. */
function abortAt(sectors: number): Partial<ImageOptions> {
  const controller = new AbortController()
  const onProgress = ({ sectorsDone }: { sectorsDone: number }) => {
    if (sectorsDone >= sectors) controller.abort()
  }
  return { signal: controller.signal, onProgress, stepsPerTurn: 8 }
}

/** A state in which both copies of the copier's record have a wrong byte. */
function damaged(state: string): string {
  const parsed = JSON.parse(state) as { nvramBase64: string }
  const nvram = Buffer.from(parsed.nvramBase64, 'base64')
  for (const record of [0, 256]) nvram[record + 100]! ^= 1
  return JSON.stringify({ ...parsed, nvramBase64: nvram.toString('base64') })
}

describe('image create', () => {
  it.each([0, 1, 511, 512, 513, 100_000, 3 * MIB + 17])('makes a copy of %i bytes', async (bytes) => {
    const content = randomFile('source', bytes)
    const result = await run('create', 'source', 'image')
    expect(result.isComplete).toBe(true)
    expect(readFileSync(at('image')).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['image', 'source'])
  })

  it('leaves holes for zeros, wherever they are', async () => {
    const isZero = (position: number): boolean => position % (256 << 10) >= 16 << 10
    const content = randomFile('source', 4 * MIB, 3, isZero)
    expect(storedBytes('source')).toBeGreaterThanOrEqual(4 * MIB)
    const result = await run('create', 'source', 'image')
    expect(readFileSync(at('image')).equals(content)).toBe(true)
    expect(storedBytes('image')).toBeLessThan(MIB)
    expect(result.zeroSectors * 512).toBe(4 * MIB - (256 << 10))
  })

  it('needs nothing of 64 GiB for a sparse file of 64 GiB', async () => {
    holeFile('source', 64 * 1024 * MIB)
    const result = await run('create', 'source', 'image')
    expect(result.isComplete).toBe(true)
    expect(statSync(at('image')).size).toBe(64 * 1024 * MIB)
    expect(storedBytes('image')).toBeLessThan(MIB)
  })

  it('reads holes itself when it is told not to trust the file system', async () => {
    holeFile('source', 8 * MIB)
    const result = await run('create', 'source', 'image', {}, { readHoles: true })
    expect(result.zeroSectors).toBe(16384)
    expect(storedBytes('image')).toBeLessThan(MIB)
  })

  it('replaces an image only when the new one is whole', async () => {
    randomFile('source', 16 * MIB)
    writeFileSync(at('image'), 'old')
    const stopped = await run('create', 'source', 'image', {}, abortAt(1))
    expect(stopped.isComplete).toBe(false)
    expect(readFileSync(at('image'), 'utf8')).toBe('old')
    await run('create', 'source', 'image', { resume: true })
    expect(readFileSync(at('image')).equals(readFileSync(at('source')))).toBe(true)
  })
})

describe('what is refused', () => {
  async function refused(promise: Promise<unknown>, words: string): Promise<void> {
    const before = snapshot()
    const error: unknown = await promise.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ImageInputError)
    expect((error as Error).message).toContain(words)
    expect(snapshot()).toBe(before)
  }

  it('a source that is missing, a directory, or a device that is no block device', async () => {
    mkdirSync(at('directory'))
    await refused(run('create', 'nothing', 'image'), 'nothing does not exist')
    await refused(run('create', 'directory', 'image'), 'is a directory')
    await refused(run('create', 'x', 'image', { source: '/dev/null' }), 'neither a file nor a block device')
  })

  it('an image that is the source, by whatever name', async () => {
    randomFile('source', 4096)
    linkSync(at('source'), at('linked'))
    symlinkSync(at('source'), at('symbolic'))
    for (const target of ['source', 'linked', 'symbolic']) {
      for (const command of ['create', 'restore', 'clone', 'verify'] as const) {
        await refused(run(command, 'source', target), 'are the same file')
      }
    }
  })

  it('a directory or a device as an image', async () => {
    randomFile('source', 4096)
    mkdirSync(at('directory'))
    await refused(run('create', 'source', 'directory'), 'is a directory')
    await refused(run('create', 'source', 'missing/image'), 'missing does not exist')
    await refused(run('create', 'source', 'x', { target: '/dev/null' }), 'is no regular file')
  })

  it('a target that is too small or missing', async () => {
    randomFile('source', 8192)
    randomFile('small', 8191)
    for (const command of ['restore', 'clone', 'verify'] as const) {
      await refused(run(command, 'source', 'small'), 'too small: found 8191 bytes, expected at least the 8192 bytes')
    }
    await refused(run('restore', 'source', 'nothing'), 'nothing does not exist')
  })

  it('a state that is damaged, of another copy, or of a source that has changed', async () => {
    randomFile('source', 16 * MIB)
    randomFile('other', 4 * MIB)
    await run('create', 'source', 'image', {}, abortAt(1))
    const state = readFileSync(at('state'), 'utf8')
    const resume = { resume: true }
    await refused(run('create', 'source', 'image'), '--resume goes on with it')
    await refused(run('clone', 'source', 'new', resume), 'found the state of image create')
    await refused(run('create', 'other', 'image', resume), 'found the state of a copy of')
    await refused(run('create', 'source', 'image', { ...resume, sectorBytes: 4096 }), 'found sectors of 512 bytes')
    await refused(run('create', 'source', 'elsewhere', resume), 'elsewhere.partial is missing')
    for (const [text, words] of [
      ['{', 'expected the state of a copy'],
      ['[]', 'found platterlabCopyState undefined'],
      [state.replace(/"nvramBase64": ".*"/, '"nvramBase64": 5'), 'found 5 as nvramBase64'],
      [damaged(state), 'the record of the copier is damaged'],
    ] as const) {
      writeFileSync(at('state'), text)
      await refused(run('create', 'source', 'image', resume), words)
    }
    writeFileSync(at('state'), state)
    randomFile('source', 4 * MIB + 512, 2)
    await refused(run('create', 'source', 'image', resume), 'has changed since')
  })
})

describe('image restore and clone', () => {
  it('writes over what was there, zeros too, and leaves alone what lies behind', async () => {
    const isZero = (position: number): boolean => position % 65536 > 30000
    const content = randomFile('image', MIB + 100, 1, isZero)
    const before = randomFile('target', 2 * MIB, 2)
    const result = await run('restore', 'image', 'target')
    const after = readFileSync(at('target'))
    expect(after.subarray(0, content.length).equals(content)).toBe(true)
    expect(after.subarray(content.length).equals(before.subarray(content.length))).toBe(true)
    expect(result.targetExtraBytes).toBe(MIB - 100)
  })

  it('keeps a sparse target sparse where the image is zeros', async () => {
    holeFile('image', 16 * MIB)
    holeFile('target', 16 * MIB)
    await run('restore', 'image', 'target')
    expect(storedBytes('target')).toBeLessThan(MIB)
  })

  it('clones into a new file, and over an existing one', async () => {
    const content = randomFile('a', 300_000)
    await run('clone', 'a', 'new')
    randomFile('old', 300_000, 7)
    await run('clone', 'a', 'old')
    for (const name of ['new', 'old']) expect(readFileSync(at(name)).equals(content)).toBe(true)
  })
})

describe('image verify', () => {
  it('finds equal files equal, also when one is sparse and the other is not', async () => {
    writeFileSync(at('a'), Buffer.alloc(8 * MIB))
    holeFile('b', 8 * MIB)
    const result = await run('verify', 'a', 'b')
    expect(result.lostSectors).toBe(0)
    expect(result.isComplete).toBe(true)
  })

  it('lists the sectors that differ, and changes nothing', async () => {
    const content = randomFile('a', 4 * MIB + 5)
    content[100 * 512] ^= 1
    content[4 * MIB + 4] ^= 1
    writeFileSync(at('b'), content)
    const result = await run('verify', 'a', 'b')
    expect(result.lost).toEqual([
      { lba: 100, sectors: 1, why: LOST_DIFFERS },
      { lba: 8192, sectors: 1, why: LOST_DIFFERS },
    ])
    expect(readFileSync(at('b')).equals(content)).toBe(true)
  })
})

describe('a copy that is interrupted', () => {
  it.each([false, true])('goes on where it was (sync: %s)', async (sync) => {
    const content = randomFile('source', 24 * MIB)
    const stopped = await run('create', 'source', 'image', {}, { sync, ...abortAt(1) })
    expect(stopped.state).toBe(COPY_STOPPED)
    expect(existsSync(at('image'))).toBe(false)
    const partial = readFileSync(at('image.partial'))
    const doneBytes = stopped.sectorsDone * 512
    expect(partial.subarray(0, doneBytes).equals(content.subarray(0, doneBytes))).toBe(true)
    const result = await run('create', 'source', 'image', { resume: true })
    expect(result.resumedAtSector).toBe(stopped.sectorsDone)
    expect(result.isComplete).toBe(true)
    expect(readFileSync(at('image')).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['image', 'source'])
  })

  it('says while it goes on what was copied before', async () => {
    randomFile('source', 24 * MIB)
    const begun: number[] = []
    const onProgress = ({ resumedAtSector = -1 }: CopyProgress): void => void begun.push(resumedAtSector)
    await run('create', 'source', 'first', {}, { onProgress })
    expect(new Set(begun)).toEqual(new Set([0]))
    const { sectorsDone } = await run('create', 'source', 'image', {}, abortAt(1))
    begun.length = 0
    await run('create', 'source', 'image', { resume: true }, { onProgress })
    expect(new Set(begun)).toEqual(new Set([sectorsDone]))
  })

  it('begins again when told to', async () => {
    const content = randomFile('source', 16 * MIB)
    await run('create', 'source', 'image', {}, abortAt(1))
    const result = await run('create', 'source', 'image', { restart: true })
    expect(result.isResumed).toBe(false)
    expect(readFileSync(at('image')).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['image', 'source'])
  })

  it('before its first sector leaves nothing behind', async () => {
    randomFile('source', 8 * MIB)
    const result = await run('create', 'source', 'image', {}, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ isComplete: false, stateFile: null })
    expect(readdirSync(at(''))).toEqual(['source'])
  })

  it('begins when there is nothing to go on with', async () => {
    randomFile('source', 4096)
    const result = await run('create', 'source', 'image', { resume: true })
    expect(result.isResumed).toBe(false)
    expect(result.isComplete).toBe(true)
  })
})
