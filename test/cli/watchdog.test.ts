// A microcode that never returns, all the way through the built command: `npm test` builds before it tests.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileFixture } from '../support/compileFixture'

const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

it('a microcode that loops for ever is ended and named, and the next scenario runs all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-'))
  try {
    writeFileSync(join(folder, 'loops.wasm'), await compileFixture('loopsForever'))
    const workload = 'workload: [ { pattern: { rw: write, bs: 4 KiB, count: 4 } } ]'
    const loops = `array: { microcode: ./loops.wasm, members: 1, driveCapacity: 16 MiB }\n${workload}\n`
    writeFileSync(join(folder, 'a-loops.yaml'), loops)
    writeFileSync(join(folder, 'b-sound.yaml'), `array: { driveCapacity: 16 MiB }\n${workload}\n`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'run', folder, '--seed', '1'], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(stderr).not.toContain('    at ')
    expect(stdout).toMatch(/✗ a-loops/)
    expect(stdout).toMatch(/never returned|did not return|has not returned/)
    expect(stdout).toMatch(/✓ b-sound {2}pass/)
    expect(status).toBe(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
