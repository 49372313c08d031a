import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderWith } from './fakes'

const bundle = mkdtempSync(join(tmpdir(), 'platterlab-process-'))
const main = join(bundle, 'main.mjs')

beforeAll(async () => {
  await build({
    config: false,
    entry: { main: fileURLToPath(new URL('./processMain.ts', import.meta.url)) },
    outDir: bundle,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: false,
    deps: { alwaysBundle: [/./] },
    logLevel: 'silent',
  })
})

afterAll(() => rmSync(bundle, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

interface Started {
  readonly ended: Promise<Ended>
  readonly interrupt: () => void
  readonly closeStdout: () => void
}

function start(argv: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [main, ...argv], { env: { PATH: process.env.PATH ?? '', ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr.on('data', (data) => {
    err += data
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  return { ended, interrupt: () => child.kill('SIGINT'), closeStdout: () => child.stdout.destroy() }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

const FILES = { 's.yaml': 'seed: 1\narray: { microcode: ./m.wasm }\n', 'm.wasm': '' }

describe('the process', () => {
  it('ends with 130 at Ctrl-C, and leaves no temporary file', async () => {
    const folder = folderWith(FILES)
    const out = join(folder, 'out')
    const argv = ['run', join(folder, 's.yaml'), '--image-out', join(out, 'x.img'), '--reporter', `json=${out}/r.json`]
    const started = start(argv, { TEST_SLOW_MS: '60000' })
    await until(() => existsSync(out) && readdirSync(out).length === 2)
    started.interrupt()
    expect(await started.ended).toMatchObject({ code: 130, signal: null, out: '' })
    expect(readdirSync(out)).toEqual([])
  })

  it('is quiet when nobody reads its output any more, and keeps its exit code and its files', async () => {
    const folder = folderWith({ ...FILES, 'bad.yaml': `${FILES['s.yaml']}expect: { verdict: fail }` })
    const argv = ['run', join(folder, 'bad.yaml'), '--json', '--reporter', `junit=${join(folder, 'r.xml')}`]
    const started = start(argv, { TEST_SLOW_MS: '200' })
    started.closeStdout()
    const { code, err } = await started.ended
    expect(code).toBe(1)
    expect(err).toBe('seed 1\n')
    expect(existsSync(join(folder, 'r.xml'))).toBe(true)
  })

  it('prints all of a long output before it ends', async () => {
    const folder = folderWith(FILES)
    const files = Array(400).fill(join(folder, 's.yaml'))
    const { code, out } = await start(['run', ...files, '--json']).ended
    expect(code).toBe(0)
    expect(JSON.parse(out).scenarioCount).toBe(400)
  })

  it('colours for FORCE_COLOR, and not for NO_COLOR or a pipe', async () => {
    const folder = folderWith(FILES)
    const argv = ['run', join(folder, 's.yaml')]
    const colour = '\u001b['
    expect((await start(argv, { FORCE_COLOR: '1' }).ended).out).toContain(colour)
    expect((await start(argv).ended).out).not.toContain(colour)
    expect((await start(argv, { FORCE_COLOR: '1', NO_COLOR: '1' }).ended).out).not.toContain(colour)
  })
})
