// The commands of the fault explorer: options and help. The work of each is loaded when it is called.

import type { Command } from 'commander'
import type { RawShowOptions } from './bugsCommand'
import type { RawCampaignOptions } from './campaignOptions'
import type { RawCertifyOptions } from './certifyCommand'
import type { Engine } from './engine'
import type { RawExploreOptions } from './exploreCommand'
import type { RawReplayOptions } from './replayCommand'
import type { Terminal } from './terminal'
import type { RawWorkerOptions } from './workerCommand'

const CERTIFY_EXAMPLES = `Examples:
  platterlab certify                                 the standard campaign on the microcode of the package
  platterlab certify my.wasm --budget 10m            on a module of yours, for ten minutes
  platterlab certify my.wasm --bail --shrink broken/ stop at the first broken law, and write a small scenario that breaks it
  platterlab certify my.wasm --shard 1/4 --json      a quarter of the work, on one of four machines
  platterlab certify my.wasm --reporter junit=r.xml --reporter html=r.html
`

const MERGE_EXAMPLES = `Examples:
  platterlab merge shard-*.json                      the scorecard of the whole campaign
  platterlab merge 1.json 2.json --json              the same as one document
`

const EXPLORE_EXAMPLES = `Examples:
  platterlab explore cut.yaml                        power fails at every crash point of the run
  platterlab explore cut.yaml --depth 2 --absences   … and in the recovery, and drives come back late
  platterlab explore race.yaml --crash-points 0 --orders 100 --seeds 20
                                                     no power cuts: other orders of events, under 20 seeds
`

const REPLAY_EXAMPLES = `Examples:
  platterlab replay plab1.eyJ0YXJnZXQi…              what a campaign found, with its whole story
  platterlab replay plab1.eyJ0YXJnZXQi… --microcode my.wasm --reporter html=story.html
  platterlab replay plab1.eyJ0YXJnZXQi… --shrink small.yaml
  platterlab replay cut.yaml --seed 7                as platterlab run does it
`

const BUGS_EXAMPLES = `Examples:
  platterlab bugs                                    every bug that the judge is held to
  platterlab bugs show copy-length-zero              its story, and the scenario that catches it
  platterlab bugs show copy-length-zero --module-out bug.wasm
`

const SHOW_EXAMPLES = `Examples:
  platterlab bugs show copy-length-zero
  platterlab bugs show copy-length-zero --reporter html=story.html
`

const WORKER_EXAMPLES = `Examples:
  platterlab worker --queue redis://localhost:6379   work on whatever campaigns there are, until Ctrl-C
  platterlab certify my.wasm --queue redis://localhost:6379
                                                     elsewhere: the campaign
`

const EXIT_CODES = `
Exit codes:
  0  no law is broken            1  a law is broken
  2  a mistake in the input      3  a fault of Platterlab itself     130  interrupted
`

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function withReporters(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .option('--reporter <name[=file]>', 'pretty, json, junit, github or html; repeatable', collect)
}

function withCampaign(command: Command): Command {
  return withReporters(command)
    .option('--jobs <n>', 'threads (default: one for each processor); with --queue, units kept waiting for so many')
    .option('--queue <url>', 'let workers elsewhere do it, through Redis or Valkey: redis://host:port')
    .option('--bail', 'stop at the first broken law')
    .option('--shrink <dir>', 'write a small scenario for each broken law into this directory')
}

interface Context {
  readonly terminal: Terminal
  readonly exit: { code: number }
  readonly engine: () => Promise<() => Engine>
}

function addCertify(program: Command, { terminal, exit }: Context): void {
  withCampaign(
    program
      .command('certify')
      .description('put a microcode through the standard campaign')
      .argument('[module]', 'a WebAssembly module (default: the mirror of the package)')
      .option('--budget <budget>', 'states:N, or a time such as 60s or 10m (default: states:60000)')
      .option('--seed <n>', 'seed of the campaign (default: 1)')
      .option('--shard <i/n>', 'only the i-th of n parts'),
  )
    .addHelpText('before', CERTIFY_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (module: string | undefined, options: RawCertifyOptions) => {
      const { certifyCommand } = await import('./certifyCommand')
      exit.code = await certifyCommand(module, options, terminal)
    })
}

function addMerge(program: Command, { terminal, exit }: Context): void {
  withReporters(
    program
      .command('merge')
      .description('add up the certificates of shards')
      .argument('<file...>', 'what certify --shard i/n --json printed, for each i'),
  )
    .addHelpText('before', MERGE_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (files: string[], options: RawCampaignOptions) => {
      const { mergeCommand } = await import('./mergeCommand')
      exit.code = await mergeCommand(files, options, terminal)
    })
}

function addExplore(program: Command, { terminal, exit, engine }: Context): void {
  withCampaign(
    program
      .command('explore')
      .description('explore scenarios: power cuts at their crash points, other orders, other seeds')
      .argument('<file...>', 'scenario files, or directories of them')
      .option('--crash-points <all|n>', 'crash points of each run at which power fails', 'all')
      .option('--choices <n>', 'at each, so many choices of what persists', '12')
      .option('--depth <n>', '2: power fails again in the recovery, and so on', '1')
      .option('--orders <n>', 'beside the plain order of events, so many others for each seed', '0')
      .option('--seeds <n>', 'so many seeds, one after the other', '1')
      .option('--seed <n>', 'the first seed, instead of the one in the scenario')
      .option('--states <n>', 'at most so many states in one unit of the work', '100000')
      .option('--absences', 'after a power cut, a drive may come back late')
      .option('--slices <n>', 'deal the states of one run to so many units', '8')
      .option('--microcode <file>', 'a module in place of the one that the scenario names'),
  )
    .addHelpText('before', EXPLORE_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (files: string[], options: RawExploreOptions) => {
      const [{ exploreCommand }, start] = await Promise.all([import('./exploreCommand'), engine()])
      exit.code = await exploreCommand(files, options, terminal, start)
    })
}

function addReplay(program: Command, { terminal, exit, engine }: Context): void {
  program
    .command('replay')
    .description('bring back what a campaign found')
    .argument('<token|file>', 'a token as a campaign prints it, or a scenario file')
    .option(
      '--microcode <file>',
      'the module; a token does not hold it (default: the mirror, or what the scenario names)',
    )
    .option('--seed <n>', 'of a scenario file')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .option('--reporter <name[=file]>', 'pretty, dot, json, junit, github or html; repeatable', collect)
    .option('--shrink <file>', 'write a small scenario that breaks the same law')
    .addHelpText('before', REPLAY_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (what: string, options: RawReplayOptions) => {
      const [{ replayCommand }, start] = await Promise.all([import('./replayCommand'), engine()])
      exit.code = await replayCommand(what, options, terminal, start)
    })
}

function addBugs(program: Command, { terminal, exit, engine }: Context): void {
  const bugs = program
    .command('bugs')
    .description('the bugs that the judge is held to')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .addHelpText('before', BUGS_EXAMPLES)
    .action(async (options: { json?: boolean }) => {
      const { listBugs } = await import('./bugsCommand')
      exit.code = listBugs(options, terminal)
    })
  bugs
    .command('show')
    .description('the story of one, and the run that catches it')
    .argument('<id>', 'as platterlab bugs lists it')
    .option('--seed <n>', 'instead of the one in its scenario')
    .option('--reporter <name[=file]>', 'as in platterlab run; repeatable', collect)
    .option('--module-out <file>', 'keep the microcode with the bug in it')
    .addHelpText('before', SHOW_EXAMPLES)
    .action(async (id: string, options: RawShowOptions) => {
      const [{ showBug }, start] = await Promise.all([import('./bugsCommand'), engine()])
      exit.code = await showBug(id, options, terminal, start)
    })
}

function addWorker(program: Command, { terminal, exit }: Context): void {
  program
    .command('worker')
    .description('carry out units of campaigns that others started')
    .requiredOption('--queue <url>', 'a server of Redis or Valkey: redis://host:port')
    .option('--jobs <n>', 'threads (default: one for each processor)')
    .addHelpText('before', WORKER_EXAMPLES)
    .action(async (options: RawWorkerOptions) => {
      const { workerCommand } = await import('./workerCommand')
      exit.code = await workerCommand(options, terminal)
    })
}

/** `engine`: in place of our own, for tests. */
export function registerExploreCommands(
  program: Command,
  terminal: Terminal,
  exit: { code: number },
  engine: (() => Engine) | undefined,
): void {
  const context = { terminal, exit, engine: async () => engine ?? (await import('./engine')).isolatedEngine }
  for (const add of [addCertify, addMerge, addExplore, addReplay, addBugs, addWorker]) add(program, context)
}
