import type { Metadata, Viewport } from 'next'
import type { ReactElement, ReactNode } from 'react'
import 'tautline/react/ui.css'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/signin.css'
import '@/styles/frame.css'
import '@/styles/sidebar.css'
import '@/styles/conversation.css'
import '@/styles/message.css'
import '@/styles/notifications.css'

export const metadata: Metadata = {
  title: { default: 'Quay', template: '%s · Quay' },
  description: 'A chat that loses nothing: an example of Tautline in Next.js.',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f3ec' },
    { media: '(prefers-color-scheme: dark)', color: '#13151b' },
  ],
}

export default function Layout({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
