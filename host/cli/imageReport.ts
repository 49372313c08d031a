// What came out of an image command, for people and as JSON. Units are in the keys.

import {
  COPY_DONE,
  COPY_STOPPED,
  LOST_ABORTED,
  LOST_DIFFERS,
  LOST_MEDIUM,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  LOST_TIMEOUT,
  REASON_COMMAND_REFUSED,
  REASON_FLUSH_FAILS,
  REASON_SECTOR_SIZES_DIFFER,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_EXCHANGED,
  REASON_SOURCE_GONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TARGET_LOSES_TOO_MUCH,
  REASON_TARGET_TOO_SMALL,
  REASON_TOO_MANY_LOST,
} from '../../assembly/abi/copier'
import { LOST_MISPLACED, LOST_UNCORRECTABLE, LOST_UNSTEADY, REASON_NO_CD_SECTORS } from '../../assembly/abi/optical'
import type { CopyOutcome } from '../image/copyJob'
import type { ImageResult, TargetCopy } from '../image/imageJob'
import type { ImageRequest } from '../image/imagePlan'
import { bytesText, countText, durationText, plural } from '../report/quantities'

/** Lines of the list that people see; JSON has all of them. */
const LINES_MAX = 40

/** Above it is the number of a target. */
const CAUSE_MASK = (1 << LOST_TARGET_SHIFT) - 1 - LOST_TARGET

const CAUSES: ReadonlyMap<number, string> = new Map([
  [LOST_MEDIUM, 'medium error'],
  [LOST_ABORTED, 'command aborted'],
  [LOST_TIMEOUT, 'no answer'],
  [LOST_DIFFERS, 'differs from what was written'],
  [LOST_UNCORRECTABLE, 'more is wrong than its code corrects'],
  [LOST_MISPLACED, 'a sector of another place on the disc'],
  [LOST_UNSTEADY, 'no two reads agree'],
])

const REASONS: ReadonlyMap<number, string> = new Map([
  [REASON_SOURCE_GONE, 'the source does not answer'],
  [REASON_TARGET_GONE, 'the target takes no more'],
  [REASON_SOURCE_DEAD, 'the source does not serve commands'],
  [REASON_TARGET_DEAD, 'the target does not serve commands'],
  [REASON_SOURCE_EXCHANGED, 'the source is not the one that the copy began with'],
  [REASON_TARGET_EXCHANGED, 'the target is not the one that the copy began with'],
  [REASON_TOO_MANY_LOST, 'more sectors are listed than --max-lost allows'],
  [REASON_NO_CD_SECTORS, 'the source has no CD sectors of 2352 or 2448 bytes'],
  [REASON_FLUSH_FAILS, 'the target cannot flush'],
  [REASON_TARGET_TOO_SMALL, 'the target is too small'],
  [REASON_SECTOR_SIZES_DIFFER, 'the target has other sectors'],
  [REASON_COMMAND_REFUSED, 'a command is refused'],
  [REASON_TARGET_LOSES_TOO_MUCH, 'too many of its sectors are listed'],
])

/** `names`: of the targets, where there are several. */
function causeText(why: number, names: readonly string[] = []): string {
  if (why === LOST_DIFFERS) return 'differs'
  const cause = why & CAUSE_MASK
  const target = names[why >>> LOST_TARGET_SHIFT] ?? 'target'
  const side = (why & LOST_TARGET) !== 0 ? target : 'source'
  return `${side}: ${CAUSES.get(cause) ?? `cause ${cause}`}`
}

function namesOf(result: Listed): readonly string[] {
  const { copies = [] } = result
  return copies.length > 1 ? copies.map(({ name }) => name) : []
}

/** What these texts need of an outcome. */
export type Listed = CopyOutcome & {
  readonly sectorBytes: number
  readonly lastError: string
  readonly copies?: readonly TargetCopy[]
}

/** undefined: there is none, or the outcome says it. */
export function reasonText(reason: number): string | undefined {
  return REASONS.get(reason)
}

export function outcomeText(result: Listed): string {
  const { copies = [] } = result
  const bad = copies.filter(({ isDropped }) => isDropped).length
  if (result.state === COPY_DONE && bad > 0) return `complete on ${copies.length - bad} of ${copies.length} targets`
  if (result.state === COPY_DONE) return result.lostSectors === 0 ? 'complete' : 'complete but for listed sectors'
  const reason =
    REASONS.get(result.reason) ?? (result.state === COPY_STOPPED ? 'interrupted' : `reason ${result.reason}`)
  return result.lastError === '' ? reason : `${reason} (${result.lastError})`
}

export function imageJson(request: ImageRequest, result: ImageResult, seconds: number): string {
  const copiedBytes = Math.min(result.sectorsDone * result.sectorBytes, result.sourceBytes)
  const document = {
    command: request.command,
    source: request.source,
    target: request.target,
    ...(result.copies.length > 1 && { targets: result.copies.map((one) => targetJson(result, one)) }),
    outcome: outcomeText(result),
    isComplete: result.isComplete,
    sectorBytes: result.sectorBytes,
    sourceBytes: result.sourceBytes,
    doneBytes: copiedBytes,
    zeroBytes: result.zeroSectors * result.sectorBytes,
    targetExtraBytes: result.targetExtraBytes,
    ...listedJson(result),
    commandsRepeated: result.commandsRepeated,
    ...(result.isOptical && {
      correctedSectors: result.correctedSectors,
      rereadSectors: result.rereadSectors,
      uncheckedSectors: result.uncheckedSectors,
      damagedQSectors: result.damagedQSectors,
    }),
    simulatedTimeNs: result.simulated?.timeNs ?? null,
    powerCuts: result.simulated?.powerCuts ?? null,
    resumedAtSector: result.isResumed ? result.resumedAtSector : null,
    stateFile: result.stateFile,
    durationSeconds: Number(seconds.toFixed(6)),
    rateBytesPerSecond: Math.round((copiedBytes - result.resumedAtSector * result.sectorBytes) / seconds),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

export function imageText(request: ImageRequest, result: ImageResult, seconds: number): string {
  const doneBytes = Math.min(result.sectorsDone * result.sectorBytes, result.sourceBytes)
  const rate = bytesText((doneBytes - result.resumedAtSector * result.sectorBytes) / seconds)
  const verb = request.command === 'verify' ? 'compared' : 'copied'
  const amount =
    doneBytes === result.sourceBytes
      ? bytesText(doneBytes)
      : `${bytesText(doneBytes)} of ${bytesText(result.sourceBytes)}`
  const zeros = result.zeroSectors > 0 ? `, ${bytesText(result.zeroSectors * result.sectorBytes)} of it zeros` : ''
  const lines = [
    `${request.source} -> ${targetsText(request)}: ${outcomeText(result)}`,
    `${verb} ${amount}${zeros}, in ${seconds.toFixed(2)} s (${rate}/s)`,
  ]
  if (result.simulated) lines.push(simulatedText(result.simulated, doneBytes))
  if (result.isOptical) lines.push(opticalText(result))
  if (result.copies.length > 1) lines.push(...result.copies.map((one) => `  ${copyText(result, one)}`))
  else if (result.targetExtraBytes > 0) {
    lines.push(`${request.target} is ${bytesText(result.targetExtraBytes)} longer; that was not touched`)
  }
  return `${[...lines, ...listLines(result)].join('\n')}\n`
}

function targetsText({ target, furtherTargets = [] }: ImageRequest): string {
  return furtherTargets.length === 0 ? target : `${furtherTargets.length + 1} targets`
}

/** A target that is not good is never called a copy. */
function copyText(result: ImageResult, copy: TargetCopy): string {
  const extra = copy.extraBytes > 0 && !copy.isDropped ? `; ${bytesText(copy.extraBytes)} behind it not touched` : ''
  return `${copy.name}: ${standingText(result, copy)}${extra}`
}

function standingText(result: ImageResult, { isGood, isDropped, reason, lostSectors, lastError }: TargetCopy): string {
  if (isDropped) {
    const why = REASONS.get(reason) ?? `reason ${reason}`
    return `no copy: ${why}${lastError === '' ? '' : ` (${lastError})`}`
  }
  if (!isGood) return 'not complete'
  // What the source did not give is missing on all.
  const ofTargets = result.copies.reduce((sum, one) => sum + one.lostSectors, 0)
  return lostSectors > 0 || result.lostSectors > ofTargets ? 'complete but for listed sectors' : 'complete'
}

function targetJson(result: ImageResult, copy: TargetCopy): object {
  return {
    target: copy.name,
    outcome: standingText(result, copy),
    isGood: copy.isGood,
    isDropped: copy.isDropped,
    lostSectors: copy.lostSectors,
    extraBytes: copy.extraBytes,
  }
}

function simulatedText({ timeNs, powerCuts }: { timeNs: number; powerCuts: number }, doneBytes: number): string {
  const cuts = powerCuts > 0 ? `, with ${plural(powerCuts, 'power cut')}` : ''
  return `on the simulated drives: ${durationText(timeNs)} (${bytesText((doneBytes / timeNs) * 1e9)}/s)${cuts}`
}

export function listedJson(result: Listed): object {
  return {
    lostSectors: result.lostSectors,
    unlistedLostSectors: result.droppedSectors,
    lost: result.lost.map(({ lba, sectors, why }) => ({ lba, sectors, cause: causeText(why, namesOf(result)) })),
  }
}

/** All sectors that are not listed here were right as they were read. */
function opticalText({ correctedSectors, rereadSectors, uncheckedSectors, damagedQSectors }: ImageResult): string {
  const unchecked = uncheckedSectors > 0 ? `; ${plural(uncheckedSectors, 'sector')} without a code, read twice` : ''
  const subchannel =
    damagedQSectors > 0 ? `; subchannel Q damaged in ${countText(damagedQSectors)}, copied as it was read` : ''
  return `checked: ${plural(correctedSectors, 'sector')} corrected, ${countText(rereadSectors)} right after more reads${unchecked}${subchannel}`
}

export function listLines(result: Listed): string[] {
  if (result.lostSectors === 0) return []
  const lines = [`${plural(result.lostSectors, 'sector')} of ${result.sectorBytes} B listed:`]
  for (const { lba, sectors, why } of result.lost.slice(0, LINES_MAX)) {
    const range = sectors === 1 ? `sector ${lba}` : `sectors ${lba} to ${lba + sectors - 1}`
    lines.push(`  ${range}: ${causeText(why, namesOf(result))}`)
  }
  const more = result.lost.length - LINES_MAX
  if (more > 0) lines.push(`  and ${countText(more)} more ranges (--json has them)`)
  if (result.droppedSectors > 0) {
    lines.push(`  the list was full: ${plural(result.droppedSectors, 'more sector')} counted, not listed`)
  }
  return lines
}
