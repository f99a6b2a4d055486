import type { NextConfig } from 'next'

const config: NextConfig = {
  // The folder stands inside of another project with a lock file of its own.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
  poweredByHeader: false,
}

export default config
