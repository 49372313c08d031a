// The command line: which commands there are, and what their ends mean as exit codes. The work of each command is loaded when it is
// called, so that `--help` and small runs start fast.

import { Command, CommanderError } from 'commander'
import type { RawModesOptions } from './benchOptions'
import { BadInput, Interrupted } from './cliError'
import type { Engine } from './engine'
import { EXIT_BROKEN, EXIT_INPUT, EXIT_INTERRUPTED, EXIT_OK } from './exitCodes'
import { registerExploreCommands } from './exploreCommands'
import { registerImageCommands } from './imageCommands'
import type { RawRunOptions } from './runOptions'
import type { Terminal } from './terminal'
import { VERSION } from './version'

const EXAMPLES = `Examples:
  platterlab run fixtures/scenarios/*.yaml          run scenarios, say which held
  platterlab run cut.yaml --seed 7                  the same run, every time
  platterlab run cut.yaml --json | jq .scenarios    the verdict as data
  platterlab run dir/ --reporter junit=report.xml   every scenario of a directory, for CI
  platterlab run cut.yaml --dry-run                 the scenario with every default filled in
  platterlab explore cut.yaml                       the same with power cuts at every crash point
  platterlab certify my.wasm --budget 10m           put a microcode of yours through the standard campaign
  platterlab schema > scenario.schema.json          completion and checks in your editor
`

const RUN_EXAMPLES = `Examples:
  platterlab run cut.yaml
  platterlab run cut.yaml --seed 7 --check-determinism
  platterlab run cut.yaml --image-out lun.img --members-out members/
  platterlab run scenarios/ --reporter html=report.html --reporter junit=report.xml
`

const EXIT_CODES = `
Exit codes:
  0  all as expected            1  a law broken, or another expectation not met
  2  a mistake in the input     3  a fault of Platterlab itself     130  interrupted
`

/** A command sets it when it ends. */
interface Exit {
  code: number
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function addRun(program: Command, terminal: Terminal, exit: Exit, engine: (() => Engine) | undefined): void {
  program
    .command('run')
    .description('run scenarios and judge them')
    .argument('<file...>', 'scenario files, or directories of them')
    .option('--seed <n>', 'seed of everything random, instead of the one in the scenario')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .option('--reporter <name[=file]>', 'pretty, dot, json, junit, github or html; repeatable', collect)
    .option('--microcode <file>', 'a module in place of the one that the scenarios name')
    .option('--check-determinism', 'run twice, and fail when the two differ')
    .option('--dry-run', 'print the scenario with every default filled in; run nothing')
    .option('--image-out <file>', 'after recovery, write the content of the LUN as a raw image')
    .option('--members-out <dir>', 'at the end, write what is on each drive as a raw image')
    .option(
      '--live-images-out <dir>',
      'write the images that the scenario makes meanwhile, each with a map of what is in it',
    )
    .addHelpText('before', RUN_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (files: string[], options: RawRunOptions) => {
      const [{ runCommand }, { isolatedEngine }] = await Promise.all([import('./runCommand'), import('./engine')])
      exit.code = await runCommand(files, options, terminal, engine ?? isolatedEngine)
    })
}

function addSchema(program: Command, terminal: Terminal): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenario files')
    .addHelpText(
      'after',
      '\nPut this on the first line of a scenario, for editors:\n  # yaml-language-server: $schema=./scenario.schema.json\n',
    )
    .action(async () => {
      const [{ scenarioJsonSchema }, { jsonText }] = await Promise.all([
        import('../scenario/schema'),
        import('../report/json'),
      ])
      terminal.out(jsonText(scenarioJsonSchema()))
    })
}

const BENCH_EXAMPLES = `Examples:
  platterlab bench modes                            every mode, round trips from 0.1 to 80 ms
  platterlab bench modes --rtt 5 --depth 1,32 --json
  platterlab bench modes --placement controller,host --host-bus 200 MB --depth 8
  platterlab bench modes --workload mail.fio --capacity 256 MiB --html modes.html
`

function addBench(program: Command, terminal: Terminal, exit: Exit): void {
  program
    .command('bench')
    .description('measure, in simulated time')
    .command('modes')
    .description('what each mode of mirroring to a second site costs, and what it loses')
    .option('--mode <list>', 'none, sync, received, one-behind, async, scheduled (default: all of them)')
    .option('--rtt <list>', 'round trips in milliseconds (default: 0.1,1,5,20,80)')
    .option('--depth <list>', 'writes in flight (default: 1,8)')
    .option('--placement <list>', 'where mirroring runs: controller, host (default: controller)')
    .option(
      '--host-bus <size>',
      "bytes a second over the bus of the initiators' machine, such as 400 MB (default: off)",
    )
    .option('--workload <file>', 'an fio job file (.fio, .ini, .job) or a trace, in place of random writes')
    .option('--capacity <size>', 'of each member, with --workload (default: 16 MiB)')
    .option('--kills <n>', 'losses of the primary for each row (default: 12)')
    .option('--writes <n>', 'writes of each run (default: 2000)')
    .option('--seed <n>', 'of everything random (default: 1)')
    .option('--microcode <file>', 'a module in place of the mirror')
    .option('--html <file>', 'a page with plots and all figures')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .addHelpText('before', BENCH_EXAMPLES)
    .action(async (options: RawModesOptions) => {
      const { benchModesCommand } = await import('./benchCommand')
      exit.code = await benchModesCommand(options, terminal)
    })
}

function createProgram(terminal: Terminal, exit: Exit, engine: (() => Engine) | undefined): Command {
  const program = new Command('platterlab')
    .description('A lab for storage-controller microcode: a simulated disk array run by real WebAssembly microcode.')
    .version(VERSION, '-V, --version')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(--help shows examples and options)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
  addRun(program, terminal, exit, engine)
  registerExploreCommands(program, terminal, exit, engine)
  registerImageCommands(program, terminal, exit)
  addBench(program, terminal, exit)
  addSchema(program, terminal)
  return program
}

/** Runs one command line (without `node` and the script's name), and returns the exit code. Never throws. `engine`: in place of our own. */
export async function runCli(argv: readonly string[], terminal: Terminal, engine?: () => Engine): Promise<number> {
  const exit: Exit = { code: EXIT_OK }
  try {
    await createProgram(terminal, exit, engine).parseAsync([...argv], { from: 'user' })
    return exit.code
  } catch (error) {
    // Commander has told its own already; help and --version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_INPUT
    if (error instanceof Interrupted) return EXIT_INTERRUPTED
    if (error instanceof BadInput) {
      terminal.err(`${error.message}\n`)
      return EXIT_INPUT
    }
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    terminal.err(`platterlab itself failed, which is a bug:\n${told}\n`)
    return EXIT_BROKEN
  }
}
