// What came out of a rescue, for people and as JSON. Units are in the keys.

import { COPY_DONE, COPY_STOPPED } from '../../assembly/abi/copier'
import { REASON_TARGET_REFUSES } from '../../assembly/abi/rescue'
import type { AreaStatus } from '../image/mapfile'
import type { RescueRequest, RescueResult } from '../image/rescueJob'
import { mapfileOf, type RescueMap } from '../image/rescueMap'
import { bytesText, countText, durationText, plural } from '../report/quantities'
import { bytesAt, type Curve, timeOf } from '../report/rescueCurve'
import { reasonText } from './imageReport'

/** Lines of the list that people see; the map file has all of them. */
const LINES_MAX = 40
/** Of what a rescue got: rows of the table that compares it with a plain copy. */
const SHARES = [0.25, 0.5, 0.75, 0.9, 0.99, 1]

const NAMES: Readonly<Record<AreaStatus, string>> = {
  '?': 'non-tried',
  '*': 'failed, non-trimmed',
  '/': 'failed, non-scraped',
  '-': 'bad',
  '+': 'rescued',
}

function bytesByStatus(map: RescueMap, sectorBytes: number, sourceBytes: number): Record<AreaStatus, number> {
  const sums: Record<AreaStatus, number> = { '?': 0, '*': 0, '/': 0, '-': 0, '+': 0 }
  for (const { bytes, status } of mapfileOf(map, sectorBytes, sourceBytes).blocks) sums[status] += bytes
  return sums
}

function outcomeText(result: RescueResult): string {
  if (result.state === COPY_DONE) {
    return result.map.areas.every(({ status }) => status === '+') ? 'complete' : 'complete but for what is listed'
  }
  const reason =
    result.reason === REASON_TARGET_REFUSES ? 'the target does not take what was read' : reasonText(result.reason)
  const text = reason ?? (result.state === COPY_STOPPED ? 'interrupted' : `reason ${result.reason}`)
  return result.lastError === '' ? text : `${text} (${result.lastError})`
}

export function rescueText(request: RescueRequest, result: RescueResult, seconds: number): string {
  const { sourceBytes, sectorBytes, simulated, startMap } = result
  const bytes = bytesByStatus(result.map, sectorBytes, sourceBytes)
  const rescued =
    bytes['+'] === sourceBytes ? bytesText(sourceBytes) : `${bytesText(bytes['+'])} of ${bytesText(sourceBytes)}`
  const before = startMap === null ? 0 : bytesByStatus(startMap, sectorBytes, sourceBytes)['+']
  const lines = [
    `${request.source} -> ${request.target}: ${outcomeText(result)}`,
    `rescued ${rescued}${before > 0 ? `, ${bytesText(before)} of it before` : ''}, in ${seconds.toFixed(2)} s`,
  ]
  if (simulated) {
    const cuts = simulated.powerCuts > 0 ? `, with ${plural(simulated.powerCuts, 'power cut')}` : ''
    lines.push(`on the simulated drives: ${durationText(simulated.timeNs)}${cuts}`)
  }
  return `${[...lines, ...listLines(result), ...comparison(result)].join('\n')}\n`
}

function listLines({ map, sectorBytes }: RescueResult): string[] {
  const left = map.areas.filter(({ status }) => status !== '+')
  if (left.length === 0) return []
  const sectors = left.reduce((sum, area) => sum + area.sectors, 0)
  const lines = [`${plural(sectors, 'sector')} of ${sectorBytes} B not rescued:`]
  for (const { lba, sectors: length, status } of left.slice(0, LINES_MAX)) {
    const range = length === 1 ? `sector ${lba}` : `sectors ${lba} to ${lba + length - 1}`
    lines.push(`  ${range}: ${NAMES[status]}`)
  }
  const more = left.length - LINES_MAX
  if (more > 0) lines.push(`  and ${countText(more)} more areas (the map file and --json have them)`)
  return lines
}

/** When each had how much of what the rescue got in the end. */
function comparison(result: RescueResult): string[] {
  const { simulated } = result
  if (!simulated?.plain) return []
  const lines = ['', 'of what it got      after       a plain copy after']
  for (const { share, bytes, timeNs, plainTimeNs } of milestones(result)) {
    const columns = [`${countText(share * 100)} %`.padEnd(7) + bytesText(bytes).padEnd(13), timeText(timeNs).padEnd(12)]
    lines.push(`${columns.join('')}${timeText(plainTimeNs)}`)
  }
  return lines
}

function timeText(timeNs: number | null): string {
  return timeNs === null ? 'never' : durationText(timeNs)
}

interface Milestone {
  readonly share: number
  readonly bytes: number
  readonly timeNs: number | null
  readonly plainTimeNs: number | null
}

function milestones({ simulated, sectorBytes, sourceBytes }: RescueResult): Milestone[] {
  const { curve, plain } = simulated!
  const allBytes = bytesAt(curve, Infinity, sectorBytes, sourceBytes)
  return SHARES.map((share) => {
    const bytes = Math.ceil(allBytes * share)
    const [timeNs, plainTimeNs] = [curve, plain ?? []].map((of) => timeOf(of, bytes, sectorBytes, sourceBytes))
    return { share, bytes, timeNs: timeNs!, plainTimeNs: plainTimeNs! }
  })
}

export function rescueJson(request: RescueRequest, result: RescueResult, seconds: number): string {
  const { simulated, map, sectorBytes, sourceBytes } = result
  const bytes = bytesByStatus(map, sectorBytes, sourceBytes)
  const bytesAtEnd = (curve: Curve): number => bytesAt(curve, Infinity, sectorBytes, sourceBytes)
  const document = {
    command: 'rescue',
    source: request.source,
    target: request.target,
    mapfile: request.mapfile,
    outcome: outcomeText(result),
    isComplete: result.isComplete,
    sectorBytes,
    sourceBytes,
    rescuedBytes: bytes['+'],
    nonTriedBytes: bytes['?'],
    nonTrimmedBytes: bytes['*'],
    nonScrapedBytes: bytes['/'],
    badBytes: bytes['-'],
    phase: map.phase,
    pass: map.pass,
    notRescued: map.areas
      .filter(({ status }) => status !== '+')
      .map(({ lba, sectors, status }) => ({ lba, sectors, status })),
    simulatedTimeNs: simulated?.timeNs ?? null,
    powerCuts: simulated?.powerCuts ?? null,
    plainCopy: simulated?.plain
      ? { simulatedTimeNs: simulated.plain.at(-1)?.timeNs ?? 0, copiedBytes: bytesAtEnd(simulated.plain) }
      : null,
    milestones: simulated?.plain ? milestones(result) : null,
    durationSeconds: Number(seconds.toFixed(6)),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}
