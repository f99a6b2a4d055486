//! What the core wants done, and what the application hears.

use crate::channel::ChannelId;
use crate::error::Code;
use crate::host::{Frame, Host};
use crate::input::TokenWhy;
use crate::time::Duration;

/// An order to the driver. In order; each is carried out before the next.
pub enum Output<H: Host> {
    /// Ask the URL and token functions; answer with `handle_resolved`.
    Resolve {
        /// To be named in the answer.
        attempt: u32,
        /// Why the token is asked for.
        why: TokenWhy,
    },
    /// Open a socket.
    Open {
        /// Its generation number, to be named in its events.
        socket: u32,
        /// Where to.
        url: H::Text,
        /// Subprotocols to offer.
        subprotocols: Subprotocols<H>,
    },
    /// Send a frame.
    Send {
        /// Over which socket.
        socket: u32,
        /// What.
        frame: Frame<H>,
    },
    /// Close a socket.
    Close {
        /// Which.
        socket: u32,
        /// 1000 or 3000–4999: browsers allow no other.
        code: u16,
        /// The application's words to it, if any.
        reason: Option<H::Text>,
        /// Whether to go on reporting its events; otherwise forget it now.
        listen: bool,
    },
    /// Tell the application.
    Emit(H::Emitted),
}

/// What a socket offers to speak.
pub enum Subprotocols<H: Host> {
    /// What the protocol is called, if it has a name.
    Own(Option<&'static str>),
    /// What the application said, as it said it.
    Given(H::Json),
}

/// The connection as applications see it: six states, made from the inner ones in one place (connection/mod.rs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PublicState {
    /// `connect` was not called yet.
    Idle = 0,
    /// The first attempt is under way.
    Connecting = 1,
    /// Messages flow.
    Connected = 2,
    /// The line was lost, or the first attempt failed; the client goes on trying.
    Reconnecting = 3,
    /// Closed by the application.
    Closed = 4,
    /// The server does not want us; only another `connect` tries again.
    Failed = 5,
}

/// Something the application hears.
pub enum Event<H: Host> {
    /// The public state or its cause changed.
    StateChanged {
        /// The new state.
        state: PublicState,
        /// Why, where there is a reason.
        cause: Option<Code>,
        /// The time until the next attempt, when waiting for one.
        retry: Option<Duration>,
    },
    /// The server welcomed us.
    Welcomed {
        /// Whether it still knew our session.
        resumed: bool,
        /// What it said, if anything.
        frame: Option<H::Json>,
    },
    /// The server took a token.
    TokenAccepted {
        /// How long it holds.
        expires: Option<Duration>,
    },
    /// A subscription stands.
    Subscribed {
        /// Where.
        channel: ChannelId,
        /// Whether anything may have been missed since the last one.
        recovered: Recovered,
        /// How many missed messages will follow.
        replay: u64,
        /// The epoch, quoted.
        epoch: H::Text,
        /// The position after which messages follow.
        offset: u64,
    },
    /// A subscription, or something else in the channel, was refused.
    ChannelRefused {
        /// Where.
        channel: ChannelId,
        /// Why.
        code: Code,
        /// What the server said.
        detail: Option<H::Json>,
    },
    /// Messages after `held` and before `next` may be missing.
    Gap {
        /// Where; `None`: in the one sequence of the whole connection.
        channel: Option<ChannelId>,
        /// The last offset we have.
        held: u64,
        /// The offset that comes next.
        next: u64,
    },
    /// A message.
    Message {
        /// Where.
        channel: ChannelId,
        /// Its place.
        offset: u64,
        /// Whether it was missed and came late.
        replayed: bool,
        /// The frame that holds it.
        frame: H::Json,
    },
    /// A passing word.
    Signal {
        /// Where.
        channel: Option<ChannelId>,
        /// The frame that holds it.
        frame: H::Json,
    },
    /// Who is typing now: all of them.
    Typing {
        /// Where.
        channel: ChannelId,
        /// Member ids.
        members: Vec<H::Text>,
    },
    /// Who came, changed and went.
    Presence {
        /// Where.
        channel: ChannelId,
        /// New members.
        joined: Vec<H::Json>,
        /// Members with a new state.
        updated: Vec<H::Json>,
        /// Members that are gone.
        left: Vec<H::Json>,
    },
    /// A message went over the socket.
    Sent {
        /// Which.
        id: u64,
        /// Whether that is all that anyone will say about it.
        settled: bool,
    },
    /// A message is in the history.
    Acked {
        /// Which.
        id: u64,
        /// Its place.
        offset: u64,
        /// The frame that says so, and when.
        frame: H::Json,
    },
    /// A message is back in the queue: its connection was lost, or the server held it back.
    Requeued {
        /// Which.
        id: u64,
    },
    /// A message will not be delivered.
    SendFailed {
        /// Which.
        id: u64,
        /// Why.
        code: Code,
        /// Whether it was sent once, so that it may have arrived all the same.
        attempted: bool,
        /// More about it.
        detail: Detail<H>,
    },
    /// A request was answered.
    Replied {
        /// Which.
        id: u64,
        /// With what.
        payload: Option<H::Json>,
    },
    /// A request failed.
    RequestFailed {
        /// Which.
        id: u64,
        /// Why.
        code: Code,
        /// What the server said.
        detail: Option<H::Json>,
    },
    /// Something went wrong that belongs to no call.
    Problem {
        /// What.
        code: Code,
        /// What the server said.
        detail: Option<H::Json>,
    },
    /// A heartbeat came back.
    Latency(Duration),
    /// After `close`: the server closed too, or took too long.
    Parted,
}

/// More about a failed message.
pub enum Detail<H: Host> {
    /// Nothing.
    None,
    /// It was too large.
    Sizes {
        /// What was allowed, in bytes.
        limit: u64,
        /// What it had.
        size: u64,
    },
    /// What the server said.
    Said(H::Json),
}

/// How a subscription joined on to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Recovered {
    /// Messages may be missing.
    No = 0,
    /// Nothing was missed.
    Yes = 1,
    /// There was none before.
    First = 2,
}
