import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import type { ReactElement } from 'react'
import { auth, signIn } from '@/auth'
import { Mark } from '@/components/Mark'
import { SignInForm } from '@/components/SignInForm'

export const metadata: Metadata = { title: 'Come in' }

export default async function SignIn(): Promise<ReactElement> {
  if (await auth()) redirect('/')
  return (
    <main className="signin">
      <Mark />
      <h1>Come aboard</h1>
      <p>Choose a name. Come in under another one in a private window, and talk to yourself. Then stop the relay, and go on writing.</p>
      <SignInForm
        action={async (_before: string, form: FormData) => {
          'use server'
          return signIn(form)
        }}
      />
    </main>
  )
}
