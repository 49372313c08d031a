// Checks an EWF image: what the walk over its sections found, both copies of each table, each chunk, and the digests of the whole disk.

import { DamagedImage } from '../damagedImage'
import { type Digester, digesterFor } from '../digester'
import type { Finding } from '../format'
import type { ChunkReader } from './chunkReader'
import { checkEntries } from './chunkTables'
import type { ScannedSet } from './scan'

const TURN_CHUNKS = 64

type Report = (finding: Finding) => void

interface CheckOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((doneBytes: number) => void) | undefined
}

export async function checkSet(
  set: ScannedSet,
  chunks: ChunkReader,
  report: Report,
  options: CheckOptions = {},
): Promise<void> {
  for (const problem of set.problems) report(findingOf(problem, null))
  checkCounts(set, chunks, report)
  checkTables(set, report)
  const names = (['md5', 'sha1'] as const).filter((name) => set.digests.some((one) => one.digests[name] !== null))
  const digester = digesterFor(names, set.diskBytes)
  try {
    const isWhole = await checkChunks(set, chunks, digester, report, options)
    if (isWhole && !options.signal?.aborted) checkDigests(set, names, await digester.digest(), report)
  } finally {
    digester.close()
  }
}

function findingOf(damage: DamagedImage, disk: Finding['disk']): Finding {
  return { kind: 'damage', file: damage.file, fileOffsetBytes: damage.fileOffsetBytes, disk, text: damage.text }
}

function checkCounts({ media, tables, files }: ScannedSet, { chunkCount }: ChunkReader, report: Report): void {
  const file = files.paths[0]!
  const wrong = (text: string) => report(findingOf(new DamagedImage(file, 0, text), null))
  if (media.chunkCount !== chunkCount) {
    wrong(`the disk is said to have ${media.chunkCount} chunks; ${media.sectorCount} sectors have ${chunkCount}`)
  }
  if (tables.chunkCount > chunkCount) wrong(`the tables have ${tables.chunkCount} chunks, and the disk ${chunkCount}`)
}

function checkTables({ tables, files }: ScannedSet, report: Report): void {
  for (const { segment, copies } of tables.tables) {
    for (const copy of copies) {
      try {
        checkEntries(files.at(segment), copy)
      } catch (error) {
        if (!(error instanceof DamagedImage)) throw error
        report(findingOf(error, null))
      }
    }
  }
}

/** Whether all of them are right. */
async function checkChunks(
  set: ScannedSet,
  chunks: ChunkReader,
  digester: Digester,
  report: Report,
  { signal, onProgress }: CheckOptions,
): Promise<boolean> {
  let isWhole = true
  const zeros = new Uint8Array(chunks.chunkBytes)
  // Behind the last table there is nothing to look at: said once.
  const count = Math.min(chunks.chunkCount, set.tables.chunkCount)
  for (let chunk = 0; chunk < count && !signal?.aborted; chunk++) {
    try {
      const length = chunks.lengthOf(chunk)
      const bytes = chunks.isZero(chunk) ? zeros.subarray(0, length) : chunks.decode(chunk)
      if (isWhole) await digester.update(bytes)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      isWhole = false
      const startBytes = chunk * chunks.chunkBytes
      report(findingOf(error, { startBytes, endBytes: startBytes + chunks.lengthOf(chunk) }))
    }
    if (chunk % TURN_CHUNKS !== 0) continue
    onProgress?.(Math.min((chunk + 1) * chunks.chunkBytes, set.diskBytes))
    // So that timers and signals have their turn.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  if (count < chunks.chunkCount) {
    isWhole = false
    const disk = { startBytes: count * chunks.chunkBytes, endBytes: set.diskBytes }
    const text = `${chunks.chunkCount - count} of ${chunks.chunkCount} chunks are in no table`
    report({ kind: 'damage', file: set.files.paths.at(-1)!, fileOffsetBytes: 0, disk, text })
  }
  return isWhole
}

function checkDigests(
  { digests, files }: ScannedSet,
  names: readonly ('md5' | 'sha1')[],
  values: readonly Uint8Array[],
  report: Report,
): void {
  const computed = new Map(names.map((name, index) => [name, Buffer.from(values[index]!).toString('hex')]))
  for (const { digests: stored, segment, startBytes } of digests) {
    for (const [name, value] of computed) {
      if (stored[name] === null || stored[name] === value) continue
      const text = `the ${name === 'md5' ? 'MD5' : 'SHA-1'} of the disk is ${value}, and ${stored[name]} is stored`
      report(findingOf(files.at(segment).damage(startBytes, text), null))
    }
  }
}
