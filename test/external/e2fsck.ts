// e2fsck as a judge of ext4 images.
//
// Two questions of one image: is it clean as it is (`e2fsck -fn` finds nothing), and if not, is journal recovery all that it needs?
// The second is answered by `e2fsck -fy` on a copy, whose every line must be one of those below, and by a second `-fn` that finds
// nothing. A line that is not known counts as damage: better a false alarm than a blind judge.
// Not judged: whether the files are right. readFile asks for their bytes.

import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runTool, runToolOk, withTemporaryFolder } from './tools'

export interface E2fsckJudgement {
  /** `e2fsck -fn` finds nothing to do. */
  readonly clean: boolean
  /** Nothing but journal recovery was needed (a clean image needs not even that). */
  readonly journalRecoveryOnly: boolean
  /** The journal held transactions, and they were replayed. */
  readonly journalReplayed: boolean
  /** Lines of `e2fsck -fy` that speak of anything else. */
  readonly damage: readonly string[]
  readonly output: string
}

/**
 * What `e2fsck -fy` (1.47) prints when journal recovery is all. Beside the lines that it always prints, they are:
 * - "recovering journal";
 * - orphans: inodes that were unlinked or truncated while open; finishing that is the second half of ext4's recovery, the kernel
 *   does it too at mount;
 * - the totals of free blocks and inodes in the superblock: the kernel brings them up to date only when it unmounts, and counts
 *   them anew when it mounts. The counts of a group are something else: they are journalled, and "for group" is damage.
 */
const RECOVERY_LINES: readonly RegExp[] = [
  /^$/,
  /^e2fsck \d+\.\d+(\.\d+)? \(.*\)$/,
  /^\S.*: recovering journal$/,
  /^(Clearing|Truncating) orphaned inode \d+ \(uid=\d+, gid=\d+, mode=\d+, size=\d+\)$/,
  /^Pass 1: Checking inodes, blocks, and sizes$/,
  /^Pass 2: Checking directory structure$/,
  /^Pass 3: Checking directory connectivity$/,
  /^Pass 4: Checking reference counts$/,
  /^Pass 5: Checking group summary information$/,
  /^Free (blocks|inodes) count wrong \(\d+, counted=\d+\)\.$/,
  /^Setting free (blocks|inodes) count to \d+ \(was \d+\)$/,
  /^Fix\? yes$/,
  /^\S.*: \*{5} FILE SYSTEM WAS MODIFIED \*{5}$/,
  /^\S.*: \d+\/\d+ files \(\d+\.\d+% non-contiguous\), \d+\/\d+ blocks$/,
]

/** Exit codes of e2fsck(8): 0 no errors, 1 corrected. */
const CORRECTED = 1

/** Exit code 0 is not enough: `-n` leaves a journal alone, says so, and may then find nothing else to complain of. */
function isClean(file: string): boolean {
  const { exitCode, stdout, stderr } = runTool('e2fsck', ['-fn', file])
  return exitCode === 0 && !/skipping journal recovery/.test(stderr + stdout)
}

export function linesBeyondRecovery(output: string): string[] {
  return output.split('\n').filter((line) => !RECOVERY_LINES.some((allowed) => allowed.test(line)))
}

/** Judges without changing `file`. */
export function e2fsckJudge(file: string): Promise<E2fsckJudgement> {
  return withTemporaryFolder((folder) => {
    const clean = isClean(file)
    const copy = join(folder, 'copy.img')
    copyFileSync(file, copy)
    const { exitCode, stdout, stderr } = runTool('e2fsck', ['-fy', copy])
    const output = stderr + stdout
    const damage = linesBeyondRecovery(output)
    if (exitCode > CORRECTED) damage.push(`e2fsck -fy: exit code ${exitCode}`)
    if (!isClean(copy)) damage.push('e2fsck -fn afterwards: not clean')
    return {
      clean,
      journalRecoveryOnly: damage.length === 0,
      journalReplayed: /: recovering journal$/m.test(output),
      damage,
      output,
    }
  })
}

/** Replays the journal and repairs in place: what a machine does after a power cut. */
export function e2fsckRepair(file: string): string {
  const { exitCode, stdout, stderr } = runTool('e2fsck', ['-fy', file])
  if (exitCode > CORRECTED) throw new Error(`e2fsck -fy ${file}: exit code ${exitCode}\n${stderr}${stdout}`)
  return stderr + stdout
}

/** The bytes of files in an ext4 image that needs no recovery, by debugfs; null = no such file. */
export function readFiles(image: string, paths: readonly string[]): Promise<(Uint8Array | null)[]> {
  return withTemporaryFolder((folder) => {
    const target = (index: number) => join(folder, String(index))
    const script = join(folder, 'script')
    writeFileSync(script, paths.map((path, index) => `dump "/${path}" ${target(index)}\n`).join(''))
    runToolOk('debugfs', ['-f', script, image])
    return paths.map((_, index) => (existsSync(target(index)) ? readFileSync(target(index)) : null))
  })
}
