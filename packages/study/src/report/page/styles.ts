import { darkPalette, declareVariables, lightPalette } from "../palette.js";

const DARK = `${declareVariables(darkPalette)}--page:#0e141c;--card:#151c26;--line:#273140;--soft:#1b2430;--good:#4fd1a9;--poor:#ff7fae;color-scheme:dark;`;
const LIGHT = `${declareVariables(lightPalette)}--page:#f3f5f8;--card:#fdfdfe;--line:#dfe4eb;--soft:#eef1f5;--good:#0d7a5b;--poor:#b3245a;color-scheme:light;`;

/** The style sheet of a report: light, dark and print. */
export const styles = `
:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{${LIGHT}--page:#fff;}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main,header.top{max-width:1180px;margin:0 auto;padding:0 28px}
header.top{padding-top:44px;padding-bottom:8px}
h1{font-size:2rem;line-height:1.2;margin:0 0 6px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 4px;letter-spacing:-.01em}
h3{font-size:1rem;margin:22px 0 6px}
p{margin:0 0 12px;max-width:76ch}
.muted,.lead,figcaption{color:var(--muted)}
.lead{font-size:.94rem;margin-bottom:16px}
nav{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--page) 90%,transparent);backdrop-filter:blur(6px);border-bottom:1px solid var(--line);margin-top:18px}
nav div{max-width:1180px;margin:0 auto;padding:9px 28px;display:flex;gap:4px 20px;flex-wrap:wrap;font-size:.88rem}
nav a{color:var(--muted);text-decoration:none}
nav a:hover,nav a:focus{color:var(--ink);text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:24px 26px;margin:22px 0;scroll-margin-top:58px}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0 4px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 18px;min-width:128px}
.tile b{display:block;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;font-variant-numeric:tabular-nums}
.tile.main{background:var(--series-1);border-color:var(--series-1);color:#fff}
.tile.main span{color:#fffd}
@media (prefers-color-scheme:dark){.tile.main{color:#0e141c}.tile.main span{color:#0e141cd0}}
.tile span{color:var(--muted);font-size:.84rem}
figure{margin:0;min-width:0;position:relative}
figure svg{display:block;width:100%;height:auto}
figcaption{font-size:.86rem;margin:2px 4px 8px}
.grid{display:grid;gap:16px 22px;grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr))}
.grid.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr))}
.wide{max-width:860px}
.half{max-width:600px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:6px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--muted);font-weight:600}
td.text,th.text{text-align:left}
td.wrap{white-space:normal;min-width:150px}
tbody tr:hover{background:var(--soft)}
tr.winner td{font-weight:650}
tr.winner td:first-child{box-shadow:inset 3px 0 0 var(--accent)}
.better{color:var(--good);font-weight:600}.worse{color:var(--poor);font-weight:600}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
pre{background:var(--soft);border-radius:8px;padding:12px 14px;overflow-x:auto;margin:0 0 14px;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 22px;margin:0;font-size:.92rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
ol.steps{list-style:none;margin:0;padding:0;counter-reset:step}
ol.steps li{counter-increment:step;position:relative;padding:0 0 14px 44px;max-width:84ch}
ol.steps li::before{content:counter(step);position:absolute;left:0;top:1px;width:26px;height:26px;border-radius:50%;background:var(--soft);color:var(--muted);font-size:.82rem;font-weight:650;display:grid;place-items:center}
ol.steps li:not(:last-child)::after{content:"";position:absolute;left:12.5px;top:31px;bottom:3px;width:1px;background:var(--line)}
ol.steps b{margin-right:8px}
ol.steps time{color:var(--muted);font-size:.84rem}
.choice{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:.9rem}
.choice>div{flex:0 0 100%}.choice .view{display:none}
.choice>label{cursor:pointer;color:var(--muted);margin-left:-12px}
.choice>input:checked+label{color:var(--ink)}
.choice>input{accent-color:var(--series-1);margin:0;align-self:center}
.choice>input:nth-of-type(1):checked~div:nth-of-type(2),.choice>input:nth-of-type(2):checked~div:nth-of-type(1){display:none}
.controls{display:flex;flex-wrap:wrap;gap:10px;align-items:center;margin:0 0 10px;font-size:.9rem}
.controls input,.controls select,.controls button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:5px 10px}
.controls input{min-width:300px}
.controls button{cursor:pointer}.controls button:disabled{opacity:.4;cursor:default}
.controls .gap{flex:1}
[hidden]{display:none!important}
#trial-table th{cursor:pointer;user-select:none;position:sticky;top:0;background:var(--card)}
#trial-table th:hover{color:var(--ink)}
#trial-table th[aria-sort=ascending]::after{content:" ▲";font-size:.7em}
#trial-table th[aria-sort=descending]::after{content:" ▼";font-size:.7em}
#tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--page);border-radius:7px;padding:4px 9px;font-size:.82rem;white-space:pre;display:none;z-index:9}
[data-p]{cursor:crosshair}
footer{max-width:1180px;margin:0 auto;padding:6px 28px 48px;color:var(--muted);font-size:.85rem}
@media print{body{font-size:10.5pt}nav,.controls,#tip,.choice>input,.choice>label{display:none!important}.choice>div,.choice .view{display:block!important}section{border:0;padding:6px 0;break-inside:auto}figure,table,ol.steps li,.tile{break-inside:avoid}main,header.top{padding:0;max-width:none}.tile.main{color:var(--ink);background:none}.tile.main span{color:var(--muted)}}
@media (max-width:560px){main,header.top,nav div,footer{padding-left:14px;padding-right:14px}section{padding:18px 14px}dl{grid-template-columns:1fr}dt{margin-top:6px}}
`;
