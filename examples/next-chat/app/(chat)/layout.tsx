import { redirect } from 'next/navigation'
import type { ReactElement, ReactNode } from 'react'
import { auth, signOut } from '@/auth'
import { Lobby } from '@/components/Lobby'
import { Realtime } from '@/components/Realtime'
import { Sidebar } from '@/components/Sidebar'

/** Everything behind the sign-in: one connection for all of its pages. */
export default async function ChatLayout({ children }: { readonly children: ReactNode }): Promise<ReactElement> {
  const session = await auth()
  if (!session) redirect('/signin')
  return (
    <Realtime url={process.env.TAUTLINE_URL ?? ''} user={session.user}>
      <Lobby>
        <div className="frame">
          <a className="skip" href="#message">
            Skip to the message field
          </a>
          <Sidebar
            signOut={async () => {
              'use server'
              await signOut()
            }}
          />
          {children}
        </div>
      </Lobby>
    </Realtime>
  )
}
