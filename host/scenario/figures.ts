// What a run came to, in figures.

import type { RunFigures } from '../oracle/verdict'
import type { Runner } from './runner'

export function figuresOf(runner: Runner, sectorsJudged: number): RunFigures {
  const { initiator, events, driveCommands, powerCuts, faults, site } = runner
  return {
    simulatedNs: events.nowNs,
    reads: initiator.reads,
    writes: initiator.writes,
    flushes: initiator.flushes,
    bytesRead: initiator.bytesRead,
    bytesWritten: initiator.bytesWritten,
    errors: initiator.errors,
    readLatencyNs: initiator.readLatency.summary(),
    writeLatencyNs: initiator.writeLatency.summary(),
    driveCommands,
    sectorsJudged,
    faultsStruck: faults.strikes.length,
    powerCuts,
    microcodeEntries: site.controller.entryCount,
  }
}
