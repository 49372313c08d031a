// Compiles a module of fixtures/microcode with the project's own build, into a folder that is gone afterwards.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileMicrocode } from '../../scripts/buildMicrocode.mjs'

const fixtures = fileURLToPath(new URL('../../fixtures/microcode', import.meta.url))

export async function compileFixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-'))
  try {
    const file = join(folder, `${name}.wasm`)
    await compileMicrocode(name, fixtures, file)
    return new Uint8Array(readFileSync(file))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
