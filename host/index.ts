// The library: parse a scenario, run it, look at the verdict. Nothing here touches files; the command line does.

export type { Law, Verdict, Violation } from './oracle/verdict'
export { parseScenario } from './scenario/parse'
export { runScenario } from './scenario/run'
export type { ByteSource, RunOptions, RunOutcome, ScenarioFiles, SectorSource } from './scenario/runTypes'
export type { ResolvedScenario } from './scenario/scenario'
