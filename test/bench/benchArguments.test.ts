import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseBenchArguments } from '../../host/bench/benchArguments'

const KNOWN = ['image-create', 'image-verify', 'mirrored-writes']

describe('the command line of the benchmarks', () => {
  it('runs all of them without an id', () => {
    expect(parseBenchArguments(['--json'], KNOWN)).toEqual({ kind: 'run', ids: KNOWN, isJson: true })
  })

  it('takes ids with and without --only', () => {
    const request = parseBenchArguments(['image-verify', '--only', 'image-create'], KNOWN)
    expect(request).toEqual({ kind: 'run', ids: ['image-verify', 'image-create'], isJson: false })
  })

  it('says which ids are near to one that is not there', () => {
    const text = 'no benchmark "image-verfy"; did you mean image-verify?'
    expect(parseBenchArguments(['--only', 'image-verfy'], KNOWN)).toEqual({ kind: 'mistake', text })
    expect(parseBenchArguments(['image-verfy'], KNOWN)).toEqual({ kind: 'mistake', text })
  })

  it.each([['--jsn'], ['--only'], ['--only=a', '-x'], ['--json=yes']])('refuses %s %s', (...args) => {
    expect(parseBenchArguments(args, KNOWN).kind).toBe('mistake')
  })
})

describe('dist/bench.mjs', () => {
  const bench = (...args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('../../dist/bench.mjs', import.meta.url)), ...args], {
      encoding: 'utf8',
    })

  it('prints with --help what can be given, and measures nothing', () => {
    const { status, stdout, stderr } = bench('--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('--only ID')
    expect(stdout).toMatch(/^ {2}image-verify +image verify of 1 GiB/m)
    expect(stdout).toMatch(/^ {2}boundary-mirrored-write +one mirrored write/m)
    expect(stdout).not.toContain('writes/s')
  })

  it('refuses what it does not know, with one line and exit code 2', () => {
    for (const args of [['--verbose'], ['image-nothing'], ['--only', 'image-verfy', '--json']]) {
      const { status, stdout, stderr } = bench(...args)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^bench: .*(verbose|image-nothing|image-verfy).*\n$/)
    }
  })
})
