import { execFileSync } from 'node:child_process'
import { defineConfig } from '@playwright/test'

/** Names under which systems install Chromium or Chrome. */
const BROWSERS = ['chromium', 'google-chrome', 'chrome', 'chromium-browser']

function browser(): string {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH
  for (const name of BROWSERS) {
    try {
      return execFileSync('which', [name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim()
    } catch {
      // Not under this name.
    }
  }
  throw new Error('no browser: run `cargo xtask install`, or set CHROME_PATH')
}

export default defineConfig({
  testDir: 'specs',
  outputDir: '../../test-results',
  // Every test has its own relay, proxy and pages.
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  // Far more than any condition needs, even on a busy machine.
  expect: { timeout: 20_000 },
  forbidOnly: true,
  // A shared machine may stall a browser for longer than that; a test that needs its second try is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: browser(),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
