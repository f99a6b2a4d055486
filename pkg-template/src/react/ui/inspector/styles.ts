/** How the panel looks. It brings its own stylesheet, in a way that also strict content policies allow. */

const CSS = `
[data-tautline='inspector'] {
  --ground: #ffffff;
  --ink: #1e293b;
  --quiet: #526077;
  --line: #94a3b8;
  --accent: #1d4ed8;
  --on-accent: #ffffff;
  color-scheme: light;
  position: fixed;
  z-index: 2147483000;
  right: 0;
  bottom: 0;
  box-sizing: border-box;
  width: min(30rem, 100vw);
  max-height: min(44rem, 85vh);
  overflow: auto;
  overscroll-behavior: contain;
  padding: 0 1rem 1rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem 0 0 0;
  background: var(--ground);
  color: var(--ink);
  font: 400 13px/1.45 system-ui, sans-serif;
  text-align: left;
}
@media (prefers-color-scheme: dark) {
  [data-tautline='inspector'] {
    --ground: #0f172a;
    --ink: #e2e8f0;
    --quiet: #a3b1c6;
    --line: #64748b;
    --accent: #93c5fd;
    --on-accent: #0f172a;
    color-scheme: dark;
  }
}
[data-theme='light'] [data-tautline='inspector'] {
  --ground: #ffffff;
  --ink: #1e293b;
  --quiet: #526077;
  --line: #94a3b8;
  --accent: #1d4ed8;
  --on-accent: #ffffff;
  color-scheme: light;
}
[data-theme='dark'] [data-tautline='inspector'] {
  --ground: #0f172a;
  --ink: #e2e8f0;
  --quiet: #a3b1c6;
  --line: #64748b;
  --accent: #93c5fd;
  --on-accent: #0f172a;
  color-scheme: dark;
}
[data-tautline='inspector'] :is(h2, h3, p, dl, dd, ol, table) {
  margin: 0;
  padding: 0;
  font-size: inherit;
}
[data-tautline='inspector'] header {
  position: sticky;
  z-index: 1;
  top: 0;
  display: flex;
  align-items: center;
  gap: 0.5rem;
  margin: 0 -1rem;
  padding: 0.6rem 1rem;
  border-bottom: 1px solid var(--line);
  background: var(--ground);
}
[data-tautline='inspector'] h2 {
  flex: 1;
  font-weight: 650;
}
[data-tautline='inspector'] h3 {
  margin: 1rem 0 0.4rem;
  font-weight: 650;
}
[data-tautline='inspector'] button {
  min-height: 28px;
  padding: 0 0.7em;
  border: 1px solid var(--line);
  border-radius: 0.35em;
  background: var(--ground);
  color: inherit;
  font: inherit;
  cursor: pointer;
}
[data-tautline='inspector'] button:disabled {
  color: var(--quiet);
  cursor: default;
}
[data-tautline='inspector'] button[aria-pressed='true'] {
  background: var(--accent);
  color: var(--on-accent);
}
[data-tautline='inspector'] :focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 1px;
}
[data-tautline='inspector'] dl > div {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0 1rem;
}
[data-tautline='inspector'] :is(dt, caption, th) {
  color: var(--quiet);
}
[data-tautline='inspector'] :is(dd, td, code, li) {
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
[data-tautline='inspector'] ol {
  list-style: none;
}
[data-tautline='inspector'] summary {
  cursor: pointer;
}
[data-tautline='inspector'] [data-part='actions'] {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem;
  margin: 0.5rem 0;
}
[data-tautline='inspector'] [data-part='frames'] {
  max-height: 16rem;
  overflow: auto;
}
[data-tautline='inspector'] [data-part='events'] {
  max-height: 9rem;
  overflow: auto;
}
[data-tautline='inspector'] table {
  width: 100%;
  border-collapse: collapse;
}
[data-tautline='inspector'] :is(th, td) {
  padding: 0.1rem 0.5rem 0.1rem 0;
  font-weight: 400;
  text-align: left;
  vertical-align: top;
}
[data-tautline='inspector'] :is(th, td):last-child {
  padding-right: 0;
  text-align: right;
}
[data-tautline='inspector'] caption {
  text-align: left;
}
[data-tautline='inspector'] code {
  font: 12px/1.4 ui-monospace, monospace;
}
[data-tautline='inspector'] textarea {
  box-sizing: border-box;
  width: 100%;
  border: 1px solid var(--line);
  background: transparent;
  color: inherit;
  font: 12px/1.4 ui-monospace, monospace;
}
[data-tautline='inspector'] svg {
  display: block;
  width: 100%;
  max-width: 22rem;
  margin: 0 auto 0.5rem;
  overflow: visible;
}
[data-tautline='inspector'] svg text {
  fill: var(--ink);
  font-size: 11px;
}
[data-tautline='inspector'] :is([data-state] text, [data-note]) {
  text-anchor: middle;
}
[data-tautline='inspector'] [data-state] rect {
  fill: var(--ground);
  stroke: var(--line);
}
[data-tautline='inspector'] [data-now] rect {
  fill: var(--accent);
  stroke: var(--accent);
}
[data-tautline='inspector'] [data-now] text {
  fill: var(--on-accent);
  font-weight: 650;
}
[data-tautline='inspector'] :is([data-way], [data-floor]) {
  fill: none;
  stroke: var(--line);
}
[data-tautline='inspector'] marker path {
  fill: var(--line);
}
[data-tautline='inspector'] polyline {
  fill: none;
  stroke: var(--accent);
  stroke-width: 1.5;
}
[data-tautline='inspector'] circle {
  fill: var(--accent);
}
`

/** Puts the stylesheet on, until the result is called. */
export function wear(): () => void {
  if (!('adoptedStyleSheets' in document)) return () => {}
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((worn) => worn !== sheet)
  }
}
