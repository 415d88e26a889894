//! How a diagram looks. Colours are variables, so that a dark page has its own.

/// The style sheet within the SVG.
pub(super) const CSS: &str = "\
svg{--paper:#fff;--ink:#1d2430;--soft:#5b6575;--line:#8792a3;--box:#f7f8fa;--edge:#c5ccd6;\
--task:#2f6fde;--approval:#8a4fd3;--choice:#b7791f;--wait:#0e8f95;--pass:#7b8798;--good:#2a8a4a;--bad:#c93a3a;--mark:#e8590c;\
font-family:ui-sans-serif,system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif}\
@media(prefers-color-scheme:dark){svg{--paper:#14181f;--ink:#e8ebf0;--soft:#9aa5b5;--line:#6b7686;--box:#1d232d;--edge:#3a4453;\
--task:#6ea3ff;--approval:#b98cf2;--choice:#e0aa4e;--wait:#4cc3c8;--pass:#9aa5b5;--good:#5cc27f;--bad:#f07878;--mark:#ff9550}}\
.paper{fill:var(--paper)}\
.box{fill:var(--box);stroke:var(--edge);stroke-width:1.2}\
.frame .box{fill:none}\
.bar{fill:var(--kind)}\
.name{fill:var(--ink);font-size:13px;font-weight:600}\
.line{fill:var(--soft);font-size:11px}\
.type{fill:var(--kind);font-weight:600}\
.way{fill:none;stroke:var(--line);stroke-width:1.4}\
.catch{stroke-dasharray:5 4}\
.head{fill:var(--line)}\
.label{fill:var(--soft);font-size:11px;text-anchor:middle}\
.label.error{fill:var(--bad)}\
.dot{fill:var(--ink)}.ring{fill:none;stroke:var(--ink);stroke-width:1.6}\
.task{--kind:var(--task)}.approval{--kind:var(--approval)}.choice{--kind:var(--choice)}.wait{--kind:var(--wait)}\
.pass,.parallel,.map{--kind:var(--pass)}.succeed{--kind:var(--good)}.fail,.unknown{--kind:var(--bad)}\
.succeed .box,.fail .box,.unknown .box{stroke:var(--kind)}\
.seen .away{opacity:.38}.seen .label.away{opacity:.6}\
.seen .been .box{stroke:var(--ink);stroke-width:1.6}\
.seen .taken{stroke:var(--ink);stroke-width:2.2}.seen .head.taken{fill:var(--ink)}\
.seen .here .box{stroke:var(--mark);stroke-width:3}.seen .frame.here .box{stroke-width:1.6}.here .badge{fill:var(--mark)}\
.seen .ended .box{stroke:var(--bad);stroke-width:3}";
