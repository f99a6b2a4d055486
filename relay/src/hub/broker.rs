//! The wall between what one relay knows alone (connections, the protocol) and what all relays know together (sessions'
//! answers, channels, history, presence).
//!
//! In: a hub's [`Command`]s. Out: [`Event`]s. A broker in memory answers at once; one outside, such as Redis, answers later
//! or says that it cannot. Either way a connection has at most one question open, so its frames are handled in order.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::connection::ConnectionId;
use super::draft::Draft;
use super::frame::Frame;
use super::refusal::Refusal;
use super::session::SessionKey;
use super::stats::Limit;

/// A place in a channel's order of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Which numbering: random, new whenever the channel's memory was lost.
    pub epoch: Arc<str>,
    /// The number of the message in it, counting up by one from 1; 0 stands before the first.
    pub offset: u64,
}

/// Names one of the server's own publishes, so that its answer finds its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A message on its way into a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Where to.
    pub channel: Arc<str>,
    /// The message.
    pub draft: Draft,
    /// When it came, in ms since 1970.
    pub time_ms: u64,
}

/// What the hub thinks of a publish that is not settled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// To be published.
    Publish(Publication),
    /// Refused for good, with this frame.
    Refuse(Frame),
}

/// The answer to a publish, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is in the history.
    Published {
        /// In which channel.
        channel: Arc<str>,
        /// Where.
        position: Position,
        /// Since when, in ms since 1970.
        time_ms: u64,
    },
    /// It was refused for good, with this frame.
    Refused(Frame),
}

/// What became of a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is settled now.
    Fresh(Settlement),
    /// It was settled before, in this way.
    Again(Settlement),
    /// It was settled before, and how is not known any more.
    Forgotten,
    /// A newer connection of the session has taken over: this one may not publish any more.
    Replaced,
    /// Not settled: come again.
    Refused(Refusal),
}

/// How a channel stands at the moment somebody begins to listen.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The channel's epoch.
    pub epoch: Arc<str>,
    /// The replay starts after this offset.
    pub offset: u64,
    /// The offset of the last message.
    pub latest: u64,
    /// Whether nothing is missing between the position asked for and the replay.
    pub recovered: bool,
    /// The members as a JSON array, if asked for.
    pub members: Option<Box<RawValue>>,
    /// The messages from `offset` + 1 to `latest`.
    pub replay: Vec<Frame>,
    /// What was said in the channel since: messages after `latest`, changes of presence.
    pub since: Vec<Frame>,
}

/// Kept messages, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The channel's epoch.
    pub epoch: Arc<str>,
    /// The messages.
    pub messages: Vec<Frame>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Which kept messages a client asks for: the newest `limit` before the offset `before`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// How many at most, 1 to 1,000.
    pub limit: usize,
    /// Before which offset; before none, the newest.
    pub before: Option<u64>,
}

/// What the hub asks of the broker. Those that are answered say by which event.
#[derive(Clone, Debug)]
pub enum Command {
    /// A connection carries this session from now on, and no older one does. [`Event::Attached`].
    Attach {
        /// Which connection.
        connection: ConnectionId,
        /// Which session.
        session: SessionKey,
    },
    /// The connection is gone.
    Detach {
        /// Which connection.
        connection: ConnectionId,
        /// Which session.
        session: SessionKey,
    },
    /// Settles a publish, unless its id is settled already. [`Event::Settled`].
    Settle {
        /// From which connection it came.
        connection: ConnectionId,
        /// By which session.
        session: SessionKey,
        /// The session's number for it.
        id: u64,
        /// What is to become of it.
        verdict: Verdict,
    },
    /// Publishes on the server's own account. [`Event::Published`].
    Publish {
        /// Names this publish in its answer.
        ticket: Ticket,
        /// By which it counts once, however often it comes.
        once: Option<SessionKey>,
        /// The message.
        publication: Publication,
    },
    /// A connection begins to listen. [`Event::Subscribed`]; from then on the channel's events come.
    Subscribe {
        /// Who.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// The last position it has.
        position: Option<Position>,
        /// Whether the snapshot is to have the members.
        presence: bool,
    },
    /// Nobody listens to the channel any more: its events need not come.
    Desert {
        /// Which one.
        channel: Arc<str>,
    },
    /// A passing word to all who listen.
    Signal {
        /// Where.
        channel: Arc<str>,
        /// What.
        frame: Frame,
        /// Who does not get it.
        except: ConnectionId,
    },
    /// A member is present with this state. [`Event::TrackRefused`] if there is no room.
    Track {
        /// The connection that speaks for it.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// Its public name.
        member: Arc<str>,
        /// Its user.
        user: Option<Arc<str>>,
        /// Its state, kept as text: two states are equal when their bytes are.
        state: Box<RawValue>,
    },
    /// A member goes, if this connection speaks for it or nobody does.
    Leave {
        /// The connection.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// Its public name.
        member: Arc<str>,
    },
    /// The connection that speaks for a member dropped: it stays for the grace time.
    Fade {
        /// The connection.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// Its public name.
        member: Arc<str>,
    },
    /// Reads kept messages. [`Event::History`].
    History {
        /// For whom.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// Which.
        query: HistoryQuery,
    },
    /// Reads the members. [`Event::Members`].
    Members {
        /// For whom.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
    },
}

/// What the broker says.
#[derive(Clone, Debug)]
pub enum Event {
    /// The answer to [`Command::Attach`].
    Attached {
        /// Which connection.
        connection: ConnectionId,
        /// Which session.
        session: SessionKey,
        /// What is known of the session, or why it cannot be attached.
        result: Result<Attached, Refusal>,
    },
    /// A newer connection of its session has taken over, here or elsewhere.
    Replaced {
        /// The older one.
        connection: ConnectionId,
    },
    /// The answer to [`Command::Settle`].
    Settled {
        /// From which connection it came.
        connection: ConnectionId,
        /// The session's number for it.
        id: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// The answer to [`Command::Publish`].
    Published {
        /// Which publish.
        ticket: Ticket,
        /// Where it is now, or why it is not.
        result: Result<Position, Refusal>,
    },
    /// The answer to [`Command::Subscribe`].
    Subscribed {
        /// Who.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// How the channel stands, or why it cannot be said.
        result: Result<Snapshot, Refusal>,
    },
    /// The answer to [`Command::History`].
    History {
        /// For whom.
        connection: ConnectionId,
        /// The messages, or why there are none.
        result: Result<Page, Refusal>,
    },
    /// The answer to [`Command::Members`].
    Members {
        /// For whom.
        connection: ConnectionId,
        /// The members as a JSON array, or why there is none.
        result: Result<Box<RawValue>, Refusal>,
    },
    /// The answer to a [`Command::Track`] that does not fit.
    TrackRefused {
        /// Who.
        connection: ConnectionId,
        /// Where.
        channel: Arc<str>,
        /// Why.
        refusal: Refusal,
    },
    /// A message. Those of a channel come in the order of their offsets, none missing, none twice.
    Message {
        /// Where.
        channel: Arc<str>,
        /// What.
        frame: Frame,
    },
    /// A passing word.
    Signal {
        /// Where.
        channel: Arc<str>,
        /// What.
        frame: Frame,
        /// Who does not get it.
        except: Option<ConnectionId>,
    },
    /// A change of presence.
    Presence {
        /// Where.
        channel: Arc<str>,
        /// What.
        frame: Frame,
    },
    /// The numbering of a channel went on under another epoch, or messages were lost to all who listen: where it stands
    /// now, for somebody who had everything until then.
    Renewed {
        /// Where.
        channel: Arc<str>,
        /// How it stands.
        snapshot: Snapshot,
    },
    /// A limit was met.
    LimitMet {
        /// Which one.
        limit: Limit,
        /// How often.
        times: u64,
    },
}

impl Event {
    /// The connection that has waited for this event.
    pub fn answers(&self) -> Option<ConnectionId> {
        match self {
            Self::Attached { connection, .. }
            | Self::Settled { connection, .. }
            | Self::Subscribed { connection, .. }
            | Self::History { connection, .. }
            | Self::Members { connection, .. } => Some(*connection),
            Self::Replaced { .. }
            | Self::Published { .. }
            | Self::TrackRefused { .. }
            | Self::Message { .. }
            | Self::Signal { .. }
            | Self::Presence { .. }
            | Self::Renewed { .. }
            | Self::LimitMet { .. } => None,
        }
    }
}

/// What is known of a session that is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Whether it was known before.
    pub resumed: bool,
    /// The highest id it has settled.
    pub settled: Option<u64>,
}
