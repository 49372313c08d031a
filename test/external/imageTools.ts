// Tools that print the content of an image.

import { spawnSync } from 'node:child_process'
import { findTool } from './tools'

/** What a tool that has to succeed prints, as bytes. */
export function runImageTool(name: string, args: readonly string[]): Buffer {
  const path = findTool(name)
  if (path === null) throw new Error(`${name} is not installed: ask with requireTool first`)
  const { status, stdout, stderr } = spawnSync(path, args, { maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: 'C' } })
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: exit code ${status}\n${stderr}`)
  return stdout
}
