import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { COPY_STOPPED, REASON_TARGET_GONE } from '../../assembly/abi/copier'
import { DRIVE_GONE, DRIVE_MEDIUM_ERROR } from '../../assembly/abi/driveSlots'
import { FileDrive } from '../../host/image/fileDrive'
import type { ImageOptions, ImageResult } from '../../host/image/imageJob'
import type { ImageRequest } from '../../host/image/imagePlan'
import { at, randomFile, run, storedBytes, useDirectory } from './files'
import { image, listener } from './imageCli'

const MIB = 1 << 20

useDirectory()
afterEach(() => vi.restoreAllMocks())

function fan(
  command: ImageRequest['command'],
  targets: readonly string[],
  request: Partial<ImageRequest> = {},
  options: Partial<ImageOptions> = {},
): Promise<ImageResult> {
  const [first, ...further] = targets
  const asking = { name: null, names: targets.filter((name) => existsSync(at(name))), ask: null, tell: () => {} }
  return run(command, 'source', first!, { furtherTargets: further.map(at), ...request }, { asking, ...options })
}

/** Writes to one file end so, from a byte on. */
function failWrites(name: string, status: number, fromBytes: number): void {
  const write = FileDrive.prototype.write
  vi.spyOn(FileDrive.prototype, 'write').mockImplementation(function (this: FileDrive, lba, sectors, memory, address) {
    if (!this.path.startsWith(at(name)) || (lba + sectors) * this.sectorBytes <= fromBytes) {
      return write.call(this, lba, sectors, memory, address)
    }
    this.lastError = `${this.path}: no space left on device`
    this.badLba = lba
    return status
  })
}

/** Aborts when a copy has done a part of its work. */
function abortAt(sectors: number): Partial<ImageOptions> {
  const controller = new AbortController()
  const onProgress = ({ sectorsDone }: { sectorsDone: number }) => {
    if (sectorsDone >= sectors) controller.abort()
  }
  return { signal: controller.signal, onProgress, stepsPerTurn: 8 }
}

function holds(name: string, content: Buffer): boolean {
  return readFileSync(at(name)).subarray(0, content.length).equals(content)
}

describe('one source onto several files', () => {
  it.each([0, 1, 513, 3 * MIB + 17])('makes several images of %i bytes, each whole', async (bytes) => {
    const content = randomFile('source', bytes)
    const result = await fan('create', ['a', 'b', 'c'])
    expect(result.isComplete).toBe(true)
    for (const name of ['a', 'b', 'c']) expect(readFileSync(at(name)).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['a', 'b', 'c', 'source'])
  })

  it('writes over a file and into a new one at once: each as it needs', async () => {
    const content = randomFile('source', 2 * MIB, 1, (position) => position % (512 << 10) >= 64 << 10)
    const old = randomFile('old', 2 * MIB + 4096, 2)
    const result = await fan('clone', ['old', 'new'])
    expect(result.copies.map(({ isGood, extraBytes }) => [isGood, extraBytes])).toEqual([
      [true, 4096],
      [true, 0],
    ])
    expect(holds('old', content)).toBe(true)
    expect(
      readFileSync(at('old'))
        .subarray(2 * MIB)
        .equals(old.subarray(2 * MIB)),
    ).toBe(true)
    expect(readFileSync(at('new')).equals(content)).toBe(true)
    expect(storedBytes('new')).toBeLessThan(MIB)
  })

  it('reads the source once', async () => {
    randomFile('source', 4 * MIB)
    const read = vi.spyOn(FileDrive.prototype, 'read')
    await fan('create', ['a', 'b', 'c'])
    expect(read.mock.calls.reduce((sum, [, sectors]) => sum + sectors, 0)).toBe((4 * MIB) / 512)
  })

  it('reads every target back when told to', async () => {
    const content = randomFile('source', MIB)
    const reads = new Map<string, number>()
    const read = FileDrive.prototype.read
    vi.spyOn(FileDrive.prototype, 'read').mockImplementation(function (this: FileDrive, lba, sectors, memory, address) {
      reads.set(this.path, (reads.get(this.path) ?? 0) + sectors)
      return read.call(this, lba, sectors, memory, address)
    })
    await fan('create', ['a', 'b'], {}, { readBack: true })
    expect([...reads.values()]).toEqual([2048, 2048, 2048])
    expect(holds('b', content)).toBe(true)
  })

  it('is interrupted, and goes on where it was', async () => {
    const content = randomFile('source', 8 * MIB)
    const first = await fan('create', ['a', 'b'], {}, abortAt(4000))
    expect(first.state).toBe(COPY_STOPPED)
    expect(first.copies.some(({ isGood }) => isGood)).toBe(false)
    await expect(fan('create', ['b', 'a'], { resume: true })).rejects.toThrow('found the state of a copy to ')
    await expect(fan('create', ['a'], { resume: true })).rejects.toThrow('found the state of a copy to ')
    const second = await fan('create', ['a', 'b'], { resume: true })
    expect(second.isComplete).toBe(true)
    expect(second.resumedAtSector).toBeGreaterThan(3000)
    for (const name of ['a', 'b']) expect(readFileSync(at(name)).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['a', 'b', 'source'])
  })
})

describe('a file that takes no more', () => {
  it('is dropped and removed, and the other one is whole', async () => {
    const content = randomFile('source', 8 * MIB)
    failWrites('a', DRIVE_GONE, 3 * MIB)
    const result = await fan('create', ['a', 'b'])
    expect(result.isComplete).toBe(false)
    expect(result.copies[0]).toMatchObject({ isGood: false, isDropped: true, reason: REASON_TARGET_GONE })
    expect(result.copies[0]!.lastError).toContain('no space left')
    expect(result.copies[1]).toMatchObject({ isGood: true, isDropped: false, lastError: '' })
    expect(readFileSync(at('b')).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['b', 'source'])
  })

  it('stays dropped over an interruption, and when there is room again', async () => {
    const content = randomFile('source', 8 * MIB)
    failWrites('a', DRIVE_GONE, MIB)
    const first = await fan('create', ['a', 'b'], {}, { ...abortAt(3000), sync: true })
    expect(first.state).toBe(COPY_STOPPED)
    vi.restoreAllMocks()
    const second = await fan('create', ['a', 'b'], { resume: true })
    expect(second.copies.map(({ isGood }) => isGood)).toEqual([false, true])
    expect(readFileSync(at('b')).equals(content)).toBe(true)
    expect(readdirSync(at('')).sort()).toEqual(['b', 'source'])
  })

  it('leaves a copy to be gone on with when it is the last one', async () => {
    const content = randomFile('source', 8 * MIB)
    failWrites('', DRIVE_GONE, 3 * MIB)
    const first = await fan('create', ['a', 'b'])
    expect(first.copies.filter(({ isDropped }) => isDropped)).toHaveLength(1)
    expect(first.stateFile).not.toBeNull()
    vi.restoreAllMocks()
    const second = await fan('create', ['a', 'b'], { resume: true })
    const good = second.copies.filter(({ isGood }) => isGood)
    expect(good).toHaveLength(1)
    expect(holds(good[0]!.name.slice(at('').length).replace('/', ''), content)).toBe(true)
    expect(readdirSync(at(''))).toHaveLength(2)
  })

  it('has its sectors in the list under its name, and the text says what is a copy', async () => {
    randomFile('source', 4096)
    failWrites('a', DRIVE_MEDIUM_ERROR, 4095)
    const { code, out } = await image('create', at('source'), at('a'), at('b'), '--json')
    expect(code).toBe(1)
    const { targets, lost, outcome } = JSON.parse(out)
    expect(outcome).toBe('complete but for listed sectors')
    expect(targets.map((one: { outcome: string }) => one.outcome)).toEqual([
      'complete but for listed sectors',
      'complete',
    ])
    expect(lost[0].cause).toBe(`${at('a')}: medium error`)
  })

  it('is told while the others go on', async () => {
    randomFile('source', 8 * MIB)
    failWrites('b', DRIVE_GONE, MIB)
    const dropped: (number | undefined)[] = []
    const onProgress = ({ droppedTargets }: { droppedTargets?: number }) => dropped.push(droppedTargets)
    await fan('create', ['a', 'b', 'c'], {}, { onProgress, stepsPerTurn: 4 })
    expect([...new Set(dropped)]).toEqual([0, 1])
  })

  it('makes the exit code 1', async () => {
    randomFile('source', 2 * MIB)
    failWrites('b', DRIVE_GONE, MIB)
    const { code, out } = await image('clone', at('source'), at('a'), at('b'))
    expect(code).toBe(1)
    expect(out).toContain(`source -> 2 targets: complete on 1 of 2 targets\n`)
    expect(out).toContain(`  ${at('a')}: complete\n`)
    expect(out).toContain(`  ${at('b')}: no copy: the target takes no more (`)
  })
})

describe('several targets, before anything is written', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['the same file twice', ['a', 'b', 'a'], 'are the same target'],
    ['the same new file twice', ['n', './n'], 'are the same target'],
    ['one that is too small', ['n', 'small'], 'small is too small'],
    ['the source', ['n', 'source'], 'are the same file'],
    ['one without a name', ['a', 'b', '--overwrite', 'a'], 'none of the names is one of'],
    ['a name that is none', ['a', '--overwrite', 'a', '--overwrite', 'x'], 'no target is called "x"'],
    ['more than there are bays', ['1', '2', '3', '4', '5', '6', '7', '8'], 'found 8 targets, expected at most 7'],
    ['a picture', ['n', 'm', '--map', 'map.svg'], '--map is a picture of one target'],
  ])('refuses %s', async (_, words, message) => {
    randomFile('source', 4096)
    for (const name of ['a', 'b']) randomFile(name, 4096, 2)
    writeFileSync(at('small'), '')
    const before = ['a', 'b'].map((name) => readFileSync(at(name)).toString('hex'))
    const isWord = (word: string, index: number) => word.startsWith('--') || words[index - 1]?.startsWith('--')
    const argv = words.map((word, index) => (isWord(word, index) ? word : `${at('')}/${word}`))
    const { code, err, out } = await image('clone', at('source'), ...argv)
    expect(err).toContain(message)
    expect([code, out]).toEqual([2, ''])
    expect(['a', 'b'].map((name) => readFileSync(at(name)).toString('hex'))).toEqual(before)
    expect(readdirSync(at('')).sort()).toEqual(['a', 'b', 'small', 'source'])
  })

  it('asks for the name of each that holds data', async () => {
    const content = randomFile('source', 4096)
    for (const name of ['a', 'b']) randomFile(name, 4096, 2)
    const { terminal, told } = listener()
    const asked: string[] = []
    const ask = async (question: string) => {
      asked.push(question)
      return asked.length === 1 ? 'a' : 'b'
    }
    const { runCli } = await import('../../host/cli/program')
    const code = await runCli(['image', 'restore', at('source'), at('a'), at('b')], { ...terminal, ask })
    expect([code, told.out.includes('complete')]).toEqual([0, true])
    expect(asked.map((question) => question.split(' ')[0])).toEqual([at('a'), at('b')])
    for (const name of ['a', 'b']) expect(holds(name, content)).toBe(true)
  })
})

it('is played on simulated drives, with power cuts', async () => {
  const content = randomFile('source', 2 * MIB)
  const drives = ['--source-drive', 'hdd', '--target-drive', 'ssd', '--power-cut', '30ms', '--power-cut', '200ms']
  const { code, out } = await image('clone', at('source'), at('a'), at('b'), at('c'), ...drives, '--unreadable', '100')
  expect(code).toBe(1)
  expect(out).toContain('with 2 power cuts')
  content.fill(0, 51_200, 51_712)
  for (const name of ['a', 'b', 'c']) expect(readFileSync(at(name)).equals(content)).toBe(true)
  expect(out).toContain('  sector 100: source: medium error')
})

it('copies a CD to several files, each sector checked once for all', async () => {
  await image('disc', 'fixtures/discs/scratched.yaml', at('source'), '--damaged')
  const { code, out } = await image('create', at('source'), at('a'), at('b'), '--optical')
  expect(code).toBe(1)
  expect(out).toContain('source: more is wrong than its code corrects')
  await image('create', at('source'), at('one'), '--optical')
  for (const name of ['a', 'b']) expect(readFileSync(at(name)).equals(readFileSync(at('one')))).toBe(true)
})
