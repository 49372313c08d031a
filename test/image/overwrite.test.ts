import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'
import { isoImage, mbrSector } from '../disk/memoryDisk'
import { at, holeFile, randomFile, run, useDirectory } from './files'
import { image, listener } from './imageCli'

useDirectory()

/** A disk with a partition on which is an ISO 9660 volume. */
function labelled(name: string, label = 'KEEP ME'): Buffer {
  const iso = isoImage(40, new Map([[20, []]]))
  iso.write(label.padEnd(32), 32768 + 40, 'latin1')
  const disk = Buffer.concat([mbrSector([{ type: 0x83, start: 4, sectors: 160 }]), Buffer.alloc(1536), iso])
  writeFileSync(at(name), disk)
  return disk
}

async function refused(...argv: string[]): Promise<string> {
  const { code, err, out } = await image(...argv)
  expect([code, out]).toEqual([2, ''])
  return err
}

describe('a target that holds something', () => {
  it('is described, left alone, and its names are given', async () => {
    randomFile('source', 1024)
    const before = labelled('target')
    expect(await refused('restore', at('source'), at('target'))).toBe(
      [
        `${at('target')} would be overwritten. On it:`,
        '  partition table: MBR 1234abcd',
        '  partition 1, Linux: ISO 9660 "KEEP ME"',
        "--overwrite NAME goes on; its names: target 1234abcd 'KEEP ME'",
        'Nothing was written.',
        '',
      ].join('\n'),
    )
    expect(readFileSync(at('target')).equals(before)).toBe(true)
  })

  it.each(['target', '1234abcd', 'KEEP ME'])('is overwritten when it is called %s', async (name) => {
    const content = randomFile('source', 1024)
    labelled('target')
    const { code } = await image('restore', at('source'), at('target'), '--overwrite', name)
    expect(code).toBe(0)
    expect(readFileSync(at('target')).subarray(0, 1024).equals(content)).toBe(true)
  })

  it.each(['restore', 'clone', 'create'])('is not overwritten by %s under a wrong name', async (command) => {
    randomFile('source', 1024)
    const before = labelled('target')
    const err = await refused(command, at('source'), at('target'), '--overwrite', 'keep me')
    expect(err).toContain(`--overwrite: nothing on ${at('target')} is called "keep me"`)
    expect(readFileSync(at('target')).equals(before)).toBe(true)
  })

  it('may be data that nobody recognises, or an image of another format', async () => {
    randomFile('source', 4096)
    randomFile('target', 4096)
    expect(await refused('clone', at('source'), at('target'))).toContain('  data that is not recognised\n')
    await image('convert', at('source'), at('target.qcow2'))
    const err = await refused('restore', at('source'), at('target.qcow2'))
    expect(err).toContain('  an image of the format qcow2\n')
    expect(err).toContain('its names: target.qcow2\n')
  })

  it('is found where one byte far from its ends is not zero', async () => {
    randomFile('source', 4096)
    holeFile('target', 40 << 20)
    const bytes = readFileSync(at('target'))
    bytes[20_000_001] = 1
    writeFileSync(at('target'), bytes)
    expect(await refused('restore', at('source'), at('target'))).toContain('  data that is not recognised\n')
  })

  it('shows no character that would not be seen, and can be called by what is shown', async () => {
    randomFile('source', 1024)
    labelled('target', 'A\x1b[2J\u0085')
    const err = await refused('restore', at('source'), at('target'))
    expect(err).toContain('ISO 9660 "A\\u{1b}[2J')
    expect([...err].filter((character) => /\p{Cc}/u.test(character) && character !== '\n')).toEqual([])
    const name = /target 1234abcd '(.*)'/.exec(err)![1]!
    expect((await image('restore', at('source'), at('target'), '--overwrite', name)).code).toBe(0)
  })

  it('is not asked for again by a copy that goes on, and is by one that begins again', async () => {
    const content = randomFile('source', 64 << 20)
    labelled('target')
    truncateSync(at('target'), 64 << 20)
    const interrupt = new AbortController()
    const onProgress = () => interrupt.abort()
    const stopped = await run(
      'restore',
      'source',
      'target',
      {},
      { signal: interrupt.signal, onProgress, stepsPerTurn: 8 },
    )
    expect(stopped.stateFile).toBe(at('state'))
    const options = ['--state', at('state')]
    expect(await refused('restore', at('source'), at('target'), '--restart', ...options)).toContain(
      'would be overwritten',
    )
    expect((await image('restore', at('source'), at('target'), '--resume', ...options)).code).toBe(0)
    expect(readFileSync(at('target')).equals(content)).toBe(true)
  })
})

describe('a target that needs no name', () => {
  it('is blank, and what was looked at is said', async () => {
    randomFile('source', 4096)
    holeFile('small', 1 << 20)
    const small = await image('restore', at('source'), at('small'))
    expect([small.code, small.err]).toEqual([0, `${at('small')}: blank (looked at all of it)\n`])
    holeFile('large', 1 << 30)
    const large = await image('restore', at('source'), at('large'))
    expect(large.err).toBe(
      `${at('large')}: blank (looked at its first and last 4 MiB, and 256 places of 64 KiB between)\n`,
    )
    expect(large.code).toBe(0)
  })

  it('does not exist yet; a name that is not its own is a mistake all the same', async () => {
    randomFile('source', 4096)
    expect((await image('create', at('source'), at('new'))).code).toBe(0)
    const err = await refused('create', at('source'), at('newer'), '--overwrite', 'BACKUP')
    expect(err).toContain('does not exist yet')
    holeFile('blank', 1 << 20)
    expect(await refused('restore', at('source'), at('blank'), '--overwrite', 'BACKUP')).toContain('  blank (looked at')
  })
})

describe('on a terminal', () => {
  async function asked(answer: string): Promise<{ code: number; question: string; err: string }> {
    randomFile('source', 1024)
    labelled('target')
    const { terminal, told } = listener()
    let question = ''
    const ask = async (text: string) => {
      question = text
      return answer
    }
    const code = await runCli(['image', 'restore', at('source'), at('target')], { ...terminal, ask })
    return { code, question, err: told.err }
  }

  it('the name is asked for', async () => {
    const { code, question } = await asked('KEEP ME')
    expect(code).toBe(0)
    expect(question).toContain('  partition 1, Linux: ISO 9660 "KEEP ME"\n')
    expect(question).toMatch(/Its name, to overwrite it: $/)
  })

  it.each(['', 'y', 'yes'])('%j is no name', async (answer) => {
    const { code, err } = await asked(answer)
    expect(code).toBe(2)
    expect(err).toContain('nothing was written')
  })
})

describe('the source itself', () => {
  it('is refused as a target, also as a backing file of the image that is restored', async () => {
    mkdirSync(at('other'))
    randomFile('base', 1 << 20)
    symlinkSync(at('base'), at('other/link'))
    expect(await refused('clone', at('base'), at('other/link'), '--overwrite', 'link')).toContain('are the same file')
    const made = await image('convert', at('base'), at('top.qcow2'), '-o', `backing=${at('base')}`)
    if (made.code !== 0) throw new Error(made.err)
    const err = await refused('restore', at('top.qcow2'), at('base'), '--overwrite', 'base')
    expect(err).toContain('are the same file')
  })
})
