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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { epoch: "e".into(), offset }
    }

    fn frame(offset: u64) -> Frame {
        Frame::text(offset.to_string())
    }

    fn standing(offset: u64, latest: u64, changes: u64) -> Option<Standing> {
        let replay = (offset + 1..=latest).map(frame).collect();
        let snapshot =
            Snapshot { epoch: "e".into(), offset, latest, recovered: true, members: None, replay, since: Vec::new() };
        Some(Standing { snapshot, changes })
    }

    fn join(connection: u64) -> Join {
        Join { connection: ConnectionId(connection), position: None, presence: true }
    }

    /// What the steps are, in short: messages by their text, the rest by their name.
    fn shown(steps: Vec<Step>) -> Vec<String> {
        let text = |frame: &Frame| match frame {
            Frame::Text(text) => text.to_string(),
            Frame::Binary(_) => "bytes".into(),
        };
        let show = |step| match step {
            Step::Tell(Event::Message { frame, .. } | Event::Presence { frame, .. }) => text(&frame),
            Step::Tell(Event::Subscribed { connection, result: Ok(snapshot), .. }) => {
                let since: Vec<_> = snapshot.since.iter().map(text).collect();
                format!("joined {} at {} [{}]", connection.0, snapshot.latest, since.join(" "))
            }
            Step::Tell(Event::Renewed { snapshot, .. }) => format!("renewed at {}", snapshot.offset),
            Step::Tell(event) => panic!("{event:?}"),
            Step::Subscribe => "subscribe".into(),
            Step::Unsubscribe => "unsubscribe".into(),
            Step::Ask(join) => format!("ask {}", join.connection.0),
            Step::CatchUp(position) => format!("catch up from {}", position.offset),
            Step::Fail(join) => format!("fail {}", join.connection.0),
            Step::Forget => "forget".into(),
        };
        steps.into_iter().map(show).collect()
    }

    /// One listener that has joined at this offset.
    fn live(offset: u64) -> Replica {
        let mut replica = Replica::new("c".into());
        assert_eq!(shown(replica.join(join(1))), ["subscribe"]);
        assert_eq!(shown(replica.subscribed()), ["ask 1"]);
        assert_eq!(shown(replica.asked(join(1), standing(offset, offset, 0))), [format!("joined 1 at {offset} []")]);
        replica
    }

    #[test]
    fn nobody_is_asked_for_before_the_fanout_is_on() {
        let mut replica = Replica::new("c".into());
        assert_eq!(shown(replica.join(join(1))), ["subscribe"]);
        assert!(replica.join(join(2)).is_empty());
        assert_eq!(shown(replica.subscribed()), ["ask 1", "ask 2"]);
        assert_eq!(shown(replica.join(join(3))), ["ask 3"]);
    }

    #[test]
    fn what_comes_between_the_question_and_its_answer_is_neither_missed_nor_doubled() {
        let mut replica = live(4);
        assert_eq!(shown(replica.join(join(2))), ["ask 2"]);
        assert_eq!(shown(replica.message(at(5), frame(5))), ["5"]);
        assert_eq!(shown(replica.presence(1, frame(100))), ["100"]);
        assert_eq!(shown(replica.message(at(6), frame(6))), ["6"]);
        assert_eq!(shown(replica.asked(join(2), standing(5, 5, 0))), ["joined 2 at 5 [100 6]"]);
        assert_eq!(shown(replica.message(at(7), frame(7))), ["7"]);
        assert!(replica.message(at(7), frame(7)).is_empty());
    }

    #[test]
    fn the_first_listener_gets_what_came_meanwhile_and_the_channel_stands_after_it() {
        let mut replica = Replica::new("c".into());
        replica.join(join(1));
        replica.subscribed();
        assert!(replica.message(at(5), frame(5)).is_empty() && replica.message(at(6), frame(6)).is_empty());
        assert_eq!(shown(replica.asked(join(1), standing(5, 5, 0))), ["joined 1 at 5 [6]"]);
        assert_eq!(shown(replica.message(at(7), frame(7))), ["7"]);
    }

    #[test]
    fn a_hole_is_filled_before_anything_else_is_told_and_who_joins_waits_for_it() {
        let mut replica = live(4);
        assert_eq!(shown(replica.message(at(6), frame(6))), ["catch up from 4"]);
        assert!(replica.message(at(7), frame(7)).is_empty() && replica.join(join(2)).is_empty());
        assert_eq!(shown(replica.caught_up(standing(4, 6, 0))), ["5", "6", "7", "ask 2"]);
        assert_eq!(shown(replica.message(at(8), frame(8))), ["8"]);
    }

    #[test]
    fn an_answer_that_knows_more_than_was_fanned_out_is_not_believed_before_the_rest_is_there() {
        let mut replica = live(4);
        replica.join(join(2));
        assert_eq!(shown(replica.asked(join(2), standing(6, 6, 0))), ["fail 2", "catch up from 4"]);
        assert_eq!(shown(replica.caught_up(standing(4, 6, 0))), ["5", "6"]);
        assert!(replica.looked(&at(6), 0).is_empty());
        assert_eq!(shown(replica.looked(&at(7), 0)), ["catch up from 6"]);
    }

    #[test]
    fn after_a_lost_connection_listeners_go_on_where_they_were_and_waiting_ones_are_told() {
        let mut replica = live(4);
        replica.message(at(6), frame(6));
        replica.join(join(2));
        let (stays, steps) = replica.lost();
        assert_eq!((stays, shown(steps)), (true, vec!["fail 2".to_owned()]));
        assert!(replica.message(at(7), frame(7)).is_empty());
        assert_eq!(shown(replica.reopen()), ["subscribe"]);
        assert_eq!(shown(replica.subscribed()), ["catch up from 4"]);
        assert_eq!(shown(replica.caught_up(standing(4, 7, 0))), ["5", "6", "7"]);
    }

    #[test]
    fn changes_of_presence_that_were_missed_or_another_epoch_are_told_as_a_new_standing() {
        let mut replica = live(4);
        assert_eq!(shown(replica.presence(2, frame(100))), ["catch up from 4"]);
        assert_eq!(shown(replica.caught_up(standing(4, 4, 2))), ["renewed at 4"]);
        assert_eq!(shown(replica.presence(3, frame(101))), ["101"]);
        let other = Position { epoch: "f".into(), offset: 5 };
        assert_eq!(shown(replica.message(other, frame(5))), ["catch up from 4"]);
    }

    #[test]
    fn a_deserted_channel_is_left_once_nobody_is_on_the_way_and_can_be_joined_again() {
        let mut replica = live(4);
        replica.join(join(2));
        assert!(replica.desert().is_empty());
        assert_eq!(shown(replica.asked(join(2), None)), ["fail 2", "unsubscribe"]);
        assert!(replica.join(join(3)).is_empty());
        assert_eq!(shown(replica.unsubscribed()), ["subscribe"]);
        assert_eq!(shown(replica.subscribed()), ["ask 3"]);
        assert_eq!(shown(replica.asked(join(3), standing(9, 9, 0))), ["joined 3 at 9 []"]);
        assert_eq!(shown(replica.desert()), ["unsubscribe"]);
        assert_eq!(shown(replica.unsubscribed()), ["forget"]);
    }
}
