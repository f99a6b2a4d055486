declare module '*/ui-page.css'
