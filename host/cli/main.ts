#!/usr/bin/env node
// The command `platterlab`.

import { runCli } from './program'
import { processTerminal } from './terminal'

process.exitCode = await runCli(process.argv.slice(2), processTerminal())
