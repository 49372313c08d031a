// `platterlab image create|restore|verify|clone`: options and help. The work is in imageCommand.ts, loaded when it is called.

import type { Command } from 'commander'
import type { RawImageOptions } from './imageCommand'
import type { Terminal } from './terminal'

const EXAMPLES = `Examples:
  platterlab image create disk.raw disk.img          copy a file or block device; zeros become holes
  platterlab image create /dev/sdb old.img --sync    a failing drive: unreadable sectors are listed, power cuts survived
  platterlab image create /dev/sdb old.img --resume  goes on after Ctrl-C, where it was
  platterlab image restore disk.img /dev/sdc         write an image back, in place
  platterlab image verify disk.img /dev/sdc --json   which sectors differ, as data
  platterlab image clone a.img b.img --source-drive hdd:cheetah9lp --unreadable 100-120 --power-cut 2s
                                                     the same on simulated drives, with faults
`

const EXIT_CODES = `
Exit codes:
  0  every sector is copied, or equal     1  sectors are listed, or the copy could not go on
  2  a mistake in the input               3  a fault of Platterlab itself     130  interrupted, can be resumed
`

interface Subcommand {
  readonly name: 'create' | 'restore' | 'verify' | 'clone'
  readonly arguments: readonly [source: string, target: string]
  readonly description: string
}

const SUBCOMMANDS: readonly Subcommand[] = [
  { name: 'create', arguments: ['source', 'image'], description: 'copy a file or block device into a new raw image' },
  { name: 'restore', arguments: ['image', 'target'], description: 'write an image over an existing file or device' },
  { name: 'verify', arguments: ['a', 'b'], description: 'compare sector by sector' },
  {
    name: 'clone',
    arguments: ['a', 'b'],
    description: 'copy A over B in place, or into a new file when there is no B',
  },
]

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function registerImageCommands(program: Command, terminal: Terminal, exit: { code: number }): void {
  const image = program
    .command('image')
    .description('copy and compare raw images and drives, sector by sector')
    .addHelpText('beforeAll', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
  for (const {
    name,
    arguments: [source, target],
    description,
  } of SUBCOMMANDS) {
    image
      .command(name)
      .description(description)
      .argument(`<${source}>`)
      .argument(`<${target}>`)
      .option('--resume', 'go on with the copy that was interrupted; without one, begin')
      .option('--restart', 'forget the copy that was interrupted, and begin again')
      .option('--state <file>', 'where an interrupted copy is remembered (default: NAME.copystate)')
      .option(
        '--sync',
        'flush to the device as the copy goes, so that it survives a power cut and can be resumed after one',
      )
      .option('--read-holes', 'read the holes of sparse files instead of asking the file system for them')
      .option('--sector-size <bytes>', 'unit of the list of bad sectors: 512, 520, 2048, 2352 or 4096', '512')
      .option('--retries <n>', 'how often a bad sector is tried again')
      .option('--max-lost <n>', 'stop when more sectors than this are listed')
      .option('--source-drive <model[:set]>', 'play the copy on simulated drives: the source is of this kind')
      .option('--target-drive <model[:set]>', 'the target is of this kind: ideal, hdd or ssd, with a parameter set')
      .option('--unreadable <sectors>', "bad sectors of the simulated source, such as '100-120,4000'")
      .option('--power-cut <time>', 'power fails at this simulated time and comes back; repeatable', collect, [])
      .option('--seed <n>', 'what a power cut leaves of caches and of writes in flight', '1')
      .option('--json', 'one JSON document on stdout, and nothing else there')
      .action(async (sourcePath: string, targetPath: string, options: RawImageOptions) => {
        const { imageCommand } = await import('./imageCommand')
        exit.code = await imageCommand(name, sourcePath, targetPath, options, terminal)
      })
  }
}
