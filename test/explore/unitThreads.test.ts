import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { UnitThreads } from '../../host/explore/unitThreads'

it('refuses a unit that comes when no thread could start, and does not let it wait for ever', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-threads-'))
  const file = join(folder, 'broken.mjs')
  writeFileSync(file, `throw new Error('cannot start')\n`)
  const threads = new UnitThreads({ threads: 2, workerFile: pathToFileURL(file) })
  try {
    await expect(threads.run('first', '{}')).rejects.toThrow('cannot start')
    await expect(threads.run('late', '{}')).rejects.toThrow('cannot start')
    await threads.drop()
    // As from new.
    await expect(threads.run('later', '{}')).rejects.toThrow('cannot start')
  } finally {
    await threads.drop()
    rmSync(folder, { recursive: true })
  }
}, 20_000)
