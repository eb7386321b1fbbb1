/** One style sheet for all pages: JIRA's proportions and colours, nothing of its artwork. */
export const styleSheet = `
:root { --ink:#172b4d; --soft:#626f86; --line:#dcdfe4; --blue:#0c66e4; --wash:#f7f8f9; }
* { box-sizing:border-box }
body { margin:0; color:var(--ink); font:14px/1.45 -apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif; background:#fff }
a { color:var(--blue); text-decoration:none } a:hover { text-decoration:underline }
header.top { display:flex; align-items:center; gap:20px; height:52px; padding:0 24px; border-bottom:1px solid var(--line) }
header.top .brand { font-weight:700; color:var(--ink) } header.top .who { margin-left:auto; display:flex; gap:10px; align-items:center }
main { max-width:1180px; margin:0 auto; padding:24px }
.crumbs { color:var(--soft); font-size:13px } h1 { font-size:24px; line-height:1.2; font-weight:600; margin:8px 0 16px }
h2 { font-size:16px; font-weight:600; margin:28px 0 8px }
.columns { display:grid; grid-template-columns:minmax(0,1fr) 320px; gap:36px; align-items:start }
button, .button { font:inherit; font-weight:500; border:0; border-radius:3px; padding:6px 12px; background:#091e420f; color:var(--ink); cursor:pointer }
button:hover { background:#091e4224 } button.primary { background:var(--blue); color:#fff } button:focus-visible, a:focus-visible, summary:focus-visible { outline:2px solid var(--blue); outline-offset:2px }
.actions { display:flex; flex-wrap:wrap; gap:8px; align-items:flex-start; margin-bottom:8px } .actions > .lozenge { margin-top:8px }
.lozenge { display:inline-block; padding:1px 6px; border-radius:3px; font-size:11px; font-weight:700; text-transform:uppercase; background:#dcdfe4; color:#44546f }
.lozenge-indeterminate, .lozenge-blue { background:#cce0ff; color:#0055cc } .lozenge-done, .lozenge-green { background:#baf3db; color:#216e4e }
.lozenge-red { background:#ffd5d2; color:#ae2e24 } .lozenge-yellow { background:#f8e6a0; color:#7f5f01 } .lozenge-purple { background:#dfd8fd; color:#5e4db2 }
table.list { width:100%; border-collapse:collapse } table.list th { text-align:left; color:var(--soft); font-size:12px } table.list td, table.list th { padding:8px 10px; border-bottom:1px solid var(--line) }
aside { border:1px solid var(--line); border-radius:4px } aside h2 { margin:0; padding:12px 16px; border-bottom:1px solid var(--line); font-size:14px }
aside dl { display:grid; grid-template-columns:105px 1fr; gap:12px 8px; margin:0; padding:16px } aside dt { color:var(--soft); font-weight:600; font-size:12px } aside dd { margin:0; overflow-wrap:anywhere }
.label { background:#091e420f; border-radius:3px; padding:1px 6px; margin:0 4px 4px 0; display:inline-block }
.person { display:inline-flex; align-items:center; gap:8px } .person img { border-radius:50% }
.rich { overflow-wrap:anywhere } .rich h1 { font-size:20px } .rich h2 { font-size:18px } .rich h3 { font-size:16px }
.rich table { border-collapse:collapse; margin:12px 0 } .rich td, .rich th { border:1px solid var(--line); padding:6px 10px; vertical-align:top; text-align:left } .rich th { background:var(--wash) } .rich td p, .rich th p { margin:0 }
.rich pre { background:var(--wash); border-radius:3px; padding:12px; overflow:auto; font:12px/1.5 ui-monospace,Menlo,Consolas,monospace } .rich code { background:var(--wash); border-radius:3px; font-family:ui-monospace,Menlo,Consolas,monospace; font-size:12px }
.rich :not(pre) > code { padding:2px 4px } .rich blockquote { border-left:2px solid var(--line); margin:12px 0; padding-left:16px }
.panel { border-radius:3px; padding:8px 16px; margin:12px 0; background:#e9f2ff } .panel > :first-child, .entry .rich > :first-child { margin-top:0 } .panel > :last-child, .entry .rich > :last-child { margin-bottom:0 } .panel-note { background:#f3f0ff } .panel-success, .panel-tip { background:#dcfff1 } .panel-warning { background:#fff7d6 } .panel-error { background:#ffeceb }
.expand { border:1px solid var(--line); border-radius:4px; padding:8px 12px; margin:12px 0 } .expand summary { cursor:pointer; font-weight:500 }
.file { display:flex; gap:10px; border:1px solid var(--line); border-radius:4px; padding:10px 12px; margin-bottom:8px } .file span { color:var(--soft) }
.entry { display:grid; grid-template-columns:32px 1fr; gap:12px; padding:12px 0; border-bottom:1px solid var(--line) } .entry img { border-radius:50% } .entry .when { color:var(--soft); font-size:12px; margin-left:8px }
.change { color:var(--soft) } .change b { color:var(--ink); font-weight:500 } .change pre { white-space:pre-wrap; margin:4px 0; font:inherit; max-height:8em; overflow:auto }
textarea { width:100%; min-height:74px; font:inherit; border:1px solid var(--line); border-radius:3px; padding:8px }
.dialog { border:1px solid var(--line); border-radius:4px; padding:12px 16px } details.move > summary { list-style:none; display:inline-block } details.move > summary::-webkit-details-marker { display:none } details.move[open] { flex-basis:100%; order:1 }
.problem { background:#ffeceb; border-radius:3px; padding:10px 16px; margin-bottom:16px } .empty { color:var(--soft) }
.people button { display:flex; gap:12px; align-items:center; width:100%; text-align:left; margin-bottom:8px; padding:10px 14px } .people img { border-radius:50% }
`;
