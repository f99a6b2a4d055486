/** Light or dark: the system's wish, until the reader says otherwise. */
import { Store } from './store.ts'

export type Theme = 'light' | 'dark'

const KEY = 'tautline-demo:theme'
const system = window.matchMedia('(prefers-color-scheme: dark)')

export const theme = new Store<Theme>(chosen() ?? wished())

export function startTheme(): void {
  theme.subscribe(apply)
  system.addEventListener('change', () => {
    if (!chosen()) theme.set(wished())
  })
  apply()
}

export function toggleTheme(): void {
  const next = theme.get() === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Then it holds until the reload.
  }
  theme.set(next)
}

function apply(): void {
  document.documentElement.dataset['theme'] = theme.get()
  const background = getComputedStyle(document.documentElement).getPropertyValue('background-color')
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = background
}

function chosen(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : undefined
  } catch {
    return undefined
  }
}

function wished(): Theme {
  return system.matches ? 'dark' : 'light'
}
