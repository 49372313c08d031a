// What people are told of an image.

import { formatBytes } from '../../sim/units'
import type { Header } from './header'
import type { Snapshot } from './snapshots'

export function describe(
  header: Header,
  snapshots: readonly Snapshot[],
  dataFile: string | null,
): (readonly [string, string])[] {
  const marks = [header.isDirty ? 'dirty (its refcounts may be wrong)' : '', header.isCorrupt ? 'corrupt' : '']
  const marked = marks.filter((mark) => mark !== '').join(', ')
  return [
    ['version', header.version === 2 ? '2 (compat 0.10)' : '3 (compat 1.1)'],
    ['cluster size', formatBytes(header.clusterBytes)],
    ['compression', header.compression],
    ['refcounts', `${2 ** header.refcountOrder} bits${header.hasLazyRefcounts ? ', lazy' : ''}`],
    ...pair('extended L2 entries', header.hasExtendedL2 ? 'yes' : ''),
    ...pair('backing file', header.backingName ?? ''),
    ...pair('format of the backing file', header.backingName === null ? '' : (header.extensions.backingFormat ?? '')),
    ...pair('external data file', dataFile ?? ''),
    ...pair('marked', marked),
    ...pair('bitmaps', header.hasBitmaps ? String(header.extensions.bitmaps?.count) : ''),
    ...snapshots.map((snapshot) => [`snapshot ${snapshot.id}`, describeSnapshot(snapshot, header)] as const),
  ]
}

function pair(what: string, value: string): (readonly [string, string])[] {
  return value === '' ? [] : [[what, value]]
}

function describeSnapshot({ name, takenSeconds, diskBytes, vmStateBytes }: Snapshot, header: Header): string {
  const taken = new Date(takenSeconds * 1000).toISOString().replace('.000Z', 'Z')
  const size = `disk of ${sizeText(diskBytes || header.diskBytes)}`
  const state = vmStateBytes > 0 ? `, with ${sizeText(vmStateBytes)} of machine state` : ''
  return `${JSON.stringify(name)}, ${taken}, ${size}${state}`
}

/** Also of what no disk has: a check says what is wrong with it. */
function sizeText(bytes: number): string {
  return Number.isSafeInteger(bytes) ? formatBytes(bytes) : `${bytes} B`
}
