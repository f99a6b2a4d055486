'use client'

import { type ReactElement, useActionState } from 'react'

interface Props {
  /** Signs in; resolves to what is wrong with the name. */
  readonly action: (before: string, form: FormData) => Promise<string>
}

export function SignInForm({ action }: Props): ReactElement {
  const [problem, submit, busy] = useActionState(action, '')
  return (
    <form action={submit} className="signin-form">
      <label htmlFor="name">Your name</label>
      <input id="name" name="name" required maxLength={24} autoComplete="nickname" autoFocus aria-describedby="problem" />
      <p id="problem" role="alert">
        {problem}
      </p>
      <button type="submit" className="button primary" disabled={busy}>
        Come in
      </button>
    </form>
  )
}
