import { defineConfig } from 'tsdown'

// Three doors into one bundle: the command, the library, the benchmarks.
export default defineConfig({
  entry: { cli: 'host/cli/main.ts', index: 'host/index.ts', bench: 'host/bench/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: false,
  clean: true,
})
