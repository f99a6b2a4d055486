'use client'

import { useEffect, useState } from 'react'
import { resolveEnv } from 'tautline/env'

/** What the browser knows of the environment that the page was built in. */
export function Settings() {
  const [settings, setSettings] = useState('')
  useEffect(() => setSettings(JSON.stringify(resolveEnv())), [])
  return <p data-settings={settings} />
}
