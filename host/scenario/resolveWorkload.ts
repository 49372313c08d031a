// `workload:` -> workloads with their units resolved. What a LUN of this size has room for is known only at run time.

import type { GeneratorOptions } from '../workload/generatorOptions'
import { formatOperation, lunOf, onLun } from '../workload/operations'
import type { Checks } from './checks'
import type { PatternMode, ResolvedWorkload } from './scenario'
import type { ScenarioInput } from './schema'
import type { Path } from './yamlSource'

type Entry = ScenarioInput['workload'][number]
type Pattern = NonNullable<Entry['pattern']>

const MODES: Readonly<Record<PatternMode, Pick<GeneratorOptions, 'access' | 'order'>>> = {
  read: { access: 'read', order: 'sequential' },
  write: { access: 'write', order: 'sequential' },
  rw: { access: 'mixed', order: 'sequential' },
  randread: { access: 'read', order: 'random' },
  randwrite: { access: 'write', order: 'random' },
  randrw: { access: 'mixed', order: 'random' },
}

/** With a count it ends after so many requests, with a runtime after that time, with neither when its part of the LUN is covered once. */
function patternOptions(pattern: Pattern, name: string): GeneratorOptions {
  const { count, runtime, size } = pattern
  return {
    name,
    ...MODES[pattern.rw],
    readPercent: pattern.readPercent,
    blockSizes: { kind: 'fixed', bytes: pattern.bs },
    queueDepth: pattern.depth,
    offsetBytes: pattern.offset,
    ...(size !== undefined && { sizeBytes: size }),
    ...(count !== undefined && { requests: count }),
    ...(runtime !== undefined && { runtimeNs: runtime, timeBased: count === undefined }),
    flushEveryWrites: pattern.flushEvery,
    flushAtEnd: pattern.flushAtEnd,
    fua: pattern.fua,
    verify: pattern.verify,
    thinkTimeNs: pattern.thinkTime,
  }
}

function checkPattern(pattern: Pattern, path: Path, sectorBytes: number, checks: Checks): void {
  for (const key of ['bs', 'size', 'offset'] as const) checks.sectors(pattern[key], [...path, key], sectorBytes)
  checks.that(pattern.size === undefined || pattern.size >= pattern.bs, [...path, 'size'], 'at least one block (bs)')
}

function resolveEntry(entry: Entry, index: number, input: ScenarioInput, checks: Checks): ResolvedWorkload {
  const part = resolveKind(entry, index, input.drives.sectorBytes, checks)
  const lun = entry.lun ?? 0
  const count = input.array.luns?.length ?? 1
  const expected = count === 1 ? '0: the array has one LUN (array.luns)' : `a LUN from 0 to ${count - 1} (array.luns)`
  const path = ['workload', index]
  checks.that(lun < count, [...path, 'lun'], expected)
  if (part.kind !== 'operations') return lun > 0 ? { ...part, lun } : part
  for (const [at, operation] of part.operations.entries()) {
    const isThere = lunOf(operation, lun) < count
    checks.that(isThere, [...path, 'operations', 'list', at], expected, formatOperation(operation))
  }
  return { ...part, operations: part.operations.map((operation) => onLun(operation, lunOf(operation, lun))) }
}

function resolveKind(entry: Entry, index: number, sectorBytes: number, checks: Checks): ResolvedWorkload {
  const path = ['workload', index]
  if (entry.fio !== undefined) return { kind: 'fio', path: entry.fio }
  if (entry.job !== undefined) {
    return { kind: 'fio-text', text: entry.job, firstLine: checks.source.firstLineOf([...path, 'job']) }
  }
  if (entry.trace !== undefined) {
    const { file, format, payloads, timeScale, closedLoop, depth, device, wrap } = entry.trace
    return {
      kind: 'trace',
      path: file,
      format,
      payloadsPath: payloads ?? null,
      timeScale,
      closedLoop: closedLoop ?? null,
      queueDepth: depth,
      device: device ?? null,
      wrap,
    }
  }
  if (entry.operations !== undefined) {
    const { list, depth, endsAtPowerCut, wrap } = entry.operations
    const line = checks.source.lineOf([...path, 'operations'])
    return { kind: 'operations', operations: list, queueDepth: depth, endsAtPowerCut, wrap, line }
  }
  const pattern = entry.pattern!
  const patternPath = [...path, 'pattern']
  checkPattern(pattern, patternPath, sectorBytes, checks)
  const options = patternOptions(pattern, pattern.name ?? `pattern ${index + 1}`)
  return { kind: 'pattern', options, line: checks.source.lineOf(patternPath) }
}

export function resolveWorkload(input: ScenarioInput, checks: Checks): ResolvedWorkload[] {
  return input.workload.map((entry, index) => resolveEntry(entry, index, input, checks))
}
