// Checked input -> resolved scenario: derived defaults, and the checks that need more than one place of the file.

import { Checks } from './checks'
import type { ParseOptions, ScenarioResult } from './parse'
import { microcodeRef, resolveArray, resolveDrives } from './resolveArray'
import { checkFault, resolveFault } from './resolveFaults'
import { resolveRemote } from './resolveRemote'
import { resolveWorkload } from './resolveWorkload'
import type { Expectation, ResolvedLiveImage, ResolvedScenario } from './scenario'
import type { ScenarioInput } from './schema'
import { FAULT_KINDS, isOfSnapshots } from './schemaFaults'
import type { Path, YamlSource } from './yamlSource'

function resolveExpect(input: ScenarioInput, checks: Checks, bayCount: number): Expectation {
  const { expect } = input
  checks.that(expect.laws.length === 0 || expect.verdict === 'fail', ['expect', 'laws'], 'laws only with verdict: fail')
  for (const key of Object.keys(expect.bays)) checks.bayKey(['expect', 'bays', key], bayCount)
  return {
    verdict: expect.verdict,
    laws: expect.laws,
    arrayState: expect.arrayState ?? null,
    bays: expect.bays,
    events: expect.events,
    faultsStruckMin: expect.faultsStruck ?? input.faults.filter((fault) => fault.rate === undefined).length,
  }
}

/** 'fixtures/scenarios/hung-drive.yaml' -> 'hung-drive' */
function nameFromFile(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
  return base.replace(/\.ya?ml$/, '').replace(/[^A-Za-z0-9._-]+/g, '-') || 'scenario'
}

/** Every path that the file names, with its place. */
function namedFiles(input: ScenarioInput, source: YamlSource): { path: string; place: Path }[] {
  const named: { path: string | undefined; place: Path }[] = [{ path: input.image, place: ['image'] }]
  if (microcodeRef(input.array.microcode).kind === 'file') {
    named.push({ path: input.array.microcode, place: ['array', 'microcode'] })
  }
  for (const [index, { fio, trace }] of input.workload.entries()) {
    const place = ['workload', index]
    named.push({ path: fio, place: [...place, 'fio'] })
    // A trace may be written as its path alone.
    const inMap = source.has([...place, 'trace', 'file'])
    named.push({ path: trace?.file, place: [...place, 'trace', ...(inMap ? ['file'] : [])] })
    named.push({ path: trace?.payloads, place: [...place, 'trace', 'payloads'] })
  }
  return named.flatMap(({ path, place }) => (path === undefined ? [] : [{ path, place }]))
}

type LiveImageInput = ScenarioInput['liveImages'][number]

function resolveLiveImage({ kind, after, depth }: LiveImageInput): ResolvedLiveImage {
  return { kind, afterNs: after, queueDepth: depth }
}

/** Images need snapshots; one that says what changed needs one before it. */
function checkLiveImages({ array, liveImages, faults }: ScenarioInput, checks: Checks): void {
  const hasArea = liveImages.length === 0 || array.snapshotArea > 0
  checks.that(hasArea, ['liveImages'], 'array.snapshotArea with it, such as 25')
  for (const [index, fault] of faults.entries()) {
    const kind = FAULT_KINDS.find((one) => isOfSnapshots(one) && fault[one] !== undefined)
    checks.that(
      array.snapshotArea > 0 || kind === undefined,
      ['faults', index],
      'array.snapshotArea with it, such as 25',
    )
  }
  const first = liveImages[0]?.kind ?? 'full'
  checks.that(first === 'full', ['liveImages', 0, 'kind'], 'full: there is no image before it', first)
}

export function resolveScenario(input: ScenarioInput, source: YamlSource, options: ParseOptions): ScenarioResult {
  const checks = new Checks(source)
  const drives = resolveDrives(input, checks)
  const { bays, replacement } = drives
  const allZeros = bays.every((drive) => drive === null || drive.contents === 'zeros')
  const array = resolveArray(input, checks, allZeros)
  const workload = resolveWorkload(input, checks)
  for (const [index, fault] of input.faults.entries()) checkFault(fault, index, drives, input.remote, checks)
  const expect = resolveExpect(input, checks, bays.length)
  for (const { path, place } of namedFiles(input, source)) {
    const there = options.exists?.(path) ?? true
    checks.that(there, place, 'the path of a file that is there, relative to the scenario')
  }
  checkLiveImages(input, checks)
  const remote = resolveRemote(input, checks)
  if (checks.errors.length > 0) return { ok: false, errors: checks.errors }
  const scenario: ResolvedScenario = {
    file: source.file,
    name: input.name ?? nameFromFile(source.file),
    story: input.story.trim(),
    seed: input.seed ?? null,
    array,
    bays,
    replacement,
    remote,
    imagePath: input.image ?? null,
    workload,
    ...(input.liveImages.length > 0 && { liveImages: input.liveImages.map(resolveLiveImage) }),
    holds: input.holds.map((hold) => ({ step: hold.step, holdNs: hold.for })),
    faults: input.faults.map(resolveFault),
    limits: { simulatedNs: input.limits.simulatedTime, commandTimeoutNs: input.limits.commandTimeout },
    expect,
  }
  return { ok: true, scenario }
}
