import { isTautlineError } from 'tautline'
import { Greeting } from './greeting'
import { Settings } from './settings'

// A server component: what needs no browser works here too.
export default function Page() {
  return (
    <main>
      <p>{isTautlineError(new Error('no')) ? 'wrong' : 'rendered'}</p>
      <Greeting />
      <Settings />
    </main>
  )
}
