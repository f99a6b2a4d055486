//! What the world can tell the core.

use crate::host::Host;

/// What happened to a socket. The browser's `error` event carries nothing and is left out.
pub enum SocketEvent<H: Host> {
    /// It is open.
    Opened,
    /// A frame came, its header read.
    Frame {
        /// The header in integers.
        header: crate::host::Header,
        /// The parsed frame, or the bytes of one without a header.
        body: H::Json,
        /// Its size on the wire, in bytes or characters.
        size: usize,
    },
    /// It is closed; the code is missing when the line was cut.
    Closed {
        /// The close code, unless it is 1005 or 1006, which mean that none came.
        code: Option<u16>,
    },
}

/// The answer of the URL and token functions. `None` where one was not asked or gave nothing.
pub struct Endpoint<H: Host> {
    /// Where to connect to.
    pub url: Option<H::Text>,
    /// The token.
    pub token: Option<H::Text>,
    /// A list of subprotocols that the application offers itself, in the place of the protocol's own.
    pub subprotocols: Option<H::Json>,
}

/// Why the token function is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenWhy {
    /// For a new connection.
    Connect = 0,
    /// For a new connection that goes on with the session of the last one.
    Resume = 1,
    /// The token of the living connection expires soon.
    Refresh = 2,
    /// The server refused the last one.
    Refused = 3,
}

/// What the browser says of the network. Hints, not truths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// It may be back: a reason to try now.
    Online,
    /// It may be gone: a reason to probe, not to drop.
    Offline,
}

/// What happened to the page. Each may come twice or out of order; that is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEvent {
    /// It can be seen.
    Visible,
    /// It will be frozen, or kept in the back-forward cache, or is gone: its socket will die without a word.
    Left,
    /// It is back from there.
    Returned,
}
