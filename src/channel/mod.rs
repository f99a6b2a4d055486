//! The channels the application wants, over all connections.
//!
//! In: wishes, what the server said of each channel, links gained and lost. Out: what to ask the server, what to tell the
//! application. Not here: frames (the protocol), messages to be sent (outbox.rs).

mod presence;
mod recovery;
mod state;
mod typing;

pub(crate) use presence::Changes;
pub(crate) use state::Ask;
pub(crate) use typing::TYPING_TTL;

use crate::host::Host;
use crate::time::{Duration, Instant};
use crate::timer::{Deadline, Timer};
use core::num::NonZeroU32;
use presence::Presence;
use recovery::Recovery;
use state::{State, Step};
use typing::Typing;

/// A channel's number on our side of the wire, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChannelId(NonZeroU32);

impl ChannelId {
    /// The channel with this number; 0 is none.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// Where it stands in the list of all channels.
    const fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The channel at this place in the list.
    pub(crate) const fn at(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }
}

/// Where a reader stands in a channel.
pub struct Position<H: Host> {
    /// Which life of the channel's history, quoted.
    pub epoch: H::Text,
    /// The last message handed on.
    pub offset: u64,
}

/// One channel.
pub(crate) struct Channel<H: Host> {
    state: State,
    pub(crate) wants_presence: bool,
    pub(crate) recovery: Recovery<H>,
    pub(crate) presence: Presence<H>,
    /// Our own presence, to be renewed after each subscription.
    pub(crate) tracked: Option<H::Text>,
    pub(crate) typing: Typing,
}

/// All channels that were ever named.
pub(crate) struct Channels<H: Host> {
    list: Vec<Channel<H>>,
    /// No later than the earliest deadline of them all.
    next_deadline: Deadline,
}

impl<H: Host> Channels<H> {
    pub(crate) const fn new() -> Self {
        Self { list: Vec::new(), next_deadline: Deadline::NEVER }
    }

    /// A channel was named, new or not.
    pub(crate) fn add(&mut self, id: ChannelId) {
        if id.index() == self.list.len() {
            self.list.push(Channel::new());
        }
    }

    #[inline(never)]
    pub(crate) fn get(&self, id: ChannelId) -> Option<&Channel<H>> {
        if H::CHANNELS { self.list.get(id.index()) } else { None }
    }

    #[inline(never)]
    pub(crate) fn get_mut(&mut self, id: ChannelId) -> Option<&mut Channel<H>> {
        if H::CHANNELS { self.list.get_mut(id.index()) } else { None }
    }

    /// The channel, if the application wants it.
    #[inline(never)]
    pub(crate) fn wanted(&mut self, id: ChannelId) -> Option<&mut Channel<H>> {
        self.get_mut(id).filter(|channel| channel.is_wanted())
    }

    /// The channel, if the server gave it to us.
    #[inline(never)]
    pub(crate) fn subscribed(&mut self, id: ChannelId) -> Option<&mut Channel<H>> {
        self.get_mut(id).filter(|channel| channel.is_subscribed())
    }

    /// All ids, oldest first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ChannelId> + use<H> {
        let count = if H::CHANNELS { self.list.len() as u32 } else { 0 };
        (0..count).map(ChannelId::at)
    }

    /// Feeds one step to one channel.
    pub(crate) fn on(&mut self, id: ChannelId, step: Step, now: Instant, patience: Duration) -> Option<Ask> {
        let channel = self.get_mut(id)?;
        let (state, ask) = channel.state.on(step, now, patience);
        channel.state = state;
        self.arm(id);
        ask
    }

    /// A deadline of this channel may have moved.
    pub(crate) fn arm(&mut self, id: ChannelId) {
        if let Some(channel) = self.get(id) {
            self.next_deadline = self.next_deadline.min(channel.deadline());
        }
    }

    /// Whether any channel may have something to do; if so a step is to be fed to all, by which their deadlines are known again.
    pub(crate) fn take_due(&mut self, now: Instant) -> bool {
        let due = self.next_deadline.is_due(now);
        if due {
            self.next_deadline = Deadline::NEVER;
        }
        due
    }

    pub(crate) const fn poll_timeout(&self) -> Deadline {
        self.next_deadline
    }
}

impl<H: Host> Channel<H> {
    fn new() -> Self {
        Self {
            state: State::Idle,
            wants_presence: false,
            recovery: Recovery::new(),
            presence: Presence::new(),
            tracked: None,
            typing: Typing::default(),
        }
    }

    pub(crate) const fn is_subscribed(&self) -> bool {
        matches!(self.state, State::Subscribed)
    }

    /// The server was asked, or has agreed.
    pub(crate) const fn is_asked(&self) -> bool {
        matches!(self.state, State::Subscribing { .. } | State::Subscribed)
    }

    pub(crate) const fn is_wanted(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    fn deadline(&self) -> Deadline {
        let mut deadline = Deadline::new(self.state.deadline(), Timer::RetrySubscribe);
        for until in self.typing.deadlines() {
            deadline = deadline.or(Some(*until), Timer::ExpireTyping);
        }
        deadline
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        *self = Self::new();
    }
}

pub(crate) use state::Step as ChannelStep;
