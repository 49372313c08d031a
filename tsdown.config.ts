import { defineConfig } from 'tsdown'

// Five doors into one bundle: the command, the library, the benchmarks, and the threads in which untrusted microcode runs, for one
// run at a time and for the units of a campaign.
export default defineConfig({
  entry: {
    cli: 'host/cli/main.ts',
    index: 'host/index.ts',
    bench: 'host/bench/main.ts',
    worker: 'host/cli/worker.ts',
    exploreWorker: 'host/explore/exploreWorker.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: false,
  clean: true,
  // as-bind: its file is a module without saying so: no business of the user's Node. The others: a command starts faster with fewer files.
  deps: { alwaysBundle: [/^as-bind/, /^commander/, /^picocolors/] },
  // A format that opens files of others imports the list of formats late, because it is in it itself, and not for a smaller bundle.
  inputOptions: { checks: { ineffectiveDynamicImport: false } },
})
