// `platterlab image create` as a user calls it, beside the usual tools on the same file: whole processes, start included.

import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const IMAGE_BYTES = 1024 ** 3
const PIECE_BYTES = 16 * 1024 ** 2
const ROUNDS = 5

export interface ImageFigure {
  readonly tool: string
  readonly bytesPerSecond: number
}

/** Medians over rounds in which the tools take turns; tools that are not there are left out. */
export function imageCreate(): ImageFigure[] {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-bench-'))
  try {
    const source = join(folder, 'source.img')
    fillRandom(source)
    const cli = fileURLToPath(new URL('./cli.mjs', import.meta.url))
    const target = join(folder, 'target.img')
    const tools: (readonly [tool: string, command: string, args: readonly string[]])[] = [
      ['platterlab image create', process.execPath, [cli, 'image', 'create', source, target]],
      ['qemu-img convert -O raw', 'qemu-img', ['convert', '-O', 'raw', source, target]],
      ['dd bs=1M', 'dd', [`if=${source}`, `of=${target}`, 'bs=1M']],
    ]
    const times = tools.map((): number[] => [])
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [index, [, command, args]] of tools.entries()) {
        rmSync(target, { force: true })
        const seconds = timed(command, args)
        // The first round warms the page cache.
        if (round > 0 && seconds !== null) times[index]!.push(seconds)
      }
    }
    return tools.flatMap(([tool], index) => {
      const sorted = times[index]!.sort((a, b) => a - b)
      return sorted.length === 0 ? [] : [{ tool, bytesPerSecond: IMAGE_BYTES / sorted[sorted.length >> 1]! }]
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fillRandom(file: string): void {
  const descriptor = openSync(file, 'w')
  const piece = new Uint8Array(PIECE_BYTES)
  for (let at = 0; at < IMAGE_BYTES; at += PIECE_BYTES) {
    randomFillSync(piece)
    writeSync(descriptor, piece)
  }
  closeSync(descriptor)
}

/** Seconds of a whole process; null when there is no such tool. */
function timed(command: string, args: readonly string[]): number | null {
  const startNs = process.hrtime.bigint()
  const { status, error, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (error) return null
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - startNs) / 1e9
}
