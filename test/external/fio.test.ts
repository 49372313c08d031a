// Our reading of fio job files against fio itself: both run the same job, and what they issue is compared.
//
// fio runs on a small file with write_iolog, which logs every request as it is issued. Sequential jobs must agree request by request;
// random ones in what they cover, since the draws differ; jobs that repeat blocks at random in their counts. fio's iologs are read with
// the reader that is tested elsewhere: it reads what fio wrote, too.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseFioJobFile } from '../../host/workload/fio/fioJobs'
import { describeProblem } from '../../host/workload/inputProblem'
import { IO_FLUSH, IO_READ, IO_TRIM } from '../../host/workload/io'
import { parseTrace } from '../../host/workload/traces/parseTrace'
import { drive } from '../workload/drive'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const LUN_BYTES = 1024 * 1024
const target = { lunSectors: LUN_BYTES / 512, sectorBytes: 512 }

type Request = readonly [op: string, offsetBytes: number, lengthBytes: number]

/** What fio issues. */
function fioRequests(folder: string, options: readonly string[], engine: string): Request[] {
  const lun = join(folder, 'lun')
  const log = join(folder, 'iolog')
  const jobFile = join(folder, 'job.fio')
  writeFileSync(lun, new Uint8Array(LUN_BYTES))
  writeFileSync(
    jobFile,
    ['[j]', ...options, `filename=${lun}`, `ioengine=${engine}`, `write_iolog=${log}`, 'verify_state_save=0', ''].join(
      '\n',
    ),
  )
  runToolOk('fio', ['--output-format=terse', jobFile])
  const data = parseTrace(readFileSync(log, 'utf8'), { file: log, format: 'fio-iolog' })
  const name = (op: number) => (op === IO_FLUSH ? 'flush' : op === IO_TRIM ? 'trim' : op === IO_READ ? 'read' : 'write')
  return Array.from(data.ops, (op, i): Request => [name(op), data.offsetsBytes[i]!, data.lengthsBytes[i]!])
}

function ourRequests(options: readonly string[]): Request[] {
  const result = parseFioJobFile(['[j]', ...options].join('\n'), { file: 'job.fio', target, seed: 1 })
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'))
  return drive(result.jobs[0]!).map(
    (io): Request => [io.op === 'verify' ? 'read' : io.op, io.lba * 512, io.sectors * 512],
  )
}

const order = (requests: readonly Request[]) => requests.map((request) => request.join(' '))
const multiset = (requests: readonly Request[]) => order(requests).sort()
const ops = (requests: readonly Request[]) => requests.map(([op]) => op)
const bytesByOp = (requests: readonly Request[]) => {
  const sums: Record<string, number> = {}
  for (const [op, , length] of requests) sums[op] = (sums[op] ?? 0) + length
  return sums
}
/** How often each 512 bytes were touched by each operation. */
const coverage = (requests: readonly Request[]) => {
  const times: Record<string, number[]> = {}
  for (const [op, offset, length] of requests) {
    if (op === 'flush') continue
    times[op] ??= new Array<number>(LUN_BYTES / 512).fill(0)
    for (let at = offset / 512; at < (offset + length) / 512; at++) times[op][at]!++
  }
  return times
}

const COMPARISONS = { order, multiset, ops, bytesByOp, coverage } as const

const CASES: readonly (readonly [options: string, compare: keyof typeof COMPARISONS, engine?: string])[] = [
  ['rw=write bs=16k', 'order'],
  ['rw=write bs=4k size=25% offset=50%', 'order'],
  ['rw=write bs=4k size=64k offset=33%', 'order'],
  ['rw=read bs=4k,16k size=64k', 'order'],
  ['rw=write bs=4k,16k size=64k', 'order'],
  ['rw=write bs=,8k size=64k', 'order'],
  ['rw=write bs=1ki size=16kb', 'order'],
  ['rw=write bs=1024b size=0x4000', 'order'],
  ['rw=write bs=4k size=64k loops=3', 'order'],
  ['rw=write bs=4k size=64k io_size=96k', 'order'],
  ['rw=write bs=4k size=64k io_size=32k', 'order'],
  ['rw=write bs=4k size=64k number_ios=5', 'order'],
  ['rw=write:4k bs=4k size=1m', 'order'],
  ['rw=read:-8k bs=4k size=1m', 'order'],
  ['rw=write bs=4k size=64k fsync=4 end_fsync=1', 'order'],
  ['rw=write bs=4k size=64k fdatasync=3 end_fsync=1', 'order'],
  ['rw=write bs=4k size=64k fsync=3 end_fsync=1 loops=2 verify=crc32c', 'order'],
  ['rw=write bs=4k size=64k verify=md5', 'order'],
  ['rw=write bs=4k size=64k verify=crc32c do_verify=0', 'order'],
  ['rw=write bs=4k size=64k verify=crc32c verify_backlog=4', 'order'],
  ['rw=write bs=4k size=64k verify=crc32c verify_backlog=4 verify_backlog_batch=2', 'order'],
  ['rw=trim bs=8k size=64k', 'order', 'null'],
  ['rw=trimwrite bs=8k size=64k', 'order', 'null'],
  ['rw=rw rwmixread=100 bs=4k size=64k', 'order'],
  ['rw=rw rwmixwrite=100 bs=4k size=64k', 'order'],
  ['rw=randwrite bs=4k', 'multiset'],
  ['rw=randread bs=8k size=100k offset=64k', 'multiset'],
  ['rw=randwrite bs=4k size=64k loops=2', 'multiset'],
  ['rw=randtrim bs=4k size=256k', 'multiset', 'null'],
  ['rw=randtrimwrite bs=4k size=256k', 'multiset', 'null'],
  ['rw=randwrite bs=4k size=64k verify=crc32c', 'multiset'],
  ['rw=randwrite bs=4k size=64k fsync=5', 'ops'],
  ['rw=randwrite bs=4k size=256k randseed=9 number_ios=10', 'ops'],
  ['rw=randwrite bsrange=4k-32k', 'coverage'],
  ['rw=randwrite bssplit=4k/50:16k/30:64k/', 'coverage'],
  ['rw=randread bs=4k norandommap', 'bytesByOp'],
  ['rw=randread bs=4k random_distribution=zipf:1.2', 'bytesByOp'],
  ['rw=randwrite bs=4k random_distribution=pareto:0.2 norandommap=0', 'bytesByOp'],
  ['rw=randwrite:8 bs=4k size=256k', 'bytesByOp'],
  ['rw=randread:8 bs=4k size=256k rw_sequencer=identical', 'bytesByOp'],
]

it.for(CASES)('%s: fio and we agree on %s', async ([options, compare, engine = 'psync'], ctx) => {
  requireTool(ctx, 'fio')
  await withTemporaryFolder((folder) => {
    const given = options.split(' ')
    const project = COMPARISONS[compare]
    expect(project(ourRequests(given))).toEqual(project(fioRequests(folder, given, engine)))
  })
})

// Where we differ on purpose: docs/workloads.md says so, and fio's side is held here, so that we notice if it changes.

it('reads stay within the size, where fio reads one whole block across its end', async (ctx) => {
  requireTool(ctx, 'fio')
  await withTemporaryFolder((folder) => {
    const given = ['rw=read', 'bs=8k', 'size=100k']
    expect(order(fioRequests(folder, given, 'psync'))).toEqual([...order(ourRequests(given)), 'read 98304 8192'])
  })
})

it('a flush after every n writes follows the last of them, too, where fio leaves that one out', async (ctx) => {
  requireTool(ctx, 'fio')
  await withTemporaryFolder((folder) => {
    const given = ['rw=write', 'bs=4k', 'size=64k', 'fsync=4']
    expect([...order(fioRequests(folder, given, 'psync')), 'flush 0 0']).toEqual(order(ourRequests(given)))
  })
})

it('percentage_random: a pass has all its bytes, where fio may end early when it runs into the end of the region', async (ctx) => {
  requireTool(ctx, 'fio')
  await withTemporaryFolder((folder) => {
    const given = ['rw=randwrite', 'bs=4k', 'size=256k', 'percentage_random=50']
    expect(bytesByOp(ourRequests(given))).toEqual({ write: 262_144 })
    expect(bytesByOp(fioRequests(folder, given, 'psync')).write).toBeLessThanOrEqual(262_144)
  })
})
