//! What this relay knows of one channel: where it stands in the fan-out, and who waits to join.
//!
//! Decides whether a message is next, old, or after a hole, and what the channel's new listeners have missed. In: what came
//! from Redis. Out: steps. The order of the connection to Redis is the order of Redis: when the answer to a question is
//! handled, everything that was fanned out before it has been.

use std::sync::Arc;

use crate::hub::{ConnectionId, Event, Frame, Position, Snapshot};

/// Somebody who wants to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) connection: ConnectionId,
    pub(crate) position: Option<Position>,
    pub(crate) presence: bool,
}

/// A channel's state in Redis at one moment, and how many changes of presence there had been.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) snapshot: Snapshot,
    pub(crate) changes: u64,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Step {
    /// Listen to the fan-out.
    Subscribe,
    /// Listen no more.
    Unsubscribe,
    /// Ask how the channel stands for this listener.
    Ask(Join),
    /// Ask what was missed since then.
    CatchUp(Position),
    /// Tell the hub.
    Tell(Event),
    /// This listener cannot join now.
    Fail(Join),
    /// Nothing is to be remembered any more.
    Forget,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fanout {
    Off,
    Opening,
    On,
    Closing,
}

/// Something that came while somebody joined.
#[derive(Debug)]
enum Recent {
    Message(Position, Frame),
    Presence(u64, Frame),
}

#[derive(Debug)]
pub(crate) struct Replica {
    channel: Arc<str>,
    fanout: Fanout,
    /// The last message that was told, once somebody has joined.
    position: Option<Position>,
    /// The last change of presence that was told.
    changes: u64,
    /// Whether what was missed is asked for.
    catching_up: bool,
    /// How many joins are asked for.
    joining: usize,
    waiting: Vec<Join>,
    recent: Vec<Recent>,
    /// Whether nobody listens any more.
    deserted: bool,
}

impl Replica {
    pub(crate) fn new(channel: Arc<str>) -> Self {
        Self {
            channel,
            fanout: Fanout::Off,
            position: None,
            changes: 0,
            catching_up: false,
            joining: 0,
            waiting: Vec::new(),
            recent: Vec::new(),
            deserted: false,
        }
    }

    /// Somebody wants to listen.
    pub(crate) fn join(&mut self, join: Join) -> Vec<Step> {
        self.deserted = false;
        match self.fanout {
            Fanout::On if !self.catching_up => {
                self.joining += 1;
                vec![Step::Ask(join)]
            }
            Fanout::Off => {
                self.waiting.push(join);
                self.fanout = Fanout::Opening;
                vec![Step::Subscribe]
            }
            Fanout::On | Fanout::Opening | Fanout::Closing => {
                self.waiting.push(join);
                Vec::new()
            }
        }
    }

    /// Nobody listens any more.
    pub(crate) fn desert(&mut self) -> Vec<Step> {
        self.deserted = true;
        self.leave_if_deserted()
    }

    fn leave_if_deserted(&mut self) -> Vec<Step> {
        if !self.deserted || self.joining > 0 || self.catching_up || !self.waiting.is_empty() {
            return Vec::new();
        }
        match self.fanout {
            Fanout::On => {
                self.fanout = Fanout::Closing;
                self.position = None;
                vec![Step::Unsubscribe]
            }
            Fanout::Off => vec![Step::Forget],
            Fanout::Opening | Fanout::Closing => Vec::new(),
        }
    }

    /// Whether it can be looked after: nothing is on its way.
    pub(crate) fn is_settled(&self) -> bool {
        self.fanout == Fanout::On && !self.catching_up && self.position.is_some()
    }

    /// The fan-out is on.
    pub(crate) fn subscribed(&mut self) -> Vec<Step> {
        self.fanout = Fanout::On;
        match &self.position {
            Some(position) => {
                self.catching_up = true;
                vec![Step::CatchUp(position.clone())]
            }
            None => self.admit(),
        }
    }

    fn admit(&mut self) -> Vec<Step> {
        let mut steps: Vec<Step> = self.waiting.drain(..).map(Step::Ask).collect();
        self.joining += steps.len();
        steps.extend(self.leave_if_deserted());
        steps
    }

    /// The fan-out is off.
    pub(crate) fn unsubscribed(&mut self) -> Vec<Step> {
        self.fanout = Fanout::Off;
        if self.waiting.is_empty() {
            return vec![Step::Forget];
        }
        self.fanout = Fanout::Opening;
        vec![Step::Subscribe]
    }

    /// The connection to Redis is lost. True if the channel is to be listened to again on the next one.
    pub(crate) fn lost(&mut self) -> (bool, Vec<Step>) {
        self.fanout = Fanout::Off;
        self.catching_up = false;
        self.joining = 0;
        self.recent.clear();
        let failed = self.waiting.drain(..).map(Step::Fail).collect();
        (self.position.is_some() && !self.deserted, failed)
    }

    /// There is a connection again.
    pub(crate) fn reopen(&mut self) -> Vec<Step> {
        if self.fanout != Fanout::Off {
            return Vec::new();
        }
        self.fanout = Fanout::Opening;
        vec![Step::Subscribe]
    }

    /// A message was fanned out.
    pub(crate) fn message(&mut self, position: Position, frame: Frame) -> Vec<Step> {
        if self.fanout != Fanout::On {
            return Vec::new();
        }
        if self.catching_up || self.joining > 0 {
            self.recent.push(Recent::Message(position.clone(), frame.clone()));
        }
        if self.catching_up { Vec::new() } else { self.advance(position, frame) }
    }

    fn advance(&mut self, position: Position, frame: Frame) -> Vec<Step> {
        let Some(held) = &mut self.position else { return Vec::new() };
        if position.epoch == held.epoch && position.offset <= held.offset {
            return Vec::new();
        }
        if position.epoch != held.epoch || position.offset != held.offset + 1 {
            return self.catch_up();
        }
        *held = position;
        vec![Step::Tell(Event::Message { channel: self.channel.clone(), frame })]
    }

    fn catch_up(&mut self) -> Vec<Step> {
        match &self.position {
            Some(position) if !self.catching_up => {
                self.catching_up = true;
                vec![Step::CatchUp(position.clone())]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// A change of presence was fanned out.
    pub(crate) fn presence(&mut self, at: u64, frame: Frame) -> Vec<Step> {
        if self.fanout != Fanout::On {
            return Vec::new();
        }
        if self.catching_up || self.joining > 0 {
            self.recent.push(Recent::Presence(at, frame.clone()));
        }
        if self.catching_up { Vec::new() } else { self.advance_presence(at, frame) }
    }

    fn advance_presence(&mut self, at: u64, frame: Frame) -> Vec<Step> {
        if self.position.is_none() || at <= self.changes {
            return Vec::new();
        }
        if at != self.changes + 1 {
            return self.catch_up();
        }
        self.changes = at;
        vec![Step::Tell(Event::Presence { channel: self.channel.clone(), frame })]
    }

    /// How the channel stands for somebody who joins.
    pub(crate) fn asked(&mut self, join: Join, standing: Option<Standing>) -> Vec<Step> {
        self.joining = self.joining.saturating_sub(1);
        let mut steps = match standing {
            Some(standing) => self.joined(join, standing),
            None => vec![Step::Fail(join)],
        };
        if self.joining == 0 && !self.catching_up {
            self.recent.clear();
        }
        steps.extend(self.leave_if_deserted());
        steps
    }

    fn joined(&mut self, join: Join, Standing { mut snapshot, changes }: Standing) -> Vec<Step> {
        let stands = Position { epoch: snapshot.epoch.clone(), offset: snapshot.latest };
        let behind = self
            .position
            .as_ref()
            .is_some_and(|held| held.epoch != stands.epoch || held.offset < stands.offset || self.changes < changes);
        if self.catching_up || behind {
            let mut steps = vec![Step::Fail(join)];
            steps.extend(self.catch_up());
            return steps;
        }
        let (mut at, mut changes) = (stands, changes);
        for recent in &self.recent {
            match recent {
                Recent::Message(position, frame) if position.epoch == at.epoch && position.offset == at.offset + 1 => {
                    at.offset = position.offset;
                    snapshot.since.push(frame.clone());
                }
                Recent::Presence(number, frame) if *number == changes + 1 => {
                    changes = *number;
                    if join.presence {
                        snapshot.since.push(frame.clone());
                    }
                }
                Recent::Message(..) | Recent::Presence(..) => {}
            }
        }
        if self.position.is_none() {
            self.position = Some(at);
            self.changes = changes;
        }
        let (connection, channel) = (join.connection, self.channel.clone());
        vec![Step::Tell(Event::Subscribed { connection, channel, result: Ok(snapshot) })]
    }

    /// What was missed since the position that was held. Without an answer it stays unknown, and is asked for again when the
    /// channel is looked after.
    pub(crate) fn caught_up(&mut self, standing: Option<Standing>) -> Vec<Step> {
        self.catching_up = false;
        let mut steps = Vec::new();
        if let Some(Standing { snapshot, changes }) = standing {
            let channel = self.channel.clone();
            let held = self.position.replace(Position { epoch: snapshot.epoch.clone(), offset: snapshot.latest });
            let goes_on = held.is_some_and(|held| held.epoch == snapshot.epoch) && snapshot.recovered;
            if goes_on && changes == self.changes {
                let missed = snapshot.replay.into_iter();
                steps.extend(missed.map(|frame| Step::Tell(Event::Message { channel: channel.clone(), frame })));
            } else {
                self.changes = changes;
                steps.push(Step::Tell(Event::Renewed { channel, snapshot }));
            }
            // Those who join still need them.
            let recent = std::mem::take(&mut self.recent);
            for recent in &recent {
                steps.extend(match recent {
                    Recent::Message(position, frame) => self.advance(position.clone(), frame.clone()),
                    Recent::Presence(at, frame) => self.advance_presence(*at, frame.clone()),
                });
            }
            self.recent = recent;
        }
        if self.joining == 0 && !self.catching_up {
            self.recent.clear();
        }
        if !self.catching_up {
            steps.extend(self.admit());
        }
        steps
    }

    /// How the channel stands now, as somebody looked. What is not known of it has been lost on the way.
    pub(crate) fn looked(&mut self, stands: &Position, changes: u64) -> Vec<Step> {
        let current = self
            .position
            .as_ref()
            .is_none_or(|held| held.epoch == stands.epoch && held.offset >= stands.offset && self.changes >= changes);
        if current { Vec::new() } else { self.catch_up() }
    }
}
