// `platterlab image rescue`: options and help, named as GNU ddrescue names them. The work is in rescueCommand.ts, loaded when it is called.

import type { Command } from 'commander'
import type { RawRescueOptions } from './rescueCommand'
import type { Terminal } from './terminal'

const EXAMPLES = `Examples:
  platterlab image rescue /dev/sdb disk.img disk.map             the same command goes on after Ctrl-C or a power cut
  platterlab image rescue /dev/sdb disk.img disk.map -r 3        three more passes over what is bad
  platterlab image rescue disk.raw out.img out.map --source-drive hdd --unreadable 4000-9000 --error-time 1s --plot out.svg
                                                                 on simulated drives, beside what a plain copy gets
`

/** `command` has its name, and the options of simulated drives. */
export function registerRescueCommand(command: Command, terminal: Terminal, exit: { code: number }): void {
  command
    .description('copy what can be read of a failing drive, the good parts first, as GNU ddrescue does')
    .argument('<source>', 'a file or a block device')
    .argument('<target>', 'a file, made when there is none, or a block device')
    .argument('[mapfile]', "what is rescued so far, in ddrescue's format; without it a rescue cannot be gone on with")
    .addHelpText('beforeAll', EXAMPLES)
    .option('-R, --reverse', 'all passes in the other direction')
    .option('-u, --unidirectional', 'all passes in the same direction')
    .option('-N, --no-trim', 'leave the trimming phase out')
    .option('-n, --no-scrape', 'leave the scraping phase out')
    .option('-r, --retry-passes <n>', 'read bad sectors again in so many passes (0)')
    .option('-A, --try-again', 'what failed and is not known to be bad counts as non-tried')
    .option('-M, --retrim', 'what failed counts as non-trimmed')
    .option('-K, --skip-size <first[,max]>', 'skipped behind an error, doubled by each further one; 0 = nothing')
    .option('-c, --cluster-size <size>', 'one read of the copying phase (64 KiB)')
    .option('-a, --min-read-rate <size>', 'a read that is slower, a second, makes the first two passes skip')
    .option(
      '--read-timeout <time>',
      'a read that takes longer is given up (10 s); real devices end theirs by themselves',
    )
    .option('--checkpoint <size>', 'the map is kept whenever so much was rescued (64 MiB), and every 30 s')
    .option('--read-back', 'read back what was written, compare, and write again what differs')
    .option('-f, --force', 'write over a target that no map file knows')
    .option('--sector-size <bytes>', 'what is good or bad as a whole: 512, 520, 2048, 2352 or 4096', '512')
    .option('--plot <file.svg>', 'simulated: rescued bytes over time, beside those of a plain copy')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .action(async (source: string, target: string, mapfile: string | undefined, options: RawRescueOptions) => {
      const { rescueCommand } = await import('./rescueCommand')
      exit.code = await rescueCommand(source, target, mapfile ?? null, options, terminal)
    })
}
