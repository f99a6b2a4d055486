import { useEffect } from 'react'

const PLAIN = document.title

/** Shows unread messages in the page's title. */
export function useTitle(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${PLAIN}` : PLAIN
    return () => {
      document.title = PLAIN
    }
  }, [unread])
}
