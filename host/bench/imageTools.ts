// `platterlab image` as a user calls it, beside the usual tools on the same file: whole processes, start included, in turns.
//
// The file is half random, half text-like: random data cannot be compressed, and zeros would be too easy.

import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RandomStream } from '../sim/random'

const MIB = 1024 ** 2
const PIECE_BYTES = 4 * MIB
const ROUNDS = 5

export interface ToolCommand {
  /** As people call it. */
  readonly tool: string
  readonly command: string
  readonly args: readonly string[]
}

/** Commands that do the same. */
export interface ToolContest {
  readonly id: string
  readonly about: string
  readonly sourceMib: number
  readonly content: 'random' | 'mixed'
  /** Ours first. `source` is a raw file; `target` and files whose names begin like it are removed before each command. */
  commands(source: string, target: string): readonly ToolCommand[]
  /** Made once, before the rounds, by ours. */
  prepare?(source: string, prepared: string): ToolCommand
}

export interface ToolFigure {
  readonly tool: string
  readonly bytesPerSecond: number
  /** Of all its threads, in user and system mode: says more than the clock where others use the machine. */
  readonly processorSeconds: number
}

const platterlab = (...args: string[]): ToolCommand => ({
  tool: `platterlab image ${args[0]}`,
  command: process.execPath,
  args: [fileURLToPath(new URL('./cli.mjs', import.meta.url)), 'image', ...args],
})

const tool = (command: string, ...args: string[]): ToolCommand => ({ tool: command, command, args })

/** With SHA-1 beside MD5, as ours. */
const ewfacquirestream = (compression: string, source: string, target: string): ToolCommand => ({
  tool: 'ewfacquirestream',
  command: 'sh',
  args: ['-c', `ewfacquirestream -q -c ${compression} -d sha1 -f encase6 -S 2GiB -t '${target}' < '${source}'`],
})

function verifying(id: string, about: string, sourceMib: number): ToolContest {
  return {
    id,
    about,
    sourceMib,
    content: 'random',
    prepare: (source, prepared) => tool('cp', source, prepared),
    commands: (source) => [
      platterlab('verify', source, `${source}.prepared`),
      tool('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', source, `${source}.prepared`),
      tool('cmp', source, `${source}.prepared`),
    ],
  }
}

export const CONTESTS: readonly ToolContest[] = [
  {
    id: 'image-create',
    about: 'image create of 1 GiB of random data',
    sourceMib: 1024,
    content: 'random',
    commands: (source, target) => [
      platterlab('create', source, target),
      tool('qemu-img', 'convert', '-O', 'raw', source, target),
      tool('dd', `if=${source}`, `of=${target}`, 'bs=1M'),
    ],
  },
  {
    id: 'image-create-3gib',
    about: 'image create of 3 GiB of random data, beside which the start of a process is short',
    sourceMib: 3072,
    content: 'random',
    commands: (source, target) => [
      platterlab('create', source, target),
      tool('qemu-img', 'convert', '-O', 'raw', source, target),
      tool('dd', `if=${source}`, `of=${target}`, 'bs=1M'),
    ],
  },
  verifying('image-verify', 'image verify of 1 GiB of random data against its copy', 1024),
  verifying('image-verify-3gib', 'the same of 3 GiB, beside which the start of a process is short', 3072),
  {
    id: 'image-qcow2',
    about: 'raw to qcow2, 1 GiB, half of it random',
    sourceMib: 1024,
    content: 'mixed',
    commands: (source, target) => [
      platterlab('convert', source, `${target}.qcow2`),
      tool('qemu-img', 'convert', '-O', 'qcow2', source, `${target}.qcow2`),
    ],
  },
  {
    id: 'image-qcow2-compressed',
    about: 'raw to compressed qcow2, 256 MiB, half of it random',
    sourceMib: 256,
    content: 'mixed',
    commands: (source, target) => [
      platterlab('convert', source, `${target}.qcow2`, '-o', 'compression=zlib'),
      tool('qemu-img', 'convert', '-c', '-O', 'qcow2', source, `${target}.qcow2`),
    ],
  },
  {
    id: 'image-e01',
    about: 'raw to E01, fast compression, 256 MiB, half of it random',
    sourceMib: 256,
    content: 'mixed',
    commands: (source, target) => [
      platterlab('convert', source, `${target}.E01`, '-o', 'compression=fast'),
      ewfacquirestream('fast', source, target),
    ],
  },
  {
    id: 'image-e01-uncompressed',
    about: 'raw to E01, not compressed, 256 MiB, half of it random',
    sourceMib: 256,
    content: 'mixed',
    commands: (source, target) => [
      platterlab('convert', source, `${target}.E01`, '-o', 'compression=none'),
      ewfacquirestream('none', source, target),
    ],
  },
  {
    id: 'image-e01-verify',
    about: 'check of an E01, fast compression, 256 MiB, half of it random',
    sourceMib: 256,
    content: 'mixed',
    prepare: (source, prepared) => platterlab('convert', source, `${prepared}.E01`, '-o', 'compression=fast'),
    commands: (source) => [
      platterlab('check', `${source}.prepared.E01`),
      tool('ewfverify', '-q', `${source}.prepared.E01`),
    ],
  },
]

/** Medians over rounds in which the tools take turns; tools that are not there are left out. */
export function holdContest(contest: ToolContest): ToolFigure[] {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-bench-'))
  try {
    const source = join(folder, 'source.img')
    const bytes = contest.sourceMib * MIB
    fill(source, bytes, contest.content)
    const prepared = contest.prepare?.(source, `${source}.prepared`)
    if (prepared) timed(prepared)
    const commands = contest.commands(source, join(folder, 'target'))
    const runs = commands.map((): Run[] => [])
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [index, command] of commands.entries()) {
        for (const ending of ['', '.qcow2', '.E01']) rmSync(join(folder, `target${ending}`), { force: true })
        const run = timed(command)
        // The first round warms the page cache.
        if (round > 0 && run !== null) runs[index]!.push(run)
      }
    }
    return commands.flatMap(({ tool: name }, index) => {
      const ofTool = runs[index]!
      if (ofTool.length === 0) return []
      const processorSeconds = median(ofTool.map((run) => run.processorSeconds))
      return [{ tool: name, bytesPerSecond: bytes / median(ofTool.map((run) => run.seconds)), processorSeconds }]
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Words of a small vocabulary, such as texts and tables have: deflate makes about a third of it. */
function fillText(piece: Uint8Array, random: RandomStream): void {
  const words = Array.from({ length: 4096 }, () => {
    return Array.from({ length: 3 + random.below(8) }, () => String.fromCharCode(97 + random.below(26))).join('')
  })
  const encoder = new TextEncoder()
  for (let at = 0; at < piece.length; ) {
    const { written } = encoder.encodeInto(`${words[random.below(words.length)]} `, piece.subarray(at))
    at += written
    // No room for the next word.
    if (written === 0) piece[at++] = 10
  }
}

function fill(file: string, bytes: number, content: ToolContest['content']): void {
  const random = RandomStream.fromSeed(1, 'image tools')
  const descriptor = openSync(file, 'w')
  const piece = new Uint8Array(PIECE_BYTES)
  const words = new Uint32Array(piece.buffer)
  // The same for all of them: no tool looks back that far.
  const text = new Uint8Array(PIECE_BYTES)
  fillText(text, random)
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const isText = content === 'mixed' && (at / PIECE_BYTES) % 2 === 1
    if (!isText) for (let word = 0; word < words.length; word++) words[word] = random.nextU32()
    writeSync(descriptor, isText ? text : piece)
  }
  closeSync(descriptor)
}

interface Run {
  readonly seconds: number
  readonly processorSeconds: number
}

/** POSIX `times`: the second line is that of the processes that have ended, user and system. Node does not say it of its children. */
const MEASURED = '"$@"; status=$?; times >&3; exit $status'

/** A whole process; null when there is no such tool. */
function timed({ command, args }: ToolCommand): Run | null {
  const startNs = process.hrtime.bigint()
  const { status, error, stderr, output } = spawnSync('sh', ['-c', MEASURED, 'sh', command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const seconds = Number(process.hrtime.bigint() - startNs) / 1e9
  // 127: the shell's word for a command that is not there.
  if (error || status === 127) return null
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
  return { seconds, processorSeconds: processorSecondsOf(String(output[3])) }
}

/** '0m0.00s 0m0.00s\n1m2.34s 0m0.50s' -> 62.84 */
function processorSecondsOf(times: string): number {
  const [, ended = ''] = times.split('\n')
  const parts = [...ended.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds),
  )
  return parts.reduce((sum, part) => sum + part, 0)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}
