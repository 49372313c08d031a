// Sense data as one number: sense key << 16 | additional sense code << 8 | qualifier (SPC-5 4.5). 0: there was no sense data.

const KEY_NAMES: readonly string[] = [
  'NO SENSE',
  'RECOVERED ERROR',
  'NOT READY',
  'MEDIUM ERROR',
  'HARDWARE ERROR',
  'ILLEGAL REQUEST',
  'UNIT ATTENTION',
  'DATA PROTECT',
  'BLANK CHECK',
  'VENDOR SPECIFIC',
  'COPY ABORTED',
  'ABORTED COMMAND',
  'reserved',
  'VOLUME OVERFLOW',
  'MISCOMPARE',
  'COMPLETED',
]

export function senseOf(key: number, ascAscq: number): number {
  return (key << 16) | ascAscq
}

export function senseKey(sense: number): number {
  return (sense >>> 16) & 0xf
}

/** Additional sense code without its qualifier. */
export function senseAsc(sense: number): number {
  return (sense >>> 8) & 0xff
}

/** 'MEDIUM ERROR (03/11/00)' */
export function senseText(sense: number): string {
  if (sense === 0) return 'no sense data'
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  return `${KEY_NAMES[senseKey(sense)]} (${hex(senseKey(sense))}/${hex(senseAsc(sense))}/${hex(sense & 0xff)})`
}
