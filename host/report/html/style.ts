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
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
table.heat td, table.heat th { padding: .15rem .4rem; border: 1px solid var(--line) }
.violation-box { border-left: 3px solid var(--bad); padding-left: .8rem; margin: .8rem 0 }
svg { width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif; fill: var(--soft) }
svg .value { font-size: 10px } svg .middle { text-anchor: middle } svg .end { text-anchor: end }
svg .axis { stroke: var(--soft) } svg .lane { stroke: var(--line) } svg .line { fill: none; stroke-width: 1.5 }
svg .dot { stroke: var(--paper) } svg .name { font-size: 12px }
svg .curve-0 { stroke: var(--soft) } svg .dot.curve-0, svg .name.curve-0 { fill: var(--soft) }
svg .curve-1 { stroke: var(--read) } svg .dot.curve-1, svg .name.curve-1 { fill: var(--read) }
svg .curve-2 { stroke: var(--good) } svg .dot.curve-2, svg .name.curve-2 { fill: var(--good) }
svg .curve-3 { stroke: var(--note) } svg .dot.curve-3, svg .name.curve-3 { fill: var(--note) }
svg .curve-4 { stroke: var(--write) } svg .dot.curve-4, svg .name.curve-4 { fill: var(--write) }
svg .curve-5 { stroke: var(--bad) } svg .dot.curve-5, svg .name.curve-5 { fill: var(--bad) }
svg text.name { stroke: none } table.wide td, table.wide th { white-space: nowrap }
svg .max { stroke: var(--bad) } svg .mean { stroke: var(--read) } svg .read { fill: var(--read) } svg .write { fill: var(--write) }
svg .fault { fill: var(--write) } svg .finding { fill: var(--note) } svg .violation { fill: var(--bad) }
.swim-box { overflow-x: auto; margin: .3rem 0 }
svg.swim { max-width: 100% }
@media print { svg.swim { min-width: 0 !important } }
svg.swim text { font: 11px ui-monospace, monospace; fill: var(--ink); paint-order: stroke; stroke: var(--card);
  stroke-width: 3px; stroke-linejoin: round }
svg.swim .time { fill: var(--soft); text-anchor: end } svg.swim .gap-text { font-style: italic }
svg.swim .lane-head { fill: none; stroke: var(--soft); rx: 3px } svg.swim .lane-name { font-weight: bold }
svg.swim .again { fill: var(--soft) } svg.swim .legend { fill: var(--soft) }
svg.swim .life { stroke: var(--soft); stroke-dasharray: 2 3 } svg.swim .instant { stroke: var(--line); stroke-width: .7 }
svg.swim .dark { fill: var(--soft); fill-opacity: .16 }
svg.swim .gap { fill: var(--card); fill-opacity: .75 } svg.swim .gap-edge { stroke: var(--soft); stroke-dasharray: 6 4 }
svg.swim .bar { fill: var(--soft); stroke: var(--card) } svg.swim .bar.read { fill: var(--read) }
svg.swim .bar.write { fill: var(--write) } svg.swim .bar.flush { fill: var(--note) } svg.swim .bar.open { fill-opacity: .5 }
svg.swim .cross { stroke: var(--bad); stroke-width: 2 } svg.swim .dot { fill: var(--ink) }
svg.swim .shaft { stroke: var(--ink) } svg.swim .head { fill: var(--ink) }
svg.swim .good-answer .shaft { stroke: var(--soft); stroke-dasharray: 4 2 } svg.swim .good-answer .head { fill: var(--soft) }
svg.swim .bad-answer .shaft { stroke: var(--bad); stroke-dasharray: 4 2 } svg.swim .bad-answer .head { fill: var(--bad) }
svg.swim text.good-answer { fill: var(--soft) } svg.swim .host-answer text.good-answer { fill: var(--good) }
svg.swim text.bad-answer { fill: var(--bad) }
svg.swim .band-ground { fill: var(--card) } svg.swim .band { fill: var(--soft); fill-opacity: .14 }
svg.swim .band-edge { fill: var(--soft) } svg.swim .band-text { stroke: none; font-weight: bold }
svg.swim .fault .band { fill: var(--write) } svg.swim .fault .band-edge, svg.swim .strike { fill: var(--write) }
svg.swim .power-cut .band, svg.swim .crash .band, svg.swim .violation .band { fill: var(--bad) }
svg.swim .power-cut .band-edge, svg.swim .crash .band-edge, svg.swim .violation .band-edge { fill: var(--bad) }
svg.swim .violation .band { stroke: var(--bad); stroke-opacity: .8; fill-opacity: .22 }
svg.swim .power-up .band { fill: var(--good) } svg.swim .power-up .band-edge { fill: var(--good) }
svg.swim .dropped .band-text { fill: var(--soft); font-weight: normal }
`.trim()
