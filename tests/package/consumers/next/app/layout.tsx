import type { ReactNode } from 'react'
import { TautlineProvider } from 'tautline/react'
import { ConnectionStatus } from 'tautline/react/ui'
import { Provided } from './provided'

// A server component renders the provider itself: its properties are data.
export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <TautlineProvider url="/ws" protocol="rooms" connect={false}>
          <Provided />
          <ConnectionStatus />
          {children}
        </TautlineProvider>
      </body>
    </html>
  )
}
