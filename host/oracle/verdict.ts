// What a run came to. Results are a closed union: an impossible state cannot be written.

/** The laws of the lab. */
export type Law =
  | 'DUR'
  | 'MONO'
  | 'CONV'
  | 'DIR'
  | 'INT'
  | 'ERR'
  | 'TRUTH'
  | 'WOF'
  | 'RPO'
  | 'PIT'
  | 'LIVE'
  | 'AVAIL'
  | 'ATOM'

export const LAW_TEXT: Readonly<Record<Law, string>> = {
  DUR: 'An acknowledged write is read back.',
  MONO: 'A read never returns an older value than an earlier read of that sector did.',
  CONV: 'Quiet, every leg in sync, bitmap empty: the replicas are byte-identical.',
  DIR: 'Resync, rebuild and repair never copy stale or garbage data over good data.',
  INT: "Bytes that were never this LBA's content are never served as good.",
  ERR: 'What failed on every trusted leg is reported as failed, with the right sense.',
  TRUTH: 'The array never claims more than is so.',
  WOF: 'The secondary equals the result of a prefix of the acknowledged order.',
  RPO: "The loss stays within the mode's bound, or the state says out of contract.",
  PIT: 'An image or snapshot equals its source at its point in time.',
  LIVE: 'Every command ends in bounded simulated time; resync, flush and demotion end.',
  AVAIL: 'With one good replica reachable the array serves.',
  ATOM: 'Nothing relies on an atomicity that the hardware does not give.',
}

export const LAWS = Object.keys(LAW_TEXT) as readonly Law[]

/** A bit for each law, in the order of LAWS. */
export function lawBit(law: Law): number {
  return 1 << LAWS.indexOf(law)
}

/** One step of the story of a violation. */
export interface HistoryStep {
  readonly timeNs: number
  readonly text: string
}

/** Something that is not as it should be: whoever knows to which law it belongs makes a charge of it. */
export interface Complaint {
  /** What was seen, in one sentence with the numbers. */
  readonly found: string
  /** What the law allows here. */
  readonly expected: string
}

export interface Violation extends Complaint {
  readonly law: Law
  /** LUN sector, or null where the law speaks of the whole array. */
  readonly lba: number | null
  readonly timeNs: number
  /** Where each version came from and when each step happened, oldest first. */
  readonly history: readonly HistoryStep[]
}

/** Something that went wrong without breaking a law: a trap and restart of the microcode, a protection that was exceeded. */
export interface Finding {
  readonly timeNs: number
  readonly text: string
}

export interface LatencyNs {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface RunFigures {
  readonly simulatedNs: number
  readonly reads: number
  readonly writes: number
  readonly flushes: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly errors: number
  readonly readLatencyNs: LatencyNs | null
  readonly writeLatencyNs: LatencyNs | null
  readonly driveCommands: number
  readonly sectorsJudged: number
  readonly faultsStruck: number
  readonly powerCuts: number
  readonly microcodeEntries: number
}

interface RunDetails {
  readonly scenario: string
  readonly seed: number
  /** 16 hexadecimal digits: equal inputs give equal digests on every machine. */
  readonly traceDigest: string
  readonly figures: RunFigures
  readonly findings: readonly Finding[]
  /** The faults that struck, in order, as sentences with their time. */
  readonly faults: readonly HistoryStep[]
  /** The array's own words at the end, a line each. */
  readonly finalStatus: readonly string[]
}

export type Verdict =
  | (RunDetails & { readonly verdict: 'pass' })
  | (RunDetails & { readonly verdict: 'fail'; readonly violations: readonly Violation[] })
  | (RunDetails & { readonly verdict: 'unknown'; readonly missing: string })
