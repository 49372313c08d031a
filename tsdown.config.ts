import { defineConfig } from 'tsdown'

// Four doors into one bundle: the command, the library, the benchmarks, and the thread in which untrusted microcode runs.
export default defineConfig({
  entry: {
    cli: 'host/cli/main.ts',
    index: 'host/index.ts',
    bench: 'host/bench/main.ts',
    worker: 'host/cli/worker.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: false,
  clean: true,
  // Its file is a module without saying so: no business of the user's Node.
  deps: { alwaysBundle: [/^as-bind/] },
})
