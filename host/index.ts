// The library: read a scenario, run it, hold the verdict against what was expected; explore what may follow power cuts in it, in this
// thread. Pure: nothing here touches files, a clock or a terminal; whoever calls brings the files that a scenario names (scenarioPaths
// says which) and the bytes of the microcode.
//
//   const read = parseScenario(text, 'cut.yaml')
//   if (read.ok) {
//     const files = { microcode, texts: new Map(), bytes: new Map() }
//     const outcome = runScenario(read.scenario, files, 1)
//     const unmet = unmetExpectations(read.scenario.expect, outcome)
//   }
//
//   const bounds = { crashPoints: 50, choices: 12, depth: 1, states: 1000, absences: false }
//   const run = { kind: 'scenario', scenario: read.scenario, texts: {}, files: {}, seed: 1, bounds, changePoints: -1 }
//   const { coverage, violations } = new Explorer(exploreInput(run, loadMicrocode(microcode))).run()
//
// Not promised: that microcode which never returns gives control back; run it in a thread that can be ended. Scenarios with a second
// site run, and are not explored: exploreInput throws.

export { type Bounds, type Explored, type ExploreInput, Explorer, type FoundViolation } from './explore/explorer'
export { formatToken, parseToken, type Replay, type ReplayTarget } from './explore/replayToken'
export { exploreInput, loadMicrocode, type RunSource, type ScenarioRun } from './explore/unit'
export type {
  EventFilter,
  EventName,
  FaultAction,
  FaultSpec,
  LinkFaultAction,
  LinkSide,
  SiteName,
  Trigger,
} from './faults/faultSpec'
export {
  type Finding,
  type HistoryStep,
  LAW_TEXT,
  type LatencyNs,
  type Law,
  type RunFigures,
  type Verdict,
  type Violation,
} from './oracle/verdict'
export { unmetExpectations } from './scenario/expectation'
export { formatScenario } from './scenario/format'
export { formatInputError, type InputError } from './scenario/inputError'
export { type ParseOptions, parseScenario, type ScenarioResult } from './scenario/parse'
export { runScenario } from './scenario/run'
export type {
  ByteSource,
  RunOptions,
  RunOutcome,
  ScenarioFiles,
  SectorSource,
  TimelineSpan,
} from './scenario/runTypes'
export type {
  Expectation,
  ResolvedArray,
  ResolvedDrive,
  ResolvedLink,
  ResolvedRemote,
  ResolvedScenario,
  ResolvedWorkload,
} from './scenario/scenario'
export { type ScenarioPaths, scenarioPaths } from './scenario/scenarioPaths'
export { scenarioJsonSchema } from './scenario/schema'
