import { useEffect } from 'react'
import { useTautline } from 'tautline/react'
import { startReporter } from '../model/reporter.ts'
import { startSamples } from '../model/samples.ts'
import { startTransition } from '../model/transition.ts'

/** Writes down what happens on the line, whichever it is. */
export function useLine(): void {
  const client = useTautline()
  useEffect(() => {
    const ends = [startReporter(client), startTransition(client), startSamples(client)]
    return () => {
      for (const end of ends) end()
    }
  }, [client])
}
