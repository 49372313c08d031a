// The page's whole style: readable on paper, on a dark screen, and without any other file.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5d6470; --line: #d5d9e0; --paper: #fff; --card: #f7f8fa;
  --good: #16794c; --bad: #b3261e; --read: #3b6fd4; --write: #c77d16; --note: #7a5fc0 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ec; --soft: #9aa3b2; --line: #3a404b; --paper: #16181c;
  --card: #1e2127; --good: #58c08c; --bad: #f2867e; --read: #86a9f2; --write: #e6ac57; --note: #b7a3ee } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin: 0; display: inline } h3 { font-size: .95rem; margin: 1.2rem 0 .3rem }
details { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .9rem; margin: .6rem 0; background: var(--card) }
summary { cursor: pointer } .good { color: var(--good) } .bad { color: var(--bad) } .soft { color: var(--soft) }
code, pre { font: 13px/1.45 ui-monospace, monospace } pre { overflow-x: auto; margin: .3rem 0; white-space: pre-wrap }
table { border-collapse: collapse; margin: .3rem 0 } td, th { padding: .15rem .9rem .15rem 0; text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.violation-box { border-left: 3px solid var(--bad); padding-left: .8rem; margin: .8rem 0 }
svg { width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif; fill: var(--soft) }
svg .value { font-size: 10px } svg .middle { text-anchor: middle } svg .end { text-anchor: end }
svg .axis { stroke: var(--soft) } svg .lane { stroke: var(--line) } svg .line { fill: none; stroke-width: 1.5 }
svg .max { stroke: var(--bad) } svg .mean { stroke: var(--read) } svg .read { fill: var(--read) } svg .write { fill: var(--write) }
svg .fault { fill: var(--write) } svg .finding { fill: var(--note) } svg .violation { fill: var(--bad) }
`.trim()
