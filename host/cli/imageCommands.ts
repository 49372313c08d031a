// `platterlab image ...`: options and help. The work is in imageCommand.ts and formatCommand.ts, loaded when they are called.

import type { Command } from 'commander'
import type { RawFormatOptions } from './formatCommand'
import type { RawImageOptions } from './imageCommand'
import type { RawLsOptions } from './imageLsCommand'
import { registerRescueCommand } from './rescueCommands'
import type { Terminal } from './terminal'

const EXAMPLES = `Examples:
  platterlab image create disk.raw disk.img          copy a file or block device; zeros become holes
  platterlab image create /dev/sdb old.img --sync    a failing drive: unreadable sectors are listed, power cuts survived
  platterlab image create /dev/sdb old.img --resume  goes on after Ctrl-C, where it was
  platterlab image restore disk.qcow2 /dev/sdc       write what is in an image back, in place, once all of it is checked
  platterlab image verify disk.img /dev/sdc --json   which sectors differ, as data
  platterlab image clone golden.img /dev/sdb /dev/sdc /dev/sdd
                                                     read once, written to all of them; one that fails is dropped
  platterlab image ls disk.img                       partitions and file systems on it; --files lists an ISO 9660
  platterlab image clone a.img b.img --source-drive hdd:cheetah9lp --unreadable 100-120 --power-cut 2s
                                                     the same on simulated drives, with faults
  platterlab image rescue /dev/sdb disk.img disk.map  a failing drive, in the phases of GNU ddrescue, with its map file
  platterlab image create disc.bin copy.bin --optical
                                                     a CD: every sector is checked, and corrected where it can be
  platterlab image convert disk.img disk.qcow2 -o compression=zlib
                                                     formats are found out, or chosen by name and with --to
  platterlab image compare disk.img disk.qcow2       the disks in two images, whatever their formats
  platterlab image convert disc.cue disc.iso --track 1
  platterlab image info disk.qcow2                   what an image is; check: whether it is whole; ls: what is on the disk
  platterlab image sums disk.img                     SHA-256 of the disk and of each part, for check and restore
`

const EXIT_CODES = `
Exit codes:
  0  every sector is copied, or equal     1  sectors are listed, or the copy could not go on
  2  a mistake in the input               3  a fault of Platterlab itself     130  interrupted, can be resumed
`

interface Subcommand {
  readonly name: 'create' | 'restore' | 'verify' | 'clone'
  /** With dots: one or more. */
  readonly arguments: readonly [source: string, target: string]
  readonly description: string
}

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'create',
    arguments: ['source', 'image...'],
    description: 'copy a file or block device into a new raw image, or into several at once',
  },
  {
    name: 'restore',
    arguments: ['image', 'target...'],
    description: 'write an image over an existing file or device, or over several at once',
  },
  { name: 'verify', arguments: ['a', 'b'], description: 'compare sector by sector' },
  {
    name: 'clone',
    arguments: ['a', 'b...'],
    description: 'copy A over B in place, or into a new file when there is no B; over several at once',
  },
]

const OVERWRITE = ['--overwrite <name>', 'write over what is there, under a name that the refusal gives'] as const

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function registerImageCommands(program: Command, terminal: Terminal, exit: { code: number }): void {
  const image = program
    .command('image')
    .description('copy, convert and compare images and drives, sector by sector')
    .addHelpText('beforeAll', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
  addLs(image, terminal, exit)
  for (const {
    name,
    arguments: [source, target],
    description,
  } of SUBCOMMANDS) {
    withSimulation(image.command(name))
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
      .option('--overwrite <name>', `${OVERWRITE[1]}; repeatable, for several targets`, collect, [])
      .option('--read-holes', 'read the holes of sparse files instead of asking the file system for them')
      .option('--from <format>', 'the format of the source; by default restore looks, and all others copy its bytes')
      .option('--trust', 'restore an archive without checking it first, or although it is damaged')
      .option('--read-back', 'read back what was written, compare, and write again what differs')
      .option(
        '--sector-size <bytes>',
        'unit of the list of bad sectors: 512, 520, 2048, 2352, 2448 or 4096 (default: 512)',
      )
      .option('--optical [kind]', 'sectors of a CD: check, correct, read again; auto, or all data, or all audio')
      .option('--disc-start <address>', 'where on the disc the first sector lies (default: 00:02:00)')
      .option(
        '--damage <disc>',
        'what is wrong with the disc in a simulated optical source: a description (image disc)',
      )
      .option('--retries <n>', 'how often a bad sector is tried again')
      .option('--max-lost <n>', 'stop when more sectors than this are listed')
      .option('--map <file>', 'a picture of what happened to which sectors, as .svg or .html')
      .option('--json', 'one JSON document on stdout, and nothing else there')
      .action(async (sourcePath: string, targetPath: string | string[], options: RawImageOptions) => {
        const { imageCommand } = await import('./imageCommand')
        exit.code = await imageCommand(name, sourcePath, [targetPath].flat(), options, terminal)
      })
  }
  registerFormatCommands(image, terminal, exit)
  registerRescueCommand(withSimulation(image.command('rescue')), terminal, exit)
  registerDisc(image, terminal, exit)
}

/** Options of a copy that is played on simulated drives. */
function withSimulation(command: Command): Command {
  return command
    .option('--source-drive <model[:set]>', 'play the copy on simulated drives: the source is of this kind')
    .option(
      '--target-drive <model[:set]>',
      'the target is of this kind: ideal, hdd or ssd (or optical, as a source), with a parameter set',
    )
    .option('--unreadable <sectors>', "bad sectors of the simulated source, such as '100-120,4000'")
    .option('--slow <sectors[xN]>', "places of it that take N times as long (20), such as '1000-2000x50'")
    .option('--head-dies <time:head>', "from this simulated time on nothing under a head can be read, such as '2s:3'")
    .option('--error-time <time>', 'how long the simulated source tries before it gives a sector up (0 s)')
    .option('--power-cut <time>', 'power fails at this simulated time and comes back; repeatable', collect, [])
    .option('--seed <n>', 'what a power cut leaves of caches and of writes in flight', '1')
}

function registerDisc(image: Command, terminal: Terminal, exit: { code: number }): void {
  image
    .command('disc')
    .description('make the raw image of an optical disc that a file describes (docs/optical.md, fixtures/discs)')
    .argument('<description>')
    .argument('<image>')
    .option('--damaged', 'as one read of the damaged disc gives it, instead of as it was mastered')
    .action(async (description: string, path: string, options: { readonly damaged?: boolean }) => {
      const { discCommand } = await import('./discCommand')
      exit.code = discCommand(description, path, options.damaged ?? false, terminal)
    })
}

const FROM = ['--from <format>', 'its format, instead of what is in the file'] as const

function registerFormatCommands(image: Command, terminal: Terminal, exit: { code: number }): void {
  image
    .command('convert')
    .description('write what is in an image as a new image of another format, or of the same')
    .argument('<source>', 'an image, a file or a block device')
    .argument('<image>')
    .option(...FROM)
    .option('--to <format>', 'the format of the new image, instead of what its name says')
    .option('-o, --option <name=value>', 'an option of the new format; repeatable, or with commas', collect, [])
    .option(...OVERWRITE)
    .option('--track <n>', 'of a disc: the data in this track, instead of whole sectors with their codes')
    .option('--sums', 'write IMAGE.sums beside it: SHA-256 of the disk and of each chunk, read back from the image')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .action(async (source: string, target: string, options: RawFormatOptions) => {
      const { convertCommand } = await import('./formatCommand')
      exit.code = await convertCommand(source, target, options, terminal)
    })
  image
    .command('compare')
    .description('compare the disks in two images; what the longer one has more must be zeros')
    .argument('<a>')
    .argument('<b>')
    .option('--from <format>', 'the format of A, instead of what is in the file')
    .option('--to <format>', 'the format of B, instead of what is in the file')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .action(async (left: string, right: string, options: RawFormatOptions) => {
      const { compareCommand } = await import('./formatCommand')
      exit.code = await compareCommand(left, right, options, terminal)
    })
  image
    .command('sums')
    .description('write IMAGE.sums beside an image; check and restore hold it to them')
    .argument('<image>')
    .option(...FROM)
    .action(async (path: string, options: RawFormatOptions) => {
      const { sumsCommand } = await import('./formatCommand')
      exit.code = await sumsCommand(path, options, terminal)
    })
  for (const name of ['info', 'check'] as const) {
    image
      .command(name)
      .description(name === 'info' ? 'what an image is' : 'whether an image is whole: its tables and all its checksums')
      .argument('<image>')
      .option(...FROM)
      .option('--json', 'one JSON document on stdout, and nothing else there')
      .action(async (path: string, options: RawFormatOptions) => {
        const { checkCommand, infoCommand } = await import('./formatCommand')
        exit.code = await (name === 'info' ? infoCommand : checkCommand)(path, options, terminal)
      })
  }
}

function addLs(image: Command, terminal: Terminal, exit: { code: number }): void {
  image
    .command('ls')
    .description('what is on a disk: partitions, file systems, and the files of an ISO 9660')
    .argument('<image>')
    .option(...FROM)
    .option('--files', 'list the files of ISO 9660 volumes')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .action(async (path: string, options: RawLsOptions) => {
      const { imageLsCommand } = await import('./imageLsCommand')
      exit.code = await imageLsCommand(path, options, terminal)
    })
}
