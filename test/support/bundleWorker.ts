// Bundles a worker for a test with the same tool as the build, into a folder that the test removes.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsdown'

export async function bundleWorker(source: URL): Promise<{ folder: string; file: URL }> {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-'))
  await build({
    config: false,
    entry: { worker: fileURLToPath(source) },
    outDir: folder,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: false,
    deps: { alwaysBundle: [/./] },
    logLevel: 'silent',
  })
  return { folder, file: pathToFileURL(join(folder, 'worker.mjs')) }
}
