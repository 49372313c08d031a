// Reads the reference data that lie beside the repository, where they do: ../shared/models (measurements of a real drive, and what
// another simulator makes of the same requests). They are not part of the repository; tests that need them are skipped without.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../../shared/models/', import.meta.url))

export const HAS_REFERENCE_DATA = existsSync(`${FOLDER}disksim-reference.csv`)

if (!HAS_REFERENCE_DATA)
  console.warn('skipped: comparison with measurements, because there is no ../shared/models here')

/** The rows of a CSV file, by the names of its columns. */
export function readRows(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(FOLDER + file, 'utf8')
    .trim()
    .split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const values = line.split(',')
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))
  })
}
