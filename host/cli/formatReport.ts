// What came out of a conversion or a comparison, for people and as JSON. Units are in the keys.

import type { CompareRequest, CompareResult, ConvertRequest, ConvertResult } from '../image/convertJob'
import { bytesText } from '../report/quantities'
import { listedJson, listLines, outcomeText } from './imageReport'

function doneBytes(result: ConvertResult): number {
  return Math.min(result.sectorsDone * result.sectorBytes, result.diskBytes)
}

function amountText(result: ConvertResult, seconds: number): string {
  const done = doneBytes(result)
  const amount = done === result.diskBytes ? bytesText(done) : `${bytesText(done)} of ${bytesText(result.diskBytes)}`
  const zeros = result.zeroSectors > 0 ? `, ${bytesText(result.zeroSectors * result.sectorBytes)} of it zeros` : ''
  return `${amount}${zeros}, in ${seconds.toFixed(2)} s (${bytesText(done / seconds)}/s)`
}

export function convertText({ source, target }: ConvertRequest, result: ConvertResult, seconds: number): string {
  const lines = [
    `${source} (${result.sourceFormat}) -> ${target} (${result.targetFormat}): ${outcomeText(result)}`,
    `copied ${amountText(result, seconds)}`,
    ...listLines(result),
  ]
  if (!result.isComplete) lines.push(`nothing is left of ${target}: a conversion begins anew`)
  return `${lines.join('\n')}\n`
}

function verdictText(result: CompareResult): string {
  if (!result.isComplete) return outcomeText(result)
  return result.lostSectors === 0 && result.extraIsZero ? 'equal' : 'not equal'
}

export function compareText({ left, right }: CompareRequest, result: CompareResult, seconds: number): string {
  const extra = result.extraIsZero ? 'zeros' : 'NOT all zeros'
  const lines = [
    `${left} (${result.sourceFormat}) and ${right} (${result.targetFormat}): ${verdictText(result)}`,
    `compared ${amountText(result, seconds)}`,
    ...(result.extraBytes > 0 ? [`one is ${bytesText(result.extraBytes)} longer: ${extra}`] : []),
    ...listLines(result),
  ]
  return `${lines.join('\n')}\n`
}

function common(result: ConvertResult, seconds: number): object {
  return {
    outcome: outcomeText(result),
    isComplete: result.isComplete,
    sectorBytes: result.sectorBytes,
    diskBytes: result.diskBytes,
    doneBytes: doneBytes(result),
    zeroBytes: result.zeroSectors * result.sectorBytes,
    ...listedJson(result),
    durationSeconds: Number(seconds.toFixed(6)),
  }
}

export function convertJson({ source, target }: ConvertRequest, result: ConvertResult, seconds: number): string {
  const { sourceFormat, targetFormat } = result
  return `${JSON.stringify({ source, sourceFormat, target, targetFormat, ...common(result, seconds) }, null, 2)}\n`
}

export function compareJson({ left, right }: CompareRequest, result: CompareResult, seconds: number): string {
  const { sourceFormat, targetFormat, extraBytes, extraIsZero } = result
  const document = { left, leftFormat: sourceFormat, right, rightFormat: targetFormat, ...common(result, seconds) }
  return `${JSON.stringify({ ...document, extraBytes, extraIsZero }, null, 2)}\n`
}
