// GNU ddrescue and ddrescuelog as judges of our map files, both ways. Unreadable places are those of our simulated drives, and of
// ddrescue's own test mode (-H: a map file says what it is to find bad).
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseMapfile } from '../../host/image/mapfile'
import { requireLoopDevices, withLoopDevice } from './loopDevice'
import { cannotRun, requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

const CLI = join(import.meta.dirname, '../../dist/cli.mjs')
const BYTES = 3 * (1 << 20) + 100

interface Files {
  readonly source: string
  readonly target: string
  readonly map: string
  readonly content: Buffer
}

function filesIn(folder: string): Files {
  const content = Buffer.alloc(BYTES)
  for (let at = 0; at < BYTES; at += 4) content.writeUInt32LE((Math.imul(at + 1, 0x9e3779b1) | 1) >>> 0, at)
  const source = join(folder, 'source')
  writeFileSync(source, content)
  return { source, target: join(folder, 'target'), map: join(folder, 'map'), content }
}

/** The exit code: 1 says that something is left. */
function platterlab({ source, target, map }: Files, ...options: string[]): number {
  try {
    execFileSync(process.execPath, [CLI, 'image', 'rescue', source, target, map, ...options], { stdio: 'pipe' })
    return 0
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer }
    if (status !== 1) throw new Error(stderr.toString())
    return status
  }
}

const BAD = ['--source-drive', 'ideal', '--unreadable', '0-3,700-900,2000,6144']

const statuses = (map: string): string =>
  parseMapfile(readFileSync(map, 'utf8'), map)
    .blocks.map(({ startBytes, bytes, status }) => `${startBytes / 512}+${Math.ceil(bytes / 512)}${status}`)
    .join(' ')

describe('ddrescuelog', () => {
  it('understands our map file', (ctx) =>
    withTemporaryFolder((folder) => {
      requireTool(ctx, 'ddrescuelog')
      const files = filesIn(folder)
      expect(platterlab(files, ...BAD)).toBe(1)
      const bad = runToolOk('ddrescuelog', ['--list-blocks=-', files.map]).trim().split('\n').map(Number)
      const expected = [0, 1, 2, 3, ...Array.from({ length: 201 }, (_, at) => 700 + at), 2000, 6144]
      expect(bad).toEqual(expected)
      expect(runToolOk('ddrescuelog', ['--show-status', files.map])).toMatch(/current status: finished/)
      // Exit code 0: everything is finished.
      expect(runTool('ddrescuelog', ['--done-status', files.map]).exitCode).toBe(1)
      expect(platterlab(files, '--retry-passes', '1')).toBe(0)
      expect(runTool('ddrescuelog', ['--done-status', files.map]).exitCode).toBe(0)
    }))

  it('understands it after a rescue that left phases out, or went the other way', (ctx) =>
    withTemporaryFolder((folder) => {
      requireTool(ctx, 'ddrescuelog')
      const files = filesIn(folder)
      for (const option of ['--no-trim', '--no-scrape', '--reverse']) {
        for (const path of [files.target, files.map]) writeFileSync(path, '')
        platterlab(files, ...BAD, option, '--force')
        runToolOk('ddrescuelog', ['--show-status', files.map])
      }
    }))
})

describe('GNU ddrescue', () => {
  it('goes on from our map file', (ctx) =>
    withTemporaryFolder((folder) => {
      requireTool(ctx, 'ddrescue')
      const files = filesIn(folder)
      platterlab(files, ...BAD, '--no-scrape')
      expect(statuses(files.map)).toContain('/')
      // Where we were finished it must not read: what changed there since then does not come over.
      const changed = Buffer.from(files.content)
      changed.fill(0xee, 5000 * 512, 5100 * 512)
      writeFileSync(files.source, changed)
      runToolOk('ddrescue', ['--quiet', '--retry-passes=1', files.source, files.target, files.map])
      expect(readFileSync(files.target).equals(files.content)).toBe(true)
    }))

  it('leaves a map file that we go on from, in the phase in which it stopped', (ctx) =>
    withTemporaryFolder((folder) => {
      requireTool(ctx, 'ddrescue')
      const files = filesIn(folder)
      const test = join(folder, 'bad')
      writeFileSync(test, `0 + 1\n0 0x64000 +\n0x64000 0x20000 -\n0x84000 ${BYTES - 0x84000} +\n`)
      runToolOk('ddrescue', ['--quiet', '--no-scrape', `--test-mode=${test}`, files.source, files.target, files.map])
      const before = statuses(files.map)
      expect(before).toContain('/')
      const changed = Buffer.from(files.content)
      changed.fill(0xee, 5000 * 512, 5100 * 512)
      writeFileSync(files.source, changed)
      expect(platterlab(files, '--retry-passes', '1')).toBe(0)
      expect(readFileSync(files.target).equals(files.content)).toBe(true)
      expect(runTool('ddrescuelog', ['--done-status', files.map]).exitCode).toBe(0)
    }))

  it('finds the same sectors bad as we do, with the same phases left out', (ctx) =>
    withTemporaryFolder((folder) => {
      requireTool(ctx, 'ddrescue')
      const ours = filesIn(folder)
      const theirs = { ...ours, target: join(folder, 'target2'), map: join(folder, 'map2') }
      const test = join(folder, 'bad')
      writeFileSync(
        test,
        `0 + 1\n0 0x64000 +\n0x64000 0x400 -\n0x64400 0x6000 +\n0x6A400 0x200 -\n0x6A600 ${BYTES - 0x6a600} +\n`,
      )
      const unreadable = ['--source-drive', 'ideal', '--unreadable', '800-801,850']
      for (const option of ['--no-trim', '--no-scrape', '--retry-passes=1']) {
        for (const { target, map } of [ours, theirs]) {
          for (const path of [target, map]) writeFileSync(path, '')
        }
        platterlab(ours, ...unreadable, option, '--force')
        runToolOk('ddrescue', ['--quiet', option, `--test-mode=${test}`, theirs.source, theirs.target, theirs.map])
        expect(statuses(ours.map)).toBe(statuses(theirs.map))
      }
    }))
})

describe('a block device with unreadable sectors', () => {
  it('is rescued as ddrescue rescues it, and whole when it can be read again', (ctx) =>
    withTemporaryFolder(async (folder) => {
      requireTool(ctx, 'ddrescue')
      requireLoopDevices(ctx)
      const ours = filesIn(folder)
      const theirs = { ...ours, target: join(folder, 'target2'), map: join(folder, 'map2') }
      const backing = join(folder, 'backing')
      const content = Buffer.concat([ours.content, ours.content]).subarray(0, 4 << 20)
      writeFileSync(backing, content)
      await withLoopDevice(backing, (device) => {
        // What the file behind a loop device has not got any more ends in EIO, as bad sectors of a drive do.
        truncateSync(backing, 3 << 20)
        if (!endsInError(device, 3 << 20)) cannotRun(ctx, 'this kernel reads zeros behind the end of a loop file')
        for (const option of ['--no-trim', '--no-scrape', '--retry-passes=1', '--reverse']) {
          for (const { target, map } of [ours, theirs]) for (const path of [target, map]) rmSync(path, { force: true })
          expect(platterlab({ ...ours, source: device }, option)).toBe(1)
          runToolOk('ddrescue', ['--quiet', option, device, theirs.target, theirs.map])
          expect(statuses(ours.map)).toBe(statuses(theirs.map))
          expect(
            readFileSync(ours.target)
              .subarray(0, 3 << 20)
              .equals(content.subarray(0, 3 << 20)),
          ).toBe(true)
        }
        writeFileSync(backing, content)
        expect(platterlab({ ...ours, source: device }, '--retry-passes', '1')).toBe(0)
        expect(readFileSync(ours.target).equals(content)).toBe(true)
      })
    }))
})

function endsInError(device: string, atBytes: number): boolean {
  const descriptor = openSync(device, 'r')
  try {
    readSync(descriptor, Buffer.alloc(4096), 0, 4096, atBytes)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EIO'
  } finally {
    closeSync(descriptor)
  }
}
